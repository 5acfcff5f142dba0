//! The function that takes findings back: serves every family, and no event.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::operate::serve(shared::resources::services()).await
}
