//! The planned lens: how long a file keeps the automated backups of databases.
//!
//! One day where it does not say ("CreateDBInstance", "CreateDBCluster", `BackupRetentionPeriod`, RDS API reference; the same for DocumentDB and Neptune).
//! Terraform's provider asks for none where an `aws_db_instance` does not say.

use super::state::{BackupOf, DbBackup};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource, unresolved_reason};
use crate::engine::unreadable::Unreadable;

pub(super) const FORMS: &[PlannedForm<DbBackup>] = &[
    PlannedForm::one("AWS::RDS::DBInstance", of_instance),
    PlannedForm::one("AWS::RDS::DBCluster", |it| cluster(it, "DBClusterIdentifier", "BackupRetentionPeriod")),
    PlannedForm::one("AWS::DocDB::DBCluster", |it| cluster(it, "DBClusterIdentifier", "BackupRetentionPeriod")),
    PlannedForm::one("AWS::Neptune::DBCluster", |it| cluster(it, "DBClusterIdentifier", "BackupRetentionPeriod")),
    PlannedForm::one("aws_db_instance", |it| {
        let is_bound = is_bound(it, &["replicate_source_db"]);
        Ok(Some(backup(it, BackupOf::Instance, "identifier", days(it, "backup_retention_period", 0)?, is_bound)))
    }),
    PlannedForm::one("aws_rds_cluster", |it| cluster(it, "cluster_identifier", "backup_retention_period")),
    PlannedForm::one("aws_docdb_cluster", |it| cluster(it, "cluster_identifier", "backup_retention_period")),
    PlannedForm::one("aws_neptune_cluster", |it| cluster(it, "cluster_identifier", "backup_retention_period")),
];

type Planned = Result<Option<DbBackup>, Unreadable>;

fn backup(it: &PlannedResource<'_>, of: BackupOf, name: &str, days: i64, is_bound: Observed<bool>) -> DbBackup {
    DbBackup {
        of,
        id: it.named(&[name]),
        days: Observed::Known(days),
        before: Observed::Absent,
        is_bound,
        is_being_deleted: false,
    }
}

fn days(it: &PlannedResource<'_>, property: &str, unsaid: i64) -> Result<i64, Unreadable> {
    Ok(it.number(property)?.unwrap_or(unsaid))
}

fn cluster(it: &PlannedResource<'_>, name: &str, property: &str) -> Planned {
    Ok(Some(backup(it, BackupOf::Cluster, name, days(it, property, 1)?, Observed::Known(false))))
}

/// A member of a cluster has no backups of its own, and a read replica none unless they are asked for.
fn of_instance(it: &PlannedResource<'_>) -> Planned {
    const OTHERS: &[&str] = &["DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier"];
    let is_aurora = it.text("Engine").ok().flatten().is_some_and(|engine| engine.starts_with("aurora"));
    let is_bound = if is_aurora { Observed::Known(true) } else { is_bound(it, OTHERS) };
    let days = if is_bound == Observed::Known(true) { 0 } else { days(it, "BackupRetentionPeriod", 1)? };
    Ok(Some(backup(it, BackupOf::Instance, "DBInstanceIdentifier", days, is_bound)))
}

/// Whether the file names one of these, whichever it will be; unknown where a condition decides.
fn is_bound(it: &PlannedResource<'_>, others: &[&str]) -> Observed<bool> {
    let mut named = others.iter().filter(|other| !it.is_left_out(other)).peekable();
    let is_named = named.peek().is_some();
    let open = named.find(|other| it.properties[**other].get("Fn::If").is_some());
    match open.and_then(|other| unresolved_reason(&it.properties[*other])) {
        Some(why) => Observed::Unknown { why },
        None => Observed::Known(is_named),
    }
}
