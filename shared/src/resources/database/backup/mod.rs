//! Automated backups of DB instances and DB clusters: DB-04.
//!
//! How long they are kept is what decides how far back a database can be restored; a retention of 0 deletes the automated backups of an
//! instance and makes no more. Sources: "ModifyDBInstance", "ModifyDBCluster" (RDS API reference), "Backup retention period" (user guide).
//! `ApplyImmediately` is never set: it would put other people's pending changes into effect. What RDS holds back until the maintenance
//! window is pending then, and it is the pending retention that is judged: the one that was asked for last.

#[cfg(feature = "rds")]
mod client;
pub mod off;
mod planned;
pub mod short;
pub mod state;

use super::cluster::{DESCRIBE_DB_CLUSTERS, MODIFY_DB_CLUSTER};
use super::instance::DESCRIBE_DB_INSTANCES;
use super::instance::state::MODIFY_DB_INSTANCE;
use super::names::rds_arn;
use super::record::{RDS, field, field_of, identifier, named, text, unlocatable, unread};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use off::DbInstanceBackupsOff;
use serde_json::{Value, json};
use short::DbBackupRetentionShort;
use state::{BackupOf, BackupRef, DbBackup, SetRetention};
use std::borrow::Cow;

/// The family of the automated backups of DB instances and DB clusters. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct DbBackups;

/// The calls that make an instance with a retention of its own.
const MAKING: [&str; 4] = [
    "CreateDBInstance",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceFromS3",
    "RestoreDBInstanceToPointInTime",
];

/// The calls that make a cluster.
const MAKING_CLUSTERS: [&str; 4] =
    ["CreateDBCluster", "RestoreDBClusterFromS3", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"];

const RETENTION: &str = "backupRetentionPeriod";

impl Family for DbBackups {
    type Key = BackupRef;
    type State = DbBackup;
    type Action = SetRetention;

    fn kind(&self) -> &'static str {
        "db-backup"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_DB_CLUSTERS, DESCRIBE_DB_INSTANCES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_DB_CLUSTER, MODIFY_DB_INSTANCE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<DbBackup>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![DbInstanceBackupsOff, DbBackupRetentionShort];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let (of, is_new) = match event.name.as_str() {
            _ if event.source != RDS => return Ok(Vec::new()),
            "ModifyDBInstance" => (BackupOf::Instance, false),
            "ModifyDBCluster" => (BackupOf::Cluster, false),
            name if MAKING.contains(&name) => (BackupOf::Instance, true),
            name if MAKING_CLUSTERS.contains(&name) => (BackupOf::Cluster, true),
            _ => return Ok(Vec::new()),
        };
        let is_asked = is_new || event.request.value().is_none() || field(&event.request, RETENTION).is_some();
        if !is_asked {
            return Ok(Vec::new());
        }
        let ids = if is_new { made(event, of) } else { named(event, of.key()) };
        if ids.is_empty() {
            return Err(unlocatable(event, of.noun()));
        }
        Ok(ids.into_iter().map(|id| target(event, of, id)).collect())
    }

    fn focus(&self, state: &mut DbBackup, target: &TargetOf<Self>) {
        state.before = target.key.before.clone();
    }

    /// The retention of before is in no record.
    fn memory(&self, key: &BackupRef) -> Option<String> {
        Some(format!("{} {}", key.of.noun(), key.id))
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<DbBackup>) {
        let before = match kept {
            Observed::Known(backup) => backup.days,
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    /// What was recalled is compared with nothing.
    fn content(&self, state: &DbBackup) -> Value {
        json!({"days": state.days.known()})
    }

    fn writes(&self, call: &SetRetention) -> Option<Value> {
        Some(json!({"days": call.days}))
    }

    fn rewrites(&self, state: &DbBackup) -> Option<SetRetention> {
        state.days.known().map(|days| state.set(*days))
    }

    fn resource(&self, key: &BackupRef, _: Option<&DbBackup>, place: &Place) -> Resource {
        let (word, kind) = match key.of {
            BackupOf::Instance => ("db", "AwsRdsDbInstance"),
            BackupOf::Cluster => ("cluster", "AwsRdsDbCluster"),
        };
        Resource { id: rds_arn(place, word, &key.id), kind, name: key.id.clone() }
    }
}

/// What a call that makes one names it: a restore of an instance to a point in time names it as its target.
fn made(event: &Event, of: BackupOf) -> Vec<String> {
    let target = || text(&event.request, "targetDBInstanceIdentifier").filter(|_| of == BackupOf::Instance);
    let id = text(&event.response, of.key()).or_else(target).or_else(|| text(&event.request, of.key()));
    id.map(identifier).into_iter().collect()
}

fn target(event: &Event, of: BackupOf, id: String) -> Target<BackupRef, DbBackup> {
    let key = BackupRef::new(of, id);
    let is_bound = is_bound(event, of);
    let days = days(event);
    let is_proof = is_bound == Observed::Known(true) || (days.is_some() && is_bound.known().is_some());
    let days = days.map_or_else(|| Observed::Unknown { why: unread("how long backups are kept") }, Observed::Known);
    let status = text(&event.response, "dBInstanceStatus").or_else(|| text(&event.response, "status"));
    let is_being_deleted = status == Some("deleting");
    let state = DbBackup { days, is_bound, is_being_deleted, ..DbBackup::of(&key) };
    Target { proven: is_proof.then_some(state), key, changed: None }
}

/// The retention that holds once everything that is pending is in effect.
fn days(event: &Event) -> Option<i64> {
    let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let pending = || field_of(field(&event.response, "pendingModifiedValues")?, RETENTION).and_then(number);
    let of = |body: &Body| field(body, RETENTION).and_then(number);
    of(&event.request).or_else(pending).or_else(|| of(&event.response))
}

/// Whether the backups are not the instance's own. A response that describes the instance shows it.
fn is_bound(event: &Event, of: BackupOf) -> Observed<bool> {
    if of == BackupOf::Cluster {
        return Observed::Known(false);
    }
    let is_there = |body: &Body, key: &str| text(body, key).is_some();
    let keys = ["dBClusterIdentifier", "readReplicaSourceDBInstanceIdentifier", "readReplicaSourceDBClusterIdentifier"];
    if keys.iter().any(|key| is_there(&event.response, key)) || is_there(&event.request, "dBClusterIdentifier") {
        return Observed::Known(true);
    }
    match text(&event.response, of.key()) {
        Some(_) => Observed::Known(false),
        None => Observed::Unknown { why: unread("whether the instance is a member of a cluster or a read replica") },
    }
}
