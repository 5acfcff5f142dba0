//! Databases: snapshots and who may restore them, and instances.

use super::{Living, not_there};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::database::described;
use shared::resources::database::instance::DbInstances;
use shared::resources::database::instance::state::{DbInstance, InstanceAction, InstanceRef};
use shared::resources::database::snapshot::DbSnapshots;
use shared::resources::database::snapshot::state::{DbSnapshot, Share, SnapshotAction, SnapshotRef};

impl Living for DbSnapshots {
    fn change(live: &mut Observed<DbSnapshot>, action: &SnapshotAction) -> Result<(), ApplyError> {
        let Observed::Known(snapshot) = live else { return Err(not_there("DBSnapshotNotFound")) };
        let sharing = action.sharing();
        assert_eq!(sharing.snapshot, snapshot.snapshot, "a call about another snapshot");
        snapshot.shares.retain(|share| !sharing.with.contains(&share.with));
        if let SnapshotAction::Share(sharing) = action {
            let share = |with: &_| Share { with: Clone::clone(with), in_question: true };
            snapshot.shares.extend(sharing.with.iter().map(share));
        }
        Ok(())
    }

    fn read(live: &Observed<DbSnapshot>, key: &SnapshotRef) -> Observed<DbSnapshot> {
        if let Observed::Known(snapshot) = live {
            assert_eq!(snapshot.snapshot, *key, "a look at another snapshot");
        }
        live.clone()
    }

    /// `DescribeDBSnapshotAttributes` or `DescribeDBClusterSnapshotAttributes`.
    fn live(value: &Value) -> Observed<DbSnapshot> {
        Observed::Known(described::snapshot(value).unwrap().unwrap())
    }

    fn lines(live: &Observed<DbSnapshot>) -> Vec<String> {
        live.known().map(|it| it.shares.iter().map(|share| share.with.element()).collect()).unwrap_or_default()
    }
}

impl Living for DbInstances {
    fn change(live: &mut Observed<DbInstance>, action: &InstanceAction) -> Result<(), ApplyError> {
        let gone = || not_there("DBInstanceNotFound");
        let Observed::Known(instance) = live else { return Err(gone()) };
        if instance.id != action.id {
            return Err(gone());
        }
        if let Some(is_public) = action.public_access {
            instance.is_public = Observed::Known(is_public);
        }
        if let Some(is_on) = action.protection {
            instance.is_protected = Observed::Known(is_on);
        }
        Ok(())
    }

    /// A call that renames leads to a look under both names.
    fn read(live: &Observed<DbInstance>, key: &InstanceRef) -> Observed<DbInstance> {
        match live {
            Observed::Known(instance) if instance.id != key.id => Observed::Absent,
            other => other.clone(),
        }
    }

    /// An element of `DBInstances` of `DescribeDBInstances`.
    fn live(value: &Value) -> Observed<DbInstance> {
        Observed::Known(described::instance(value).unwrap())
    }

    fn lines(live: &Observed<DbInstance>) -> Vec<String> {
        let word = |seen: &Observed<bool>| seen.known().map_or("unknown", |is_on| if *is_on { "on" } else { "off" });
        let lines = |it: &DbInstance| {
            vec![
                format!("public access {}", word(&it.is_public)),
                format!("deletion protection {}", word(&it.is_protected)),
            ]
        };
        live.known().map(lines).unwrap_or_default()
    }
}
