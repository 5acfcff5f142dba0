//! The function of snapshots and images, and of the settings that block their public sharing: names the families and their
//! client.

use shared::aws::ec2::Ec2;
use shared::families::image::Images;
use shared::families::image_block_public_access::ImageBlockPublicAccess;
use shared::families::snapshot::Snapshots;
use shared::families::snapshot_block_public_access::SnapshotBlockPublicAccess;
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::serve(vec![
        served(Snapshots, Ec2::new),
        served(Images, Ec2::new),
        served(SnapshotBlockPublicAccess, Ec2::new),
        served(ImageBlockPublicAccess, Ec2::new),
    ])
    .await
}
