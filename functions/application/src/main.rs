//! Evaluates CodeBuild projects, identity pools, notebooks, CloudFront distributions and the sending of messages, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("application").await
}
