//! The rotation of KMS keys: KMS-05.
//!
//! Sources: "EnableKeyRotation", "GetKeyRotationStatus" in the AWS KMS API reference: rotation of asymmetric and HMAC keys, of keys with
//! imported material or in a custom key store, and of replica keys cannot be enabled.

#[cfg(feature = "kms")]
pub(crate) mod client;
pub mod off;
mod planned;
pub mod state;

use super::key::{DESCRIBE_KEY, LIST_KEYS};
use super::record::{KMS, key_id, named};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use off::KmsKeyRotationOff;
use serde_json::{Value, json};
use state::{DISABLE_KEY_ROTATION, ENABLE_KEY_ROTATION, Rotation, RotationAction, RotationRef};
use std::borrow::Cow;

pub(crate) const GET_KEY_ROTATION_STATUS: Permission =
    Permission::on("kms:GetKeyRotationStatus", &["kms:${Region}:${Account}:key/*"]);

/// The family of the rotation of KMS keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyRotations;

impl Family for KeyRotations {
    type Key = RotationRef;
    type State = Rotation;
    type Action = RotationAction;

    fn kind(&self) -> &'static str {
        "kms-key-rotation"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_KEY_ROTATION_STATUS]
    }

    /// Which keys can be rotated shows in no listing.
    fn lists(&self) -> &'static [Permission] {
        &[DESCRIBE_KEY, LIST_KEYS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DISABLE_KEY_ROTATION, ENABLE_KEY_ROTATION]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Rotation>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![KmsKeyRotationOff];

    /// KMS refuses the calls for a key that it cannot rotate.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(KMS, &["DisableKeyRotation", "EnableKeyRotation"]) {
            return Ok(Vec::new());
        }
        let key = RotationRef::new(key_id(event)?);
        let is_on = event.name == "EnableKeyRotation";
        let days = event.request.at(&["rotationPeriodInDays"]).and_then(Value::as_i64).filter(|_| is_on);
        let proven = Rotation { id: key.id.clone(), is_on, days, before: key.before.clone() };
        Ok(vec![Target { key, proven: Some(proven), changed: None }])
    }

    fn focus(&self, state: &mut Rotation, target: &TargetOf<Self>) {
        state.before = target.key.before.clone();
    }

    /// The period of before is in no record.
    fn memory(&self, key: &RotationRef) -> Option<String> {
        Some(key.id.clone())
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<Rotation>) {
        let before = match kept {
            Observed::Known(rotation) => rotation.days.map_or(Observed::Absent, Observed::Known),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    /// What was recalled is compared with nothing.
    fn content(&self, state: &Rotation) -> Value {
        json!({"on": state.is_on, "days": state.days})
    }

    fn writes(&self, call: &RotationAction) -> Option<Value> {
        Some(match call {
            RotationAction::Enable { days, .. } => json!({"on": true, "days": days.unwrap_or(365)}),
            RotationAction::Disable(_) => json!({"on": false, "days": null}),
        })
    }

    fn rewrites(&self, state: &Rotation) -> Option<RotationAction> {
        let key = state.id.clone();
        Some(match state.is_on {
            true => RotationAction::Enable { key, days: state.days },
            false => RotationAction::Disable(key),
        })
    }

    fn resource(&self, key: &RotationRef, _: Option<&Rotation>, place: &Place) -> Resource {
        named(&key.id, place)
    }
}
