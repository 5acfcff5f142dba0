//! Block public access of snapshots and of images.

use super::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::block_public_access::{
    Blocking, ImageBlock, ImageBlockAction, ImageBlockRef, SnapshotBlock, SnapshotBlockAction, SnapshotBlockRef,
};
use shared::resources::ec2::image_block_public_access::ImageBlockPublicAccess;
use shared::resources::ec2::snapshot_block_public_access::SnapshotBlockPublicAccess;

impl Living for SnapshotBlockPublicAccess {
    fn change(live: &mut Observed<SnapshotBlock>, action: &SnapshotBlockAction) -> Result<(), ApplyError> {
        let Observed::Known(block) = live else { panic!("the setting is always there") };
        let SnapshotBlockAction::Set(level) = action;
        block.now = *level;
        Ok(())
    }

    fn read(live: &Observed<SnapshotBlock>, _: &SnapshotBlockRef) -> Observed<SnapshotBlock> {
        live.clone()
    }

    /// `GetSnapshotBlockPublicAccessState`.
    fn live(value: &Value) -> Observed<SnapshotBlock> {
        let now = Blocking::read(value["State"].as_str().unwrap()).unwrap();
        let before = SnapshotBlockRef::default().kept;
        Observed::Known(SnapshotBlock { now, before, is_declared: value["ManagedBy"] == "declarative-policy" })
    }

    fn lines(live: &Observed<SnapshotBlock>) -> Vec<String> {
        live.known().map(|block| block.now.to_string()).into_iter().collect()
    }
}

impl Living for ImageBlockPublicAccess {
    fn change(live: &mut Observed<ImageBlock>, action: &ImageBlockAction) -> Result<(), ApplyError> {
        match live {
            Observed::Known(block) => block.is_blocked = *action == ImageBlockAction::Block,
            // What it will be shows in minutes.
            Observed::Unknown { .. } => {}
            Observed::Absent => panic!("the setting is always there"),
        }
        Ok(())
    }

    fn read(live: &Observed<ImageBlock>, _: &ImageBlockRef) -> Observed<ImageBlock> {
        live.clone()
    }

    /// `GetImageBlockPublicAccessState`.
    fn live(value: &Value) -> Observed<ImageBlock> {
        Observed::Known(ImageBlock {
            is_blocked: value["ImageBlockPublicAccessState"] == "block-new-sharing",
            is_declared: value["ManagedBy"] == "declarative-policy",
        })
    }

    fn lines(live: &Observed<ImageBlock>) -> Vec<String> {
        live.known()
            .map(|block| if block.is_blocked { "block-new-sharing" } else { "unblocked" }.to_owned())
            .into_iter()
            .collect()
    }
}
