//! An export of a snapshot. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::database::ExportTasks;
use shared::resources::database::export_task::state::{Export, ExportAction, ExportRef, ExportTask, Progress};

impl Living for ExportTasks {
    fn change(live: &mut Observed<ExportTask>, action: &ExportAction) -> Result<(), ApplyError> {
        match (live, action) {
            (Observed::Known(task), ExportAction::Cancel(id))
                if task.export.id == *id && task.progress == Progress::Running =>
            {
                task.progress = Progress::Ended;
                Ok(())
            }
            (Observed::Known(task), ExportAction::Start(export)) if task.progress == Progress::Ended => {
                (task.export, task.progress) = (export.clone(), Progress::Running);
                Ok(())
            }
            _ => Err(not_there("ExportTaskNotFound")),
        }
    }

    fn read(live: &Observed<ExportTask>, key: &ExportRef) -> Observed<ExportTask> {
        match live {
            Observed::Known(task) if task.export.id != key.id => Observed::Absent,
            other => other.clone(),
        }
    }

    /// An element of `ExportTasks` of `DescribeExportTasks`.
    fn live(value: &Value) -> Observed<ExportTask> {
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        let export = Export {
            id: text("ExportTaskIdentifier"),
            source: text("SourceArn"),
            bucket: text("S3Bucket"),
            prefix: None,
            role: text("IamRoleArn"),
            key: text("KmsKeyId"),
            only: Vec::new(),
        };
        Observed::Known(ExportTask { export, progress: Progress::read(&text("Status")) })
    }

    fn lines(live: &Observed<ExportTask>) -> Vec<String> {
        live.known().map(|task| format!("{} {:?}", task.export.id, task.progress)).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        let export = json!({
            "id": "orders-2026", "source": "arn:aws:rds:eu-west-1:111122223333:snapshot:orders-1", "bucket": "exports", "prefix": null,
            "role": "arn:aws:iam::111122223333:role/export", "key": "alias/export", "only": [],
        });
        vec![json!({"cancel": "orders-2026"}), json!({ "start": export })]
    }
}
