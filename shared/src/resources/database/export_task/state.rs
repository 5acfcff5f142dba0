//! An export of a snapshot or a cluster to S3, and the call that cancels it.

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

/// IAM lets it name no resource.
pub(crate) const CANCEL_EXPORT_TASK: Permission = Permission::setting("rds:CancelExportTask");

pub(crate) const START_EXPORT_TASK: Permission = Permission::on(
    "rds:StartExportTask",
    &[
        "rds:${Region}:${Account}:cluster-snapshot:*",
        "rds:${Region}:${Account}:cluster:*",
        "rds:${Region}:${Account}:snapshot:*",
    ],
);
/// The role that RDS writes to the bucket with.
pub(crate) const PASS_ROLE: Permission =
    Permission::on("iam:PassRole", &["iam::${Account}:role/*"]).when("iam:PassedToService", "export.rds.amazonaws.com");

/// How to find an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRef {
    /// Its identifier, which its caller chose.
    pub id: String,
    /// The ARN of the snapshot or the cluster.
    pub source: String,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// Data is on its way, or will be.
    Running,
    /// All of it is in the bucket.
    Complete,
    /// It was cancelled, or it failed.
    Ended,
}

impl Progress {
    /// RDS's word; one that is not documented may be anything, and so it runs.
    #[must_use]
    pub fn read(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "COMPLETE" => Self::Complete,
            "CANCELED" | "CANCELING" | "FAILED" => Self::Ended,
            _ => Self::Running,
        }
    }
}

/// What is known of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportTask {
    /// What it exports, and where to.
    pub export: Export,
    /// How far it is.
    pub progress: Progress,
}

/// What is exported, and where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Its identifier.
    pub id: String,
    /// The ARN of the snapshot or the cluster.
    pub source: String,
    /// The bucket that it goes to.
    pub bucket: String,
    /// How the names of its objects begin.
    pub prefix: Option<String>,
    /// The ARN of the role that RDS writes to the bucket with.
    pub role: String,
    /// The KMS key that encrypts it: its ARN, where the caller or RDS wrote that.
    pub key: String,
    /// The databases, schemas and tables that are exported; all, without any.
    pub only: Vec<String>,
}

/// The calls that end and start one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportAction {
    /// It ends; what is in the bucket stays there.
    Cancel(String),
    /// It begins anew.
    Start(Export),
}

impl fmt::Display for ExportAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancel(id) => write!(f, "cancel export {id}"),
            Self::Start(export) => write!(f, "start export {} to bucket {}", export.id, export.bucket),
        }
    }
}

impl Action for ExportAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Cancel(_) => CANCEL_EXPORT_TASK.action,
            Self::Start(_) => START_EXPORT_TASK.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let line = match self {
            Self::Cancel(id) => format!("aws rds cancel-export-task --export-task-identifier {}", word(id)),
            Self::Start(Export { id, source, bucket, prefix, role, key, only }) => {
                let prefix = prefix.iter().map(|prefix| format!(" --s3-prefix {}", word(prefix)));
                let only = only.iter().map(|only| format!(" {}", word(only))).collect::<String>();
                let only = Some(only).filter(|only| !only.is_empty()).map(|only| format!(" --export-only{only}"));
                let rest: String = prefix.chain(only).collect();
                format!(
                    "aws rds start-export-task --export-task-identifier {} --source-arn {} --s3-bucket-name {} --iam-role-arn {} \
                     --kms-key-id {}{rest}",
                    word(id),
                    word(source),
                    word(bucket),
                    word(role),
                    word(key)
                )
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// The identifier is the caller's choice: the export that it names is read first.
    fn effect(&self) -> Effect {
        match self {
            Self::Cancel(_) => Effect::Overwriting,
            Self::Start(_) => Effect::Recreating,
        }
    }

    fn elements(&self) -> usize {
        1
    }

    /// An export cannot be changed: there is nothing to be written over.
    fn guards_itself(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_started_as_it_was() {
        let text = |text: &str| text.to_owned();
        let export = Export {
            id: text("orders-2026"),
            source: text("arn:aws:rds:eu-west-1:111122223333:snapshot:orders-1"),
            bucket: text("exports"),
            prefix: Some(text("a b")),
            role: text("arn:aws:iam::111122223333:role/export"),
            key: text("alias/export"),
            only: vec![text("shop.orders")],
        };
        let line = ExportAction::Start(export).command("eu-west-1");
        let rest = "--kms-key-id alias/export --s3-prefix 'a b' --export-only shop.orders --region eu-west-1";
        assert!(line.ends_with(rest), "{line}");
    }
}
