//! Evaluates role trust policies, permissions boundaries and identity providers, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("iam-trust").await
}
