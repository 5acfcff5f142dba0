//! Evaluates policies and settings of S3 buckets, access points and the account, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("s3").await
}
