//! Secrets and what becomes of them: SEC-01, SEC-03.
//!
//! Sources: "DeleteSecret", "RestoreSecret", "CancelRotateSecret", "RotateSecret" (Secrets Manager API reference), "Secrets managed by other
//! AWS services" (user guide). A primary secret that has replicas cannot be deleted: `RemoveRegionsFromReplication` comes before, and
//! deletes the replicas at once.

#[cfg(feature = "secretsmanager")]
mod client;
pub mod deletion_scheduled;
pub mod force_deleted;
pub mod rotation_cancelled;
pub mod state;

use super::record::{SECRETS_MANAGER, named, secret_id, unsaid};
use crate::engine::arn::arn_part;
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use deletion_scheduled::SecretDeletionScheduled;
use force_deleted::SecretForceDeleted;
use rotation_cancelled::SecretRotationCancelled;
use serde_json::Value;
use state::{Change, DEFAULT_WINDOW, DELETE_SECRET, ON, Secret, SecretAction, SecretRef};

pub(crate) const DESCRIBE_SECRET: Permission = Permission::on("secretsmanager:DescribeSecret", ON);
pub(crate) const LIST_SECRETS: Permission = Permission::read("secretsmanager:ListSecrets");

/// The family of secrets. Regional: a replica has its own state.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecretStates;

impl Family for SecretStates {
    type Key = SecretRef;
    type State = Secret;
    type Action = SecretAction;

    fn kind(&self) -> &'static str {
        "secret"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_SECRET]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_SECRETS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_SECRET]
    }

    guardrails![SecretDeletionScheduled, SecretForceDeleted, SecretRotationCancelled];

    /// The record of a secret that another account owns is that account's to judge.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let by = match event.name.as_str() {
            _ if event.source != SECRETS_MANAGER => return Ok(Vec::new()),
            "DeleteSecret" => deletion(event)?,
            "CancelRotateSecret" => Change::RotationCancelled,
            _ => return Ok(Vec::new()),
        };
        let id = secret_id(event)?;
        if arn_part(&id, 4).is_some_and(|owner| owner != event.account) {
            return Ok(Vec::new());
        }
        let key = SecretRef { id, by, window: window(event, by) };
        Ok(vec![Target { proven: proven(event, &key), key, changed: None }])
    }

    /// A call that succeeded has cancelled it, whatever was done since.
    fn claimed(&self, _: &Event, key: &SecretRef) -> Option<Secret> {
        let is_cancelled = key.by == Change::RotationCancelled;
        is_cancelled.then(|| Secret { is_rotated: Observed::Known(false), ..Secret::of(key) })
    }

    fn focus(&self, state: &mut Secret, target: &TargetOf<Self>) {
        state.by = target.key.by;
        state.window = target.key.window;
    }

    fn resource(&self, key: &SecretRef, _: Option<&Secret>, place: &Place) -> Resource {
        named(&key.id, place)
    }
}

/// How it was deleted. Without the request it is unknown whether anything is left to restore.
fn deletion(event: &Event) -> Result<Change, Unlocatable> {
    if !matches!(event.request, Body::Present(_)) {
        return Err(Unlocatable::new(event, "the record does not show whether the secret can still be restored"));
    }
    let is_forced = match event.request.at(&["forceDeleteWithoutRecovery"]) {
        Some(Value::Bool(is_forced)) => *is_forced,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        Some(Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => false,
    };
    Ok(if is_forced { Change::ForceDeleted } else { Change::DeletionScheduled })
}

/// How many days are left to restore it: Secrets Manager's default where the request does not say.
fn window(event: &Event, by: Change) -> Option<i64> {
    let said = match event.request.at(&["recoveryWindowInDays"]) {
        Some(Value::Number(days)) => days.as_i64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => Some(DEFAULT_WINDOW),
    };
    said.filter(|_| by == Change::DeletionScheduled)
}

/// What a call that succeeded has made of the secret. Its rotation may have been turned on again: only a read shows it.
fn proven(event: &Event, key: &SecretRef) -> Option<Secret> {
    let is_scheduled = match key.by {
        Change::DeletionScheduled => true,
        Change::ForceDeleted => false,
        Change::RotationCancelled | Change::Nothing => return None,
    };
    let deletion_date = event.response.text(&["deletionDate"]).filter(|_| is_scheduled).map(str::to_owned);
    let is_rotated = unsaid(&key.id, "is rotated");
    Some(Secret { is_scheduled: Observed::Known(is_scheduled), deletion_date, is_rotated, ..Secret::of(key) })
}
