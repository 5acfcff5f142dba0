//! DB-04: automated backups of databases are not deleted.

use super::{DeletedBackup, called};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::{NoAction, Plan};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct DbBackupDeleted;

/// Whose backups have to stay.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeletedBackupSettings {
    /// Names of the databases whose backups have to stay; `*` and `?` match as in IAM. All databases, if the list is empty.
    pub only: Vec<String>,
}

impl GuardrailSettings for DeletedBackupSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "only", entries: &self.only, holds: DATABASES }]
    }
}

const DATABASES: Holds = Holds { shapes: Holds::NAME, form: "the name of a database, not its ARN", everything: None };

static ABOUT: About = About {
    name: "db-automated-backup-deleted",
    catalogue_id: "DB-04",
    title: "Automated backups of a database were deleted",
    description: "The automated backups that a deleted DB instance or DB cluster had left behind were deleted: the database cannot be \
        restored to a point in time any more. Manual snapshots stay. `only` names the databases that it \
        applies to, all without it.",
    severity: Severity::High,
    class: Class::R0,
    controls: &[],
    technique: "T1490",
    triggers: &["DeleteDBClusterAutomatedBackup", "DeleteDBInstanceAutomatedBackup"],
    remediation: "Notifies: no call brings backups back.",
    actions: &[],
    ids: &["arn:%:rds:%:%:auto-backup:%", "arn:%:rds:%:%:cluster-auto-backup:%"],
    not_watched: &[
        ("DeleteDBInstance, DeleteDBCluster", "deletion protection is what keeps a database, and its backups with it"),
        ("DeleteDBSnapshot, DeleteDBClusterSnapshot", "retention jobs delete old snapshots every day"),
        (
            "StopDBInstanceAutomatedBackupsReplication",
            "the copies in another region end, and the backups of the database itself stay",
        ),
    ],
};

impl Guardrail<DeletedBackup, NoAction> for DbBackupDeleted {
    type Settings = DeletedBackupSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// A record that does not name the database may be about any of them.
    fn judge(&self, backup: &DeletedBackup, terms: &Terms<'_>) -> Verdict {
        let only = &terms.settings(self).only;
        let is_other = |name: &String| !only.iter().any(|pattern| matches_pattern(pattern, name));
        if !only.is_empty() && backup.database.as_ref().is_some_and(is_other) {
            return Verdict::Compliant;
        }
        let why = format!("automated backups {} were deleted, which cannot be undone", called(backup));
        let evidence = vec![Evidence { element: format!("automated backups {}", backup.id), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &DeletedBackup, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}
