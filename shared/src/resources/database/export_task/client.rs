//! Exports of snapshots and clusters.

use super::state::{Export, ExportAction, ExportRef, ExportTask, Progress};
use super::{DESCRIBE_EXPORT_TASKS, ExportTasks};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::database::client::Rds;
use aws_sdk_rds::types::ExportTask as Described;

impl Observe<ExportTasks> for Rds {
    async fn observe(&self, key: &ExportRef, _: ReadDepth) -> Result<Observed<ExportTask>, ReadError> {
        match self.client.describe_export_tasks().export_task_identifier(&key.id).send().await {
            Ok(answer) => Ok(answer.export_tasks().iter().find_map(export).map_or(Observed::Absent, Observed::Known)),
            Err(error) => failure(&error).of_read(DESCRIBE_EXPORT_TASKS.action),
        }
    }
}

/// One without a name, a source, a bucket, a role or a key is none.
fn export(described: &Described) -> Option<ExportTask> {
    let export = Export {
        id: described.export_task_identifier()?.to_owned(),
        source: described.source_arn()?.to_owned(),
        bucket: described.s3_bucket()?.to_owned(),
        prefix: described.s3_prefix().map(str::to_owned).filter(|prefix| !prefix.is_empty()),
        role: described.iam_role_arn()?.to_owned(),
        key: described.kms_key_id()?.to_owned(),
        only: described.export_only().to_vec(),
    };
    Some(ExportTask { export, progress: Progress::read(described.status().unwrap_or_default()) })
}

impl List<ExportTasks> for Rds {
    /// Those that run: RDS lists all that ever were.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<ExportTasks>>, ReadError> {
        match self.client.describe_export_tasks().set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => {
                let tasks = answer.export_tasks().iter().filter_map(export);
                let running = tasks.filter(|task| task.progress == Progress::Running);
                let found = running.map(|task| {
                    let key = ExportRef { id: task.export.id.clone(), source: task.export.source.clone() };
                    (key, Observed::Known(task))
                });
                Ok(Observed::Known(Page { found: found.collect(), next: answer.marker }))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_EXPORT_TASKS.action),
        }
    }
}

impl Apply<ExportAction> for Rds {
    async fn apply(&self, action: &ExportAction) -> Result<Applied, ApplyError> {
        match action {
            ExportAction::Cancel(id) => {
                let answer = self.client.cancel_export_task().export_task_identifier(id).send().await;
                done(answer, action.permission())
            }
            ExportAction::Start(Export { id, source, bucket, prefix, role, key, only }) => {
                let call = self.client.start_export_task().export_task_identifier(id).source_arn(source);
                let call = call.s3_bucket_name(bucket).set_s3_prefix(prefix.clone()).iam_role_arn(role).kms_key_id(key);
                let only = Some(only.clone()).filter(|only| !only.is_empty());
                done(call.set_export_only(only).send().await, action.permission())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_as_it_is_described() {
        let described = Described::builder().export_task_identifier("e").source_arn("s").s3_bucket("b");
        let described = described.iam_role_arn("r").kms_key_id("k");
        let seen = |status: &str| export(&described.clone().status(status).build()).unwrap().progress;
        assert_eq!(seen("STARTING"), Progress::Running);
        assert_eq!(seen("COMPLETE"), Progress::Complete);
        assert_eq!(seen("canceling"), Progress::Ended);
        assert!(export(&Described::builder().build()).is_none());
    }
}
