//! The function of instances and of what new ones begin with.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("instance").await
}
