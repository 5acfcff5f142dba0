//! Notifies of sign-ins as root or without MFA, of bursts of failed sign-ins, and of root's API calls. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("sign-in").await
}
