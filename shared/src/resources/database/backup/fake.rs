//! The automated backups of a database. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::count::counted;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::database::DbBackups;
use shared::resources::database::backup::state::{BackupOf, BackupRef, DbBackup, SetRetention};

impl Living for DbBackups {
    fn change(live: &mut Observed<DbBackup>, action: &SetRetention) -> Result<(), ApplyError> {
        match live {
            Observed::Known(backup) if backup.id == action.id && backup.of == action.of => {
                backup.days = Observed::Known(action.days);
                Ok(())
            }
            _ => Err(not_there("DBInstanceNotFound")),
        }
    }

    fn read(live: &Observed<DbBackup>, key: &BackupRef) -> Observed<DbBackup> {
        match live {
            Observed::Known(backup) if backup.id != key.id || backup.of != key.of => Observed::Absent,
            other => other.clone(),
        }
    }

    /// An element of `DBInstances` or of `DBClusters`.
    fn live(value: &Value) -> Observed<DbBackup> {
        let instance =
            value["DBInstanceIdentifier"].as_str().map(|id| BackupRef::new(BackupOf::Instance, id.to_owned()));
        let cluster = || BackupRef::new(BackupOf::Cluster, value["DBClusterIdentifier"].as_str().unwrap().to_owned());
        let key = instance.unwrap_or_else(cluster);
        let of_others = ["DBClusterIdentifier", "ReadReplicaSourceDBInstanceIdentifier"];
        let is_bound = key.of == BackupOf::Instance && of_others.iter().any(|other| value.get(other).is_some());
        let pending = value["PendingModifiedValues"]["BackupRetentionPeriod"].as_i64();
        let days = pending.or_else(|| value["BackupRetentionPeriod"].as_i64());
        let status = value.get("DBInstanceStatus").or_else(|| value.get("Status"));
        Observed::Known(DbBackup {
            days: Observed::Known(days.unwrap()),
            is_bound: Observed::Known(is_bound),
            is_being_deleted: status.is_some_and(|status| status == "deleting"),
            ..DbBackup::of(&key)
        })
    }

    fn lines(live: &Observed<DbBackup>) -> Vec<String> {
        let line = |backup: &DbBackup| match &backup.days {
            Observed::Known(days) => format!("{} kept for {days}", backup.id, days = counted(days, "day")),
            _ => format!("{} unknown", backup.id),
        };
        live.known().map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        let sample = |of: &str, days: i64| json!({"of": of, "id": "orders", "days": days});
        vec![sample("instance", 7), sample("instance", 0), sample("cluster", 7), sample("cluster", 1)]
    }
}
