//! Evaluates what GuardDuty and AWS Health report of keys, sessions and instances, contains what the policy names, and notifies. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("threat").await
}
