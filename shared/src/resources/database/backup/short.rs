//! DB-04: automated backups of databases are kept for as long as policy asks.

use super::off::NOT_WATCHED;
use super::state::{BackupSettings, DbBackup, SetRetention};
use crate::engine::count::counted;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::database::cluster::MODIFY_DB_CLUSTER;
use crate::resources::database::instance::state::MODIFY_DB_INSTANCE;

/// See the module.
pub struct DbBackupRetentionShort;

static ABOUT: About = About {
    name: "db-backup-retention-short",
    catalogue_id: "DB-04",
    title: "Automated backups of a database are kept for too short a time",
    description: "The backup retention of a DB instance or a DB cluster (Aurora, Multi-AZ, DocumentDB, Neptune) is less than `min_days` (7 \
        unless policy says otherwise): what is older is deleted, and the database cannot be restored to before. Members of a cluster and \
        read replicas are left alone. An instance without any backups is `db-instance-backups-off`'s; a cluster always has them. The \
        sweep also finds databases that never had more: AWS's own default is 1 day.",
    severity: Severity::Medium,
    class: Class::R1,
    // Security Hub user guide, "Amazon RDS controls", "Amazon DocumentDB controls", "Neptune controls".
    controls: &["RDS.11", "DocumentDB.2", "Neptune.5"],
    technique: "T1490",
    triggers: &[
        "CreateDBCluster",
        "CreateDBInstance",
        "ModifyDBCluster",
        "ModifyDBInstance",
        "RestoreDBClusterFromS3",
        "RestoreDBClusterFromSnapshot",
        "RestoreDBClusterToPointInTime",
        "RestoreDBInstanceFromDBSnapshot",
        "RestoreDBInstanceFromS3",
        "RestoreDBInstanceToPointInTime",
    ],
    remediation: "Sets the retention to the last known good one, and to `min_days` where that is unknown or less. No connection notices; \
        longer retention adds to the price of the backups. Other pending changes stay pending. Backups that were deleted do not come back.",
    actions: &[MODIFY_DB_CLUSTER, MODIFY_DB_INSTANCE],
    ids: &["arn:%:rds:%:%:db:%", "arn:%:rds:%:%:cluster:%"],
    not_watched: NOT_WATCHED,
};

impl Guardrail<DbBackup, SetRetention> for DbBackupRetentionShort {
    type Settings = BackupSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, backup: &DbBackup, terms: &Terms<'_>) -> Verdict {
        let least = terms.settings(self).least();
        let days = match (&backup.days, &backup.is_bound) {
            (_, Observed::Known(true)) => return Verdict::Compliant,
            (Observed::Known(days), _) if *days == 0 || *days >= least => return Verdict::Compliant,
            (Observed::Absent, _) => return Verdict::Compliant,
            (Observed::Unknown { why }, _) | (Observed::Known(_), Observed::Unknown { why }) => {
                return Verdict::Undetermined { why: why.clone() };
            }
            (Observed::Known(days), Observed::Known(false) | Observed::Absent) => days,
        };
        let (noun, id, history) = (backup.of.noun(), &backup.id, backup.history());
        let why = format!(
            "automated backups of {noun} {id} are kept for {days}, less than {least}; {history}",
            days = counted(days, "day")
        );
        let evidence = vec![Evidence { element: "backup retention".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, backup: &DbBackup, _: &Violation, terms: &Terms<'_>) -> Plan<SetRetention> {
        match backup.days.known() {
            Some(now) if !backup.is_being_deleted => {
                Plan::one(backup.set(backup.wanted(&terms.settings(self))), backup.set(*now))
            }
            Some(_) | None => Plan::default(),
        }
    }
}
