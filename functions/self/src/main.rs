//! Evaluates changes to Parapet's own rules, functions, roles, topic, queue, ledger and policy, remediates what it can, and keeps the heartbeat. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("self").await
}
