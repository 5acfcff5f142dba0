//! A snapshot of a database, and who may restore it. For tests (`shared/tests/all/world`).

use crate::world::both;
use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::database::described;
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

    fn samples() -> Vec<Value> {
        let calls =
            |of| both("unshare", "share", &json!({"snapshot": {"of": of, "id": "orders"}, "with": ["everybody"]}));
        [calls("instance"), calls("cluster")].concat()
    }
}
