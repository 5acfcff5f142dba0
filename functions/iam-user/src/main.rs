//! Evaluates the access keys, passwords and MFA devices of users and root, and the central management of root users, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("iam-user").await
}
