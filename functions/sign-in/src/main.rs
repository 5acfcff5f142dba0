//! The function of sign-ins and of what root does.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("sign-in").await
}
