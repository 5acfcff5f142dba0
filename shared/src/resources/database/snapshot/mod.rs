//! Snapshots of databases: DB-01.
//!
//! `ModifyDBSnapshotAttribute` and `ModifyDBClusterSnapshotAttribute` (RDS API reference): `valuesToAdd` and
//! `valuesToRemove` of the attribute `restore`; the response lists what stands after the call. Automated snapshots cannot be
//! shared, encrypted ones not with everybody.

#[cfg(feature = "rds")]
pub(crate) mod client;
pub mod public;
pub mod shared_with_untrusted;
pub mod state;

use super::names::rds_arn;
use super::record::{RDS, field, field_of, identifier, list, text, unlocatable};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{NotWatched, guardrails};
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use public::DbSnapshotPublic;
use serde_json::Value;
use shared_with_untrusted::DbSnapshotShared;
use state::{DbSnapshot, Restorer, Share, SnapshotAction, SnapshotOf, SnapshotRef};
use state::{MODIFY_DB_CLUSTER_SNAPSHOT_ATTRIBUTE, MODIFY_DB_SNAPSHOT_ATTRIBUTE};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// See [`About::ids`](crate::engine::guardrail::About::ids).
// A snapshot that AWS made has a colon in its name, as `rds:db-2026-01-31`.
const IDS: &[&str] = &["arn:%:rds:%:%:snapshot:*", "arn:%:rds:%:%:cluster-snapshot:*"];

/// See [`About::not_watched`](crate::engine::guardrail::About::not_watched).
const NOT_WATCHED: &[NotWatched] = &[
    ("CopyDBSnapshot, CopyDBClusterSnapshot", "a copy is not shared, even if its source is"),
    ("StartExportTask", "an export goes to a bucket of the caller's choice: it concerns the bucket, not a share"),
];

pub(crate) const DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES: Permission =
    Permission::on("rds:DescribeDBClusterSnapshotAttributes", &["rds:${Region}:${Account}:cluster-snapshot:*"]);
pub(crate) const DESCRIBE_DB_SNAPSHOT_ATTRIBUTES: Permission =
    Permission::on("rds:DescribeDBSnapshotAttributes", &["rds:${Region}:${Account}:snapshot:*"]);
pub(crate) const DESCRIBE_DB_CLUSTER_SNAPSHOTS: Permission = Permission::on(
    "rds:DescribeDBClusterSnapshots",
    &["rds:${Region}:${Account}:cluster:*", "rds:${Region}:${Account}:cluster-snapshot:*"],
);
pub(crate) const DESCRIBE_DB_SNAPSHOTS: Permission = Permission::on(
    "rds:DescribeDBSnapshots",
    &["rds:${Region}:${Account}:db:*", "rds:${Region}:${Account}:snapshot:*"],
);

/// The family of snapshots of DB instances and DB clusters. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct DbSnapshots;

/// CloudFormation makes no snapshots.
const FORMS: &[PlannedForm<DbSnapshot>] = &[
    PlannedForm::one("aws_db_snapshot", |it| planned(it, SnapshotOf::Instance, "db_snapshot_identifier")),
    PlannedForm::one("aws_db_snapshot_copy", |it| planned(it, SnapshotOf::Instance, "target_db_snapshot_identifier")),
    PlannedForm::one("aws_db_cluster_snapshot", |it| {
        planned(it, SnapshotOf::Cluster, "db_cluster_snapshot_identifier")
    }),
    PlannedForm::one("aws_rds_cluster_snapshot_copy", |it| {
        planned(it, SnapshotOf::Cluster, "target_db_cluster_snapshot_identifier")
    }),
];

/// A snapshot is not shared unless the file says so.
fn planned(it: &PlannedResource<'_>, of: SnapshotOf, name: &str) -> Result<Option<DbSnapshot>, Unreadable> {
    let share = |with: String| Share { with: Restorer::read(&with), in_question: true };
    let shares = it.texts("shared_accounts")?.into_iter().map(share).collect();
    Ok(Some(DbSnapshot { snapshot: SnapshotRef { of, id: it.named(&[name]) }, shares }))
}

/// The attribute that says who may copy and restore.
pub const RESTORE: &str = "restore";

impl Family for DbSnapshots {
    type Key = SnapshotRef;
    type State = DbSnapshot;
    type Action = SnapshotAction;

    fn kind(&self) -> &'static str {
        "db-snapshot"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES, DESCRIBE_DB_SNAPSHOT_ATTRIBUTES]
    }

    fn lists(&self) -> &'static [Permission] {
        &[DESCRIBE_DB_CLUSTER_SNAPSHOTS, DESCRIBE_DB_SNAPSHOTS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_DB_CLUSTER_SNAPSHOT_ATTRIBUTE, MODIFY_DB_SNAPSHOT_ATTRIBUTE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<DbSnapshot>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![DbSnapshotPublic, DbSnapshotShared];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let of = match (event.source.as_str(), event.name.as_str()) {
            (RDS, "ModifyDBSnapshotAttribute") => SnapshotOf::Instance,
            (RDS, "ModifyDBClusterSnapshotAttribute") => SnapshotOf::Cluster,
            _ => return Ok(Vec::new()),
        };
        if text(&event.request, "attributeName").is_some_and(|name| name != RESTORE) {
            return Ok(Vec::new());
        }
        let key = match of {
            SnapshotOf::Instance => "dBSnapshotIdentifier",
            SnapshotOf::Cluster => "dBClusterSnapshotIdentifier",
        };
        let id = text(&event.response, key).or_else(|| text(&event.request, key));
        let id = id.map(identifier).ok_or_else(|| unlocatable(event, "snapshot"))?;
        Ok(vec![target(event, SnapshotRef { of, id })])
    }

    fn focus(&self, snapshot: &mut DbSnapshot, target: &TargetOf<Self>) {
        let Some(changed) = &target.changed else { return };
        for share in &mut snapshot.shares {
            share.in_question = changed.contains(&share.with.element());
        }
    }

    fn resource(&self, key: &SnapshotRef, _: Option<&DbSnapshot>, place: &Place) -> Resource {
        let (path, kind) = match key.of {
            SnapshotOf::Instance => ("snapshot", "AwsRdsDbSnapshot"),
            SnapshotOf::Cluster => ("cluster-snapshot", "AwsRdsDbClusterSnapshot"),
        };
        Resource { id: rds_arn(place, path, &key.id), kind, name: key.id.clone() }
    }
}

/// A call that succeeded did all that it was asked: what it added is there unless it also took it away. The response
/// says what stands beside.
fn target(event: &Event, snapshot: SnapshotRef) -> Target<SnapshotRef, DbSnapshot> {
    let asked = |key: &str| field(&event.request, key).map(values).unwrap_or_default();
    let (added, removed) = (asked("valuesToAdd"), asked("valuesToRemove"));
    let added: Vec<Restorer> = added.into_iter().filter(|with| !removed.contains(with)).collect();
    let standing = standing(&event.response, snapshot.of);
    let is_known = matches!(event.request, Body::Present(_));
    let changed = is_known.then(|| added.iter().map(Restorer::element).collect::<BTreeSet<_>>());
    let restorers = standing.or_else(|| is_known.then_some(added));
    let proven = restorers.map(|restorers| {
        let is_asked = |with: &Restorer| changed.as_ref().is_none_or(|changed| changed.contains(&with.element()));
        let share = |with: Restorer| Share { in_question: is_asked(&with), with };
        DbSnapshot { snapshot: snapshot.clone(), shares: restorers.into_iter().map(share).collect() }
    });
    Target { key: snapshot, proven, changed }
}

/// The values of `restore` that the response lists.
fn standing(response: &Body, of: SnapshotOf) -> Option<Vec<Restorer>> {
    let (wrapped, key) = match of {
        SnapshotOf::Instance => ("dBSnapshotAttributesResult", "dBSnapshotAttributes"),
        SnapshotOf::Cluster => ("dBClusterSnapshotAttributesResult", "dBClusterSnapshotAttributes"),
    };
    let attributes = field(response, key).or_else(|| field_of(field(response, wrapped)?, key))?;
    let is_restore = |attribute: &&&Value| field_of(attribute, "attributeName").is_some_and(|name| name == RESTORE);
    let attributes = list(attributes);
    let attribute = attributes.iter().find(is_restore)?;
    Some(field_of(attribute, "attributeValues").map(values).unwrap_or_default())
}

/// Account ids, and `all`. Numbers lose the zeros in front.
fn values(value: &Value) -> Vec<Restorer> {
    let read = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(Restorer::read(text)),
        Value::Number(number) => Some(Restorer::Account(format!("{:0>12}", number.to_string()))),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let mut found: Vec<Restorer> = list(value).into_iter().filter_map(read).collect();
    found.dedup();
    found
}
