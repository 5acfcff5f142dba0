//! The function of snapshots and images, and of the settings that block their public sharing.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("image-sharing").await
}
