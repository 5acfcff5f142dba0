//! Evaluates the account's regions, its security contact and its domains, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("account").await
}
