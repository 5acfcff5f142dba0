//! An EBS snapshot, and with whom it is shared. For tests (`shared/tests/all/world`).

use crate::world::Living;
use crate::world::both;
use crate::world::fakes::ec2_sharing::{change, lines, read, shared};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::sharing::{Shareable, Shared, SharedRef, SharingAction};
use shared::resources::ec2::snapshot::Snapshots;

impl Living for Snapshots {
    fn change(live: &mut Observed<Shared>, action: &SharingAction) -> Result<(), ApplyError> {
        change(live, action, "InvalidSnapshot.NotFound")
    }

    fn read(live: &Observed<Shared>, key: &SharedRef) -> Observed<Shared> {
        read(live, key)
    }

    /// `DescribeSnapshotAttribute`.
    fn live(value: &Value) -> Observed<Shared> {
        shared(value, Shareable::Snapshot, "SnapshotId", "CreateVolumePermissions")
    }

    fn lines(live: &Observed<Shared>) -> Vec<String> {
        lines(live)
    }

    fn samples() -> Vec<Value> {
        both("unshare", "share", &json!({"what": "snapshot", "id": "snap-1", "grantees": ["everyone"]}))
    }
}
