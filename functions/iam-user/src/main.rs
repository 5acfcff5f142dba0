//! The function of what belongs to IAM users.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("iam-user").await
}
