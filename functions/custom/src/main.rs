//! Evaluates the guardrails that the policy file declares, and starts runbooks. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("custom").await
}
