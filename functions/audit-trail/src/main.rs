//! Evaluates trails, event data stores, the configuration recorder, protected log groups and alarms, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("audit-trail").await
}
