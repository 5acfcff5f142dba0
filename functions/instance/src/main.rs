//! Evaluates IMDS options of instances and the account's defaults for instances and EBS volumes, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("instance").await
}
