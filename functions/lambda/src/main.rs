//! Evaluates the policies, URLs, code, layers and event sources of Lambda functions, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("lambda").await
}
