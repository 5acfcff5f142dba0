//! The automated backups of DB instances and DB clusters.

use super::DbBackups;
use super::state::{BackupOf, BackupRef, DbBackup, SetRetention};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::database::client::{Cursor, Rds};
use crate::resources::database::cluster::DESCRIBE_DB_CLUSTERS;
use crate::resources::database::instance::DESCRIBE_DB_INSTANCES;
use aws_sdk_rds::operation::modify_db_cluster::builders::ModifyDBClusterFluentBuilder;
use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder;
use aws_sdk_rds::types::{DbCluster, DbInstance};

impl Observe<DbBackups> for Rds {
    async fn observe(&self, key: &BackupRef, _: ReadDepth) -> Result<Observed<DbBackup>, ReadError> {
        let found = match key.of {
            BackupOf::Instance => {
                match self.client.describe_db_instances().db_instance_identifier(&key.id).send().await {
                    Ok(answer) => answer.db_instances().iter().find_map(of_instance),
                    Err(error) => return failure(&error).of_read(DESCRIBE_DB_INSTANCES.action),
                }
            }
            BackupOf::Cluster => match self.client.describe_db_clusters().db_cluster_identifier(&key.id).send().await {
                Ok(answer) => answer.db_clusters().iter().find_map(of_cluster),
                Err(error) => return failure(&error).of_read(DESCRIBE_DB_CLUSTERS.action),
            },
        };
        Ok(found.map_or(Observed::Absent, |(_, seen)| Observed::Known(seen)))
    }
}

/// A retention that is pending holds; one that is not shown is unknown. What has no identifier is none.
fn of_instance(described: &DbInstance) -> Option<(BackupRef, DbBackup)> {
    let key = BackupRef::new(BackupOf::Instance, described.db_instance_identifier()?.to_owned());
    let pending = described.pending_modified_values().and_then(|pending| pending.backup_retention_period());
    let is_bound = described.db_cluster_identifier().is_some()
        || described.read_replica_source_db_instance_identifier().is_some()
        || described.read_replica_source_db_cluster_identifier().is_some();
    let seen = DbBackup {
        days: days(&key, pending.or(described.backup_retention_period())),
        is_bound: Observed::Known(is_bound),
        is_being_deleted: described.db_instance_status() == Some("deleting"),
        ..DbBackup::of(&key)
    };
    Some((key, seen))
}

fn of_cluster(described: &DbCluster) -> Option<(BackupRef, DbBackup)> {
    let key = BackupRef::new(BackupOf::Cluster, described.db_cluster_identifier()?.to_owned());
    let pending = described.pending_modified_values().and_then(|pending| pending.backup_retention_period());
    let seen = DbBackup {
        days: days(&key, pending.or(described.backup_retention_period())),
        is_being_deleted: described.status() == Some("deleting"),
        ..DbBackup::of(&key)
    };
    Some((key, seen))
}

fn days(key: &BackupRef, shown: Option<i32>) -> Observed<i64> {
    let why = || format!("the response about {} `{}` does not show how long backups are kept", key.of.noun(), key.id);
    shown.map_or_else(|| Observed::Unknown { why: why() }, |days| Observed::Known(days.into()))
}

impl List<DbBackups> for Rds {
    /// Instances first, then clusters.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<DbBackups>>, ReadError> {
        let known = |(key, seen)| (key, Observed::Known(seen));
        match Cursor::read(from) {
            Cursor::First(marker) => match self.client.describe_db_instances().set_marker(marker).send().await {
                Ok(answer) => {
                    let found = answer.db_instances().iter().filter_map(of_instance).map(known).collect();
                    Ok(Observed::Known(Page { found, next: Some(Cursor::after_first(answer.marker).to_string()) }))
                }
                Err(error) => failure(&error).of_read(DESCRIBE_DB_INSTANCES.action),
            },
            Cursor::Second(marker) => match self.client.describe_db_clusters().set_marker(marker).send().await {
                Ok(answer) => {
                    let found = answer.db_clusters().iter().filter_map(of_cluster).map(known).collect();
                    let next = answer.marker.map(|marker| Cursor::Second(Some(marker)).to_string());
                    Ok(Observed::Known(Page { found, next }))
                }
                Err(error) => failure(&error).of_read(DESCRIBE_DB_CLUSTERS.action),
            },
        }
    }
}

impl Apply<SetRetention> for Rds {
    async fn apply(&self, action: &SetRetention) -> Result<Applied, ApplyError> {
        match action.of {
            BackupOf::Instance => done(self.retain_instance(action).send().await, action.permission()),
            BackupOf::Cluster => done(self.retain_cluster(action).send().await, action.permission()),
        }
    }
}

impl Rds {
    fn retain_instance(&self, action: &SetRetention) -> ModifyDBInstanceFluentBuilder {
        let call = self.client.modify_db_instance().db_instance_identifier(&action.id);
        call.set_backup_retention_period(i32::try_from(action.days).ok())
    }

    fn retain_cluster(&self, action: &SetRetention) -> ModifyDBClusterFluentBuilder {
        let call = self.client.modify_db_cluster().db_cluster_identifier(&action.id);
        call.set_backup_retention_period(i32::try_from(action.days).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::database::client::tests::unsent;
    use aws_sdk_rds::types::PendingModifiedValues;

    #[test]
    fn what_is_pending_holds() {
        let described = DbInstance::builder().db_instance_identifier("orders").backup_retention_period(14);
        let (_, now) = of_instance(&described.clone().build()).unwrap();
        assert_eq!((now.days, now.is_bound), (Observed::Known(14), Observed::Known(false)));
        let pending = PendingModifiedValues::builder().backup_retention_period(0).build();
        let (_, then) = of_instance(&described.clone().pending_modified_values(pending).build()).unwrap();
        assert_eq!(then.days, Observed::Known(0));
        let replica = described.read_replica_source_db_instance_identifier("main").build();
        assert!(of_instance(&replica).is_some_and(|(_, seen)| seen.is_bound == Observed::Known(true)));
        let (_, unsaid) = of_cluster(&DbCluster::builder().db_cluster_identifier("shop").build()).unwrap();
        assert!(matches!(unsaid.days, Observed::Unknown { .. }), "nothing said is not 0");
    }

    /// With `ApplyImmediately`, RDS would put pending changes of other people into effect.
    #[test]
    fn the_retention_alone_is_set_and_nothing_that_is_pending() {
        let action = SetRetention { of: BackupOf::Instance, id: "orders".to_owned(), days: 14 };
        let call = unsent().retain_instance(&action);
        assert_eq!(call.get_backup_retention_period(), &Some(14));
        assert_eq!((call.get_apply_immediately(), call.get_deletion_protection()), (&None, &None));
        let call = unsent().retain_cluster(&SetRetention { of: BackupOf::Cluster, ..action });
        assert_eq!(call.get_backup_retention_period(), &Some(14));
        assert_eq!(call.get_apply_immediately(), &None);
    }
}
