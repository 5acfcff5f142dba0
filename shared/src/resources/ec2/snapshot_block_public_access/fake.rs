//! Block public access for snapshots. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::resources::ec2::SnapshotBlockPublicAccess;
use shared::resources::ec2::block_public_access::Blocking;
use shared::resources::ec2::snapshot_block_public_access::{SnapshotBlock, SnapshotBlockRef};

living!(SnapshotBlockPublicAccess);

impl Fake for SnapshotBlockPublicAccess {
    fn put(block: &mut SnapshotBlock, level: Blocking) {
        block.now = level;
    }

    /// `GetSnapshotBlockPublicAccessState`
    fn answer(value: &Value) -> SnapshotBlock {
        let now = Blocking::read(value["State"].as_str().unwrap()).unwrap();
        let before = SnapshotBlockRef::default().kept;
        SnapshotBlock { now, before, is_declared: value["ManagedBy"] == "declarative-policy" }
    }

    fn line(block: &SnapshotBlock) -> String {
        block.now.to_string()
    }

    fn subject() {}
}
