//! Evaluates the organization's policies, accounts and administration, resource shares and Identity Center, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("organization").await
}
