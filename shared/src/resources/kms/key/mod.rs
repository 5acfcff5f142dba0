//! Whether KMS keys can be used: KMS-01, KMS-02, KMS-06.
//!
//! Sources: "ScheduleKeyDeletion", "CancelKeyDeletion", "DisableKey" in the AWS KMS API reference; "Delete an AWS KMS key" in its
//! developer guide.

#[cfg(feature = "kms")]
pub(crate) mod client;
pub mod deletion_scheduled;
pub mod disabled;
pub mod material_deleted;
pub mod state;

use super::record::{KMS, key_id, named};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{NotWatched, guardrails};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use deletion_scheduled::KmsKeyDeletionScheduled;
use disabled::KmsKeyDisabled;
use material_deleted::KmsKeyMaterialDeleted;
use state::{Change, DEFAULT_WINDOW, DISABLE_KEY, KeyAction, KeyRef, KmsKey, SCHEDULE_KEY_DELETION, Status};
use std::borrow::Cow;

pub(crate) const DESCRIBE_KEY: Permission = Permission::on("kms:DescribeKey", &["kms:${Region}:${Account}:key/*"]);
pub(crate) const LIST_KEYS: Permission = Permission::read("kms:ListKeys");

/// See [`About::not_watched`](crate::engine::guardrail::About::not_watched).
const NOT_WATCHED: &[NotWatched] = &[
    ("DeleteImportedKeyMaterial", "the key remains, and only an owner of the material can import it again"),
    (
        "DisconnectCustomKeyStore, DeleteCustomKeyStore",
        "the keys of the store cannot be used while it is disconnected: their own state is not changed",
    ),
    ("PutKeyPolicy", "it changes who may use a key, not whether it can be used"),
];

/// The family of KMS keys. Regional: each key of a multi-Region set has a state of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct KmsKeys;

impl Family for KmsKeys {
    type Key = KeyRef;
    type State = KmsKey;
    type Action = KeyAction;

    fn kind(&self) -> &'static str {
        "kms-key"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_KEY]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_KEYS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DISABLE_KEY, SCHEDULE_KEY_DELETION]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<KmsKey>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![KmsKeyDeletionScheduled, KmsKeyMaterialDeleted, KmsKeyDisabled];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if event.source != KMS {
            return Ok(Vec::new());
        }
        let by = match event.name.as_str() {
            "ScheduleKeyDeletion" => Change::DeletionScheduled,
            "DisableKey" => Change::Disabled,
            "EnableKey" | "CreateKey" => Change::Enabled,
            "DeleteImportedKeyMaterial" => Change::MaterialDeleted,
            _ => return Ok(Vec::new()),
        };
        let key = KeyRef { window: window(event, by), ..KeyRef::new(key_id(event)?, by) };
        Ok(vec![Target { proven: proven(event, &key), key, changed: None }])
    }

    fn claimed(&self, _: &Event, key: &KeyRef) -> Option<KmsKey> {
        (key.by == Change::MaterialDeleted).then(|| KmsKey::in_state(key, Status::PendingImport))
    }

    fn focus(&self, state: &mut KmsKey, target: &TargetOf<Self>) {
        state.was_enabled = target.key.was_enabled.clone();
        state.by = target.key.by;
        state.window = state.window.or(target.key.window);
    }

    /// Whether the key was enabled is in no record, and no read shows it once its deletion is scheduled.
    fn memory(&self, key: &KeyRef) -> Option<String> {
        Some(key.id.clone())
    }

    fn recalls(&self, key: &KeyRef) -> bool {
        matches!(key.by, Change::DeletionScheduled | Change::Disabled | Change::Nothing)
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<KmsKey>) {
        let before = match kept {
            Observed::Known(key) => match key.status {
                Observed::Known(Status::Enabled) => Observed::Known(true),
                Observed::Known(Status::Disabled) => Observed::Known(false),
                Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => Observed::Absent,
            },
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.was_enabled = before.clone();
        }
        target.key.was_enabled = before;
    }

    fn resource(&self, key: &KeyRef, _: Option<&KmsKey>, place: &Place) -> Resource {
        named(&key.id, place)
    }
}

const FORMS: &[PlannedForm<KmsKey>] = &[
    PlannedForm::one("AWS::KMS::Key", |it| planned(it, "Enabled")),
    PlannedForm::one("AWS::KMS::ReplicaKey", |it| planned(it, "Enabled")),
    PlannedForm::one("aws_kms_external_key", |it| planned(it, "enabled")),
    PlannedForm::one("aws_kms_key", |it| planned(it, "is_enabled")),
    PlannedForm::one("aws_kms_replica_external_key", |it| planned(it, "enabled")),
    PlannedForm::one("aws_kms_replica_key", |it| planned(it, "enabled")),
];

/// A key is enabled unless the file says otherwise.
fn planned(it: &PlannedResource<'_>, property: &str) -> Result<Option<KmsKey>, Unreadable> {
    let is_on = it.is_left_out(property) || it.flag(property)?.unwrap_or(true);
    let (by, status) = if is_on { (Change::Enabled, Status::Enabled) } else { (Change::Disabled, Status::Disabled) };
    let key = KeyRef { was_enabled: Observed::Absent, ..KeyRef::new(it.name.to_owned(), by) };
    Ok(Some(KmsKey::in_state(&key, status)))
}

/// How long the key's deletion waits: KMS's default where the request does not say.
fn window(event: &Event, by: Change) -> Option<i64> {
    let said = |body: &Body| body.at(&["pendingWindowInDays"])?.as_i64();
    let by_default = || event.request.value().map(|_| DEFAULT_WINDOW);
    let days = said(&event.response).or_else(|| said(&event.request)).or_else(by_default);
    days.filter(|_| by == Change::DeletionScheduled)
}

/// What a call that succeeded has made of the key. AWS manages none of the keys that the first two can be about.
fn proven(event: &Event, key: &KeyRef) -> Option<KmsKey> {
    let word = |path: &[&str]| event.response.text(path).and_then(Status::read);
    let status = match key.by {
        Change::DeletionScheduled => {
            word(&["keyState"]).filter(|status| status.is_to_be_deleted()).unwrap_or(Status::PendingDeletion)
        }
        Change::Disabled => Status::Disabled,
        Change::Enabled if event.name == "CreateKey" => word(&["keyMetadata", "keyState"])?,
        Change::Enabled => Status::Enabled,
        // The same material may have been imported again: nothing is done about it that could not wait for a read.
        Change::MaterialDeleted | Change::Nothing => return None,
    };
    let is_aws_managed = event.response.text(&["keyMetadata", "keyManager"]) == Some("AWS");
    let deletion_date = event.response.text(&["deletionDate"]).map(str::to_owned);
    Some(KmsKey { is_aws_managed, deletion_date, ..KmsKey::in_state(key, status) })
}
