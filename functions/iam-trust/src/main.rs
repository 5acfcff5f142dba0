//! The function of who is trusted: role trust policies, permissions boundaries and identity providers.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("iam-trust").await
}
