//! DB-06: databases are exported to buckets that policy names.

use super::state::{CANCEL_EXPORT_TASK, Export, ExportAction, ExportTask, Progress};
use crate::engine::arn::arn_part;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct DbExportToUntrusted;

/// Where databases may be exported to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DbExportSettings {
    /// Names of the buckets that snapshots and clusters may be exported to; `*` and `?` match as in IAM. Without any, an export is notified
    /// and nothing more, since its record does not show whose bucket it goes to.
    pub allowed_buckets: Vec<String>,
}

impl GuardrailSettings for DbExportSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_buckets", entries: &self.allowed_buckets, holds: BUCKETS }]
    }
}

const BUCKETS: Holds = Holds {
    shapes: Holds::NAME,
    form: "the name of a bucket, not its ARN",
    everything: Some("allows every bucket: the guardrail finds exports with keys of untrusted accounts alone"),
};

static ABOUT: About = About {
    name: "db-exported-to-untrusted-bucket",
    catalogue_id: "DB-06",
    title: "A database is exported to an untrusted bucket",
    description: "An export of an RDS or Aurora snapshot, or of an Aurora cluster, was started to a bucket that is not among \
        `allowed_buckets`, or with a KMS key of an account that is not trusted. A record names the bucket and not its account: while \
        `allowed_buckets` is empty, every export is notified as undetermined.",
    severity: Severity::High,
    class: Class::R2,
    controls: &[],
    technique: "T1537",
    triggers: &["StartExportTask"],
    remediation: "Cancels the export. What is in the bucket by then stays there. Undo starts the export again, from its beginning. An export \
        that is complete is notified only. Needs `max_class: R2`.",
    actions: &[CANCEL_EXPORT_TASK],
    ids: &["arn:%:rds:%:%:snapshot:*", "arn:%:rds:%:%:cluster-snapshot:*", "arn:%:rds:%:%:cluster:%"],
    not_watched: &[
        (
            "ModifyDBSnapshotAttribute, ModifyDBClusterSnapshotAttribute",
            "other guardrails look at with whom snapshots are shared",
        ),
        ("CopyDBSnapshot, CopyDBClusterSnapshot", "a copy belongs to the account that makes it"),
    ],
};

impl Guardrail<ExportTask, ExportAction> for DbExportToUntrusted {
    type Settings = DbExportSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, task: &ExportTask, terms: &Terms<'_>) -> Verdict {
        if task.progress == Progress::Ended {
            return Verdict::Compliant;
        }
        let Export { id, source, bucket, key, .. } = &task.export;
        let allowed = &terms.settings(self).allowed_buckets;
        let stranger = arn_part(key, 4).filter(|account| !terms.trusts(account));
        let why = match stranger {
            Some(account) => format!("encrypts it with a key of account {account}, which is not trusted"),
            None if allowed.iter().any(|pattern| matches_pattern(pattern, bucket)) => return Verdict::Compliant,
            None if allowed.is_empty() => {
                let why = format!(
                    "`{source}` is exported to bucket `{bucket}`: whose bucket that is shows nowhere, and `allowed_buckets` is empty"
                );
                return Verdict::Undetermined { why };
            }
            None => "is not among `allowed_buckets`".to_owned(),
        };
        let what = if stranger.is_some() { "it" } else { "the bucket" };
        let done = if task.progress == Progress::Complete { "; it is complete" } else { "" };
        let why = format!("export {id} of `{source}` goes to bucket `{bucket}`: {what} {why}{done}");
        let evidence = vec![Evidence { element: format!("export {id}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, task: &ExportTask, _: &Violation, _: &Terms<'_>) -> Plan<ExportAction> {
        if task.progress != Progress::Running {
            return Plan::default();
        }
        Plan::one(ExportAction::Cancel(task.export.id.clone()), ExportAction::Start(task.export.clone()))
    }
}
