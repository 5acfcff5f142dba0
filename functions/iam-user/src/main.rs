//! The function of the family of IAM users: names the family and its client.

use shared::aws::iam::Iam;
use shared::families::iam_user::IamUsers;
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::serve(vec![served(IamUsers, Iam::new)]).await
}
