//! DB-04: automated backups that were deleted for good. Only the record shows it: nothing can be read or restored afterwards.
//!
//! A database that is deleted may leave its automated backups behind ("Retaining automated backups", RDS user guide):
//! `DeleteDBInstanceAutomatedBackup` and `DeleteDBClusterAutomatedBackup` delete what was left.

pub mod deleted;

use super::names::rds_arn;
use super::record::{RDS, text, unlocatable};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::NoAction;
use deleted::DbBackupDeleted;
use serde::{Deserialize, Serialize};

/// The family of deleted automated backups.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeletedBackups;

/// Automated backups that are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedBackup {
    /// The ARN of the backup where the record has it, else the resource id (`db-…`, `cluster-…`) of its database.
    pub id: String,
    /// The identifier of the database, where the record has it.
    pub database: Option<String>,
}

impl Family for DeletedBackups {
    type Key = DeletedBackup;
    type State = DeletedBackup;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        "db-deleted-backup"
    }

    fn reads(&self) -> &'static [Permission] {
        &[]
    }

    guardrails![DbBackupDeleted];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let (arn, resource, database) = match event.name.as_str() {
            _ if event.source != RDS => return Ok(Vec::new()),
            "DeleteDBInstanceAutomatedBackup" => {
                ("dBInstanceAutomatedBackupsArn", "dbiResourceId", "dBInstanceIdentifier")
            }
            "DeleteDBClusterAutomatedBackup" => {
                ("dBClusterAutomatedBackupsArn", "dbClusterResourceId", "dBClusterIdentifier")
            }
            _ => return Ok(Vec::new()),
        };
        let said = |key: &str| text(&event.response, key).or_else(|| text(&event.request, key));
        let id = said(arn).or_else(|| said(resource)).ok_or_else(|| unlocatable(event, "automated backup"))?;
        let backup = DeletedBackup { id: id.to_owned(), database: said(database).map(str::to_owned) };
        Ok(vec![Target { key: backup.clone(), proven: Some(backup), changed: None }])
    }

    fn focus(&self, _: &mut DeletedBackup, _: &TargetOf<Self>) {}

    fn resource(&self, key: &DeletedBackup, _: Option<&DeletedBackup>, place: &Place) -> Resource {
        let id = if key.id.starts_with("arn:") { key.id.clone() } else { rds_arn(place, "auto-backup", &key.id) };
        Resource { id, kind: "Other", name: key.database.clone().unwrap_or_else(|| key.id.clone()) }
    }
}

/// How a person knows it.
fn called(backup: &DeletedBackup) -> String {
    match &backup.database {
        Some(database) => format!("`{}` (of database `{database}`)", backup.id),
        None => format!("`{}`", backup.id),
    }
}
