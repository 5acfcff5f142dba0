//! DB-09: no DynamoDB table is exported to the bucket of an account that is not trusted.

use super::TableExport;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::{NoAction, Plan};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct TableExportedToUntrusted;

/// Where tables may be exported to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExportSettings {
    /// Names of buckets that tables may be exported to, whichever account owns them: whole names, since any account can take one that is only alike.
    pub allowed_buckets: Vec<String>,
}

impl GuardrailSettings for ExportSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_buckets", entries: &self.allowed_buckets, holds: BUCKETS }]
    }
}

const BUCKETS: Holds = Holds { shapes: Holds::NAME, form: "the name of a bucket, not its ARN", everything: None };

static ABOUT: About = About {
    name: "dynamodb-table-exported-to-untrusted",
    catalogue_id: "DB-09",
    title: "A DynamoDB table is exported to an untrusted account",
    description: "An export of a table was started whose bucket belongs to an account that is neither the table's own nor trusted \
        (`trusted_accounts`), and whose bucket is not among `allowed_buckets`. A call that names no owner of the bucket can reach buckets of \
        the table's own account alone.",
    severity: Severity::High,
    class: Class::R0,
    controls: &[],
    technique: "T1537",
    triggers: &["ExportTableToPointInTime"],
    remediation: "Notifies: no call cancels an export.",
    actions: &[],
    ids: &["arn:%:dynamodb:%:%:table/%"],
    not_watched: &[
        (
            "Scan, Query, GetItem",
            "reads of data are no management events: CloudTrail records them where data events are on",
        ),
        ("StartAwsBackupJob", "it makes a backup in the account's own vault"),
    ],
};

impl Guardrail<TableExport, NoAction> for TableExportedToUntrusted {
    type Settings = ExportSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, export: &TableExport, terms: &Terms<'_>) -> Verdict {
        let TableExport { table, bucket, owner } = export;
        let allowed = &terms.settings(self).allowed_buckets;
        // Names of buckets are anyone's to take: one that is only like an allowed one may be a stranger's.
        let is_allowed = allowed.iter().any(|name| name == bucket);
        match owner {
            Some(owner) if !is_allowed && !terms.trusts(owner) => {
                let why =
                    format!("table {table} is exported to bucket `{bucket}` of account {owner}, which is not trusted");
                let evidence = vec![Evidence { element: format!("export to {bucket}"), why }];
                Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
            }
            Some(_) | None => Verdict::Compliant,
        }
    }

    fn plan(&self, _: &TableExport, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}
