//! The function of instances and of what new ones begin with: names the families and their client.

use shared::aws::ec2::Ec2;
use shared::families::instance::{EbsEncryption, InstanceMetadata, MetadataDefaults, SerialConsole};
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::serve(vec![
        served(InstanceMetadata, Ec2::new),
        served(EbsEncryption, Ec2::new),
        served(SerialConsole, Ec2::new),
        served(MetadataDefaults, Ec2::new),
    ])
    .await
}
