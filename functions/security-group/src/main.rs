//! The function of the family of security groups: names the family and its client.

use shared::aws::ec2::Ec2;
use shared::families::security_group::SecurityGroups;
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::serve(vec![served(SecurityGroups, Ec2::new)]).await
}
