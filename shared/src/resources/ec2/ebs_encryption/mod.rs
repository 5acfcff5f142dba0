//! Encryption of new EBS volumes: EC2-07.

#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod default_key_changed;
pub mod default_off;
mod planned;
pub mod state;

use super::setting::{EC2, setting};
use super::setting_wire;
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, Unlocatable, Written};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use default_key_changed::EbsDefaultKeyChanged;
use default_off::EbsEncryptionDefaultOff;
use serde_json::Value;
use state::{Asks, DefaultKey, EbsAction, EbsEncryption as State, EbsRef, not_looked};
use state::{DISABLE_EBS_ENCRYPTION_BY_DEFAULT, MODIFY_EBS_DEFAULT_KMS_KEY_ID, RESET_EBS_DEFAULT_KMS_KEY_ID};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// See [`About::ids`](crate::engine::guardrail::About::ids).
const IDS: &[&str] = &["arn:%:ec2:%:%:ebs-encryption-by-default"];

pub(crate) const GET_EBS_ENCRYPTION_BY_DEFAULT: Permission = Permission::read("ec2:GetEbsEncryptionByDefault");
pub(crate) const GET_EBS_DEFAULT_KMS_KEY_ID: Permission = Permission::read("ec2:GetEbsDefaultKmsKeyId");
pub(crate) const DESCRIBE_VOLUMES: Permission = Permission::read("ec2:DescribeVolumes");

/// The family of the setting: whether new volumes are encrypted by default, and with which key.
///
/// Switching it off is proven by the record, so nothing is recalled or read before it is switched on again. Which key was
/// the default before is in no record: it is the last known good state's.
#[derive(Clone, Copy, Debug, Default)]
pub struct EbsEncryption;

/// What an event of the key changes, as an element.
const KEY: &str = "default key";
/// What an event of the switch changes.
const ENCRYPTION: &str = "encryption by default";

impl Family for EbsEncryption {
    type Key = EbsRef;
    type State = State;
    type Action = EbsAction;

    fn kind(&self) -> &'static str {
        "ebs-encryption-default"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_EBS_ENCRYPTION_BY_DEFAULT, GET_EBS_DEFAULT_KMS_KEY_ID, DESCRIBE_VOLUMES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DISABLE_EBS_ENCRYPTION_BY_DEFAULT, MODIFY_EBS_DEFAULT_KMS_KEY_ID, RESET_EBS_DEFAULT_KMS_KEY_ID]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<State>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![EbsDefaultKeyChanged, EbsEncryptionDefaultOff];

    fn locate(&self, event: &Event) -> Result<Vec<Target<EbsRef, State>>, Unlocatable> {
        if event.source != EC2 {
            return Ok(Vec::new());
        }
        let (asks, changes, proven) = match event.name.as_str() {
            "DisableEbsEncryptionByDefault" => {
                let is_off = setting_wire::flag(setting_wire::answered(event, "EbsEncryptionByDefault")) == Some(false);
                (Asks::Encryption { since: event.time }, ENCRYPTION, is_off.then(switched_off))
            }
            "EnableEbsEncryptionByDefault" => (Asks::Both, ENCRYPTION, None),
            "ModifyEbsDefaultKmsKeyId" => {
                let key = setting_wire::text(setting_wire::answered(event, "KmsKeyId")).map(DefaultKey::read);
                (Asks::Key, KEY, key.map(changed_to))
            }
            "ResetEbsDefaultKmsKeyId" => {
                let was_answered = setting_wire::answered(event, "KmsKeyId").is_some();
                (Asks::Key, KEY, was_answered.then(|| changed_to(DefaultKey::AwsManaged)))
            }
            _ => return Ok(Vec::new()),
        };
        let key = EbsRef { asks, before: Observed::Absent };
        Ok(vec![Target { key, proven, changed: Some(BTreeSet::from([changes.to_owned()])) }])
    }

    /// A call that succeeded did what its name says. The key that `ModifyEbsDefaultKmsKeyId` asks for may be an alias,
    /// which says nothing.
    fn claimed(&self, event: &Event, _: &EbsRef) -> Option<State> {
        match event.name.as_str() {
            "DisableEbsEncryptionByDefault" => Some(switched_off()),
            "ResetEbsDefaultKmsKeyId" => Some(changed_to(DefaultKey::AwsManaged)),
            _ => None,
        }
    }

    fn focus(&self, state: &mut State, target: &Target<EbsRef, State>) {
        state.before = target.key.before.clone();
        state.key_was_changed = target.changed.as_ref().is_some_and(|changed| changed.contains(KEY));
    }

    fn memory(&self, key: &EbsRef) -> Option<String> {
        match key.asks {
            Asks::Encryption { .. } => None,
            Asks::Key | Asks::Both => Some("setting".to_owned()),
        }
    }

    fn recall(&self, target: &mut Target<EbsRef, State>, kept: Observed<State>) {
        let before = match kept {
            Observed::Known(state) => state.key,
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    /// Encryption is switched by calls of its own, which do not touch the key.
    fn part(&self, call: &EbsAction, state: &State) -> (String, Value) {
        match call {
            EbsAction::UseKey(_) => (KEY.to_owned(), state.key.known().map_or(Value::Null, |key| key.name().into())),
            EbsAction::Encrypt | EbsAction::DoNotEncrypt => (ENCRYPTION.to_owned(), Value::Null),
        }
    }

    fn writes(&self, call: &EbsAction) -> Option<Value> {
        match call {
            EbsAction::UseKey(key) => Some(key.name().into()),
            EbsAction::Encrypt | EbsAction::DoNotEncrypt => None,
        }
    }

    fn written(&self, _: &Event, target: &Target<EbsRef, State>) -> Option<Written<EbsAction>> {
        let key = target.proven.as_ref().filter(|proven| proven.key_was_changed)?.key.known()?;
        let again = Some(EbsAction::UseKey(key.clone()));
        Some(Written { part: KEY.to_owned(), content: key.name().into(), again, anew: None })
    }

    fn resource(&self, _: &EbsRef, _: Option<&State>, place: &Place) -> Resource {
        setting("ebs-encryption-by-default", place)
    }
}

fn not_in_the_record<T>() -> Observed<T> {
    Observed::Unknown { why: "the record shows the other part of the setting only".to_owned() }
}

fn switched_off() -> State {
    State {
        is_on: Observed::Known(false),
        key: not_in_the_record(),
        before: Observed::Absent,
        key_was_changed: false,
        made_unencrypted: not_looked(),
    }
}

fn changed_to(key: DefaultKey) -> State {
    State {
        is_on: not_in_the_record(),
        key: Observed::Known(key),
        before: Observed::Absent,
        key_was_changed: true,
        made_unencrypted: not_looked(),
    }
}
