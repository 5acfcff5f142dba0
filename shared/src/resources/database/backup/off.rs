//! DB-04: automated backups of DB instances are enabled.

use super::state::{BackupOf, BackupSettings, DbBackup, SetRetention};
use crate::engine::guardrail::{About, Class, Guardrail, NotWatched, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::database::instance::state::MODIFY_DB_INSTANCE;

/// See the module.
pub struct DbInstanceBackupsOff;

/// See [`About::not_watched`].
pub(super) const NOT_WATCHED: &[NotWatched] = &[
    ("CreateDBInstanceReadReplica", "a replica has no backups of its own unless they are enabled: its source has them"),
    (
        "PromoteReadReplica",
        "it asks for a retention of its own, and RDS's default of 1 day holds without it: the sweep finds it",
    ),
];

static ABOUT: About = About {
    name: "db-instance-backups-off",
    catalogue_id: "DB-04",
    title: "Automated backups of a DB instance are disabled",
    description: "The backup retention of a DB instance was set to 0, or it was created so: RDS deletes its automated backups and makes no \
        more, so it cannot be restored to a point in time. Members of a cluster are left alone, since the cluster has the backups, and so \
        are read replicas.",
    severity: Severity::High,
    class: Class::R2,
    // Security Hub user guide, "Amazon RDS controls".
    controls: &["RDS.11"],
    technique: "T1490",
    triggers: &[
        "CreateDBInstance",
        "ModifyDBInstance",
        "RestoreDBInstanceFromDBSnapshot",
        "RestoreDBInstanceFromS3",
        "RestoreDBInstanceToPointInTime",
    ],
    remediation: "Sets the retention to the last known good one, `min_days` where that is unknown. Where 0 is pending still, that prevents \
        it; where it is in effect, RDS enables backups in the next maintenance window, with a short outage on some engines. Other pending \
        changes stay pending. Backups that RDS deleted do not come back. Needs `max_class: R2`.",
    actions: &[MODIFY_DB_INSTANCE],
    ids: &["arn:%:rds:%:%:db:%"],
    not_watched: NOT_WATCHED,
};

impl Guardrail<DbBackup, SetRetention> for DbInstanceBackupsOff {
    type Settings = BackupSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, backup: &DbBackup, _: &Terms<'_>) -> Verdict {
        let is_of_instance = backup.of == BackupOf::Instance && backup.is_bound != Observed::Known(true);
        match (&backup.days, &backup.is_bound) {
            _ if !is_of_instance => return Verdict::Compliant,
            (Observed::Unknown { why }, _) | (Observed::Known(0), Observed::Unknown { why }) => {
                return Verdict::Undetermined { why: why.clone() };
            }
            (Observed::Known(0), _) => {}
            (Observed::Known(_) | Observed::Absent, _) => return Verdict::Compliant,
        }
        let why = format!("DB instance {} has no automated backups; {}", backup.id, backup.history());
        let evidence = vec![Evidence { element: "automated backups off".to_owned(), why }];
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
