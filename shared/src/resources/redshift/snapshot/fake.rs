//! A snapshot of a Redshift cluster, and who may restore it. For tests (`shared/tests/all/world`).

use crate::world::both;
use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::redshift::RedshiftSnapshots;
use shared::resources::redshift::snapshot::state::{Share, Snapshot, SnapshotCall, SnapshotRef};

impl Living for RedshiftSnapshots {
    fn change(live: &mut Observed<Snapshot>, action: &SnapshotCall) -> Result<(), ApplyError> {
        let Observed::Known(snapshot) = live else { return Err(not_there("ClusterSnapshotNotFound")) };
        let restore = action.restore();
        assert_eq!(restore.snapshot, snapshot.snapshot, "a call about another snapshot");
        let before = snapshot.shares.len();
        snapshot.shares.retain(|share| share.account != restore.account);
        match action {
            SnapshotCall::Revoke(_) if snapshot.shares.len() == before => Err(not_there("AuthorizationNotFound")),
            SnapshotCall::Revoke(_) => Ok(()),
            SnapshotCall::Authorize(_) => {
                snapshot.shares.push(Share { account: restore.account.clone(), in_question: true });
                Ok(())
            }
        }
    }

    fn read(live: &Observed<Snapshot>, key: &SnapshotRef) -> Observed<Snapshot> {
        if let Observed::Known(snapshot) = live {
            assert_eq!(snapshot.snapshot, *key, "a look at another snapshot");
        }
        live.clone()
    }

    /// An element of `Snapshots` of `DescribeClusterSnapshots`.
    fn live(value: &Value) -> Observed<Snapshot> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let shares = value["AccountsWithRestoreAccess"].as_array().unwrap().iter();
        let shares = shares.map(|access| Share { account: text(&access["AccountId"]), in_question: true }).collect();
        let snapshot =
            SnapshotRef { cluster: text(&value["ClusterIdentifier"]), id: text(&value["SnapshotIdentifier"]) };
        Observed::Known(Snapshot { snapshot, shares })
    }

    fn lines(live: &Observed<Snapshot>) -> Vec<String> {
        let line = |share: &Share| format!("restore by account {}", share.account);
        live.known().map(|it| it.shares.iter().map(line).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        let of = json!({"snapshot": {"cluster": "orders", "id": "nightly"}, "account": "999988887777"});
        both("revoke", "authorize", &of)
    }
}
