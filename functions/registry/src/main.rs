//! Evaluates the policies of ECR repositories and registries and the sharing of SSM documents and parameters, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("registry").await
}
