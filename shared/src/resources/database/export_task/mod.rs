//! Exports of snapshots and clusters of RDS to S3: DB-06.
//!
//! A record of `StartExportTask` names a bucket, and no account: S3 does not say whose bucket it is, so the operator lists the buckets
//! that exports may go to. The KMS key that encrypts the export is named with its account.
//! Sources: "StartExportTask", "CancelExportTask", "DescribeExportTasks" (RDS API reference).

#[cfg(feature = "rds")]
mod client;
pub mod state;
pub mod to_untrusted;

use super::record::{RDS, field, list, text, unlocatable};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use serde_json::{Value, json};
use state::{Export, ExportAction, ExportRef, ExportTask, PASS_ROLE, Progress, START_EXPORT_TASK};
use to_untrusted::DbExportToUntrusted;

pub(crate) const DESCRIBE_EXPORT_TASKS: Permission = Permission::on(
    "rds:DescribeExportTasks",
    &[
        "rds:${Region}:${Account}:cluster-snapshot:*",
        "rds:${Region}:${Account}:cluster:*",
        "rds:${Region}:${Account}:snapshot:*",
    ],
);

/// The family of exports. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExportTasks;

impl Family for ExportTasks {
    type Key = ExportRef;
    type State = ExportTask;
    type Action = ExportAction;

    fn kind(&self) -> &'static str {
        "db-export"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_EXPORT_TASKS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[PASS_ROLE, START_EXPORT_TASK]
    }

    guardrails![DbExportToUntrusted];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(RDS, &["StartExportTask"]) {
            return Ok(Vec::new());
        }
        let said = |key: &str| text(&event.request, key).or_else(|| text(&event.response, key)).map(str::to_owned);
        let id = said("exportTaskIdentifier").ok_or_else(|| unlocatable(event, "export"))?;
        let source = said("sourceArn").ok_or_else(|| unlocatable(event, "snapshot or cluster that is exported"))?;
        let bucket = said("s3BucketName").or_else(|| text(&event.response, "s3Bucket").map(str::to_owned));
        // The response has the whole ARN of a key that the request may name by an alias.
        let kms = text(&event.response, "kmsKeyId").map(str::to_owned).or_else(|| said("kmsKeyId"));
        let only = field(&event.request, "exportOnly").or_else(|| field(&event.response, "exportOnly"));
        let only =
            only.map(list).unwrap_or_default().into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let key = ExportRef { id, source };
        let known = bucket.zip(kms).zip(said("iamRoleArn"));
        let proven = known.map(|((bucket, kms), role)| {
            let (id, source) = (key.id.clone(), key.source.clone());
            let export = Export { id, source, bucket, prefix: said("s3Prefix"), role, key: kms, only };
            ExportTask { export, progress: Progress::Running }
        });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, _: &mut ExportTask, _: &TargetOf<Self>) {}

    /// What it is, and not how far it is.
    fn content(&self, state: &ExportTask) -> Value {
        let Export { id, source, bucket, .. } = &state.export;
        json!({"id": id, "source": source, "bucket": bucket, "progress": state.progress})
    }

    fn resource(&self, key: &ExportRef, _: Option<&ExportTask>, _: &Place) -> Resource {
        let kind = match key.source.split(':').nth(5) {
            Some("cluster") => "AwsRdsDbCluster",
            Some("cluster-snapshot") => "AwsRdsDbClusterSnapshot",
            Some(_) | None => "AwsRdsDbSnapshot",
        };
        let name = key.source.splitn(7, ':').nth(6).unwrap_or(&key.source);
        Resource { id: key.source.clone(), kind, name: name.to_owned() }
    }
}
