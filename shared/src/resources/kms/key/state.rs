//! A KMS key and its state ("Key states of AWS KMS keys", KMS developer guide).

use crate::engine::count::counted;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Every key of the account in the region. Aliases and keys of other accounts are none of these calls' business.
const KEYS: &[&str] = &["kms:${Region}:${Account}:key/*"];

pub(crate) const CANCEL_KEY_DELETION: Permission = Permission::on("kms:CancelKeyDeletion", KEYS);
pub(crate) const ENABLE_KEY: Permission = Permission::on("kms:EnableKey", KEYS);
pub(crate) const DISABLE_KEY: Permission = Permission::on("kms:DisableKey", KEYS);
pub(crate) const SCHEDULE_KEY_DELETION: Permission = Permission::on("kms:ScheduleKeyDeletion", KEYS);

/// KMS's own default, and the longest.
pub(crate) const DEFAULT_WINDOW: i64 = 30;

/// How to find a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRef {
    /// Its id.
    pub id: String,
    /// What the event did to it.
    pub by: Change,
    /// Whether it was enabled when it was last seen to be good.
    pub was_enabled: Observed<bool>,
    /// The waiting period in days that the event gave its deletion: a read shows it for some keys only.
    pub window: Option<i64>,
}

impl KeyRef {
    /// A key of which nothing was recalled yet.
    #[must_use]
    pub fn new(id: String, by: Change) -> Self {
        let was_enabled = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        Self { id, by, was_enabled, window: None }
    }
}

/// What an event did to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Its deletion was scheduled.
    DeletionScheduled,
    /// It was disabled.
    Disabled,
    /// It was made or enabled: it is looked at so that this is known later.
    Enabled,
    /// Its imported material was deleted.
    MaterialDeleted,
    /// There is no event: a sweep looks.
    Nothing,
}

/// `KeyState`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It can be used.
    Enabled,
    /// It cannot be used.
    Disabled,
    /// It will be deleted.
    PendingDeletion,
    /// A multi-Region primary key that will be deleted once its replicas are.
    PendingReplicaDeletion,
    /// It has no material (yet, or any more).
    PendingImport,
    /// It is being made or changed, or its key store is disconnected.
    NotReady,
}

impl Status {
    /// KMS's word; none for one that is not documented.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "Enabled" => Some(Self::Enabled),
            "Disabled" => Some(Self::Disabled),
            "PendingDeletion" => Some(Self::PendingDeletion),
            "PendingReplicaDeletion" => Some(Self::PendingReplicaDeletion),
            "PendingImport" => Some(Self::PendingImport),
            "Creating" | "Updating" | "Unavailable" => Some(Self::NotReady),
            _ => None,
        }
    }

    /// Whether its deletion is scheduled.
    #[must_use]
    pub fn is_to_be_deleted(self) -> bool {
        matches!(self, Self::PendingDeletion | Self::PendingReplicaDeletion)
    }
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KmsKey {
    /// Its id.
    pub id: String,
    /// Its state.
    pub status: Observed<Status>,
    /// Whether AWS manages it: the account can change nothing about it then.
    pub is_aws_managed: bool,
    /// When it will be deleted, as KMS writes it.
    pub deletion_date: Option<String>,
    /// The waiting period of its deletion in days, where that shows.
    pub window: Option<i64>,
    /// Whether it was enabled when it was last seen to be good.
    pub was_enabled: Observed<bool>,
    /// What the event did.
    pub by: Change,
}

impl KmsKey {
    /// A customer managed key in a state, and nothing else known of it.
    #[must_use]
    pub fn in_state(key: &KeyRef, status: Status) -> Self {
        Self {
            id: key.id.clone(),
            status: Observed::Known(status),
            is_aws_managed: false,
            deletion_date: None,
            window: key.window,
            was_enabled: key.was_enabled.clone(),
            by: key.by,
        }
    }

    /// The call that schedules its deletion again, with the same waiting period.
    #[must_use]
    pub fn schedule_again(&self) -> KeyAction {
        KeyAction::ScheduleDeletion { key: self.id.clone(), days: self.window.unwrap_or(DEFAULT_WINDOW) }
    }
}

/// The calls that change whether a key can be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAction {
    /// It is not deleted. It is disabled then.
    CancelDeletion(String),
    /// It is deleted after so many days.
    ScheduleDeletion {
        /// Its id.
        key: String,
        /// 7 to 30.
        days: i64,
    },
    /// It can be used.
    Enable(String),
    /// It cannot be used.
    Disable(String),
}

impl KeyAction {
    /// The id of the key.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::CancelDeletion(key) | Self::ScheduleDeletion { key, .. } | Self::Enable(key) | Self::Disable(key) => {
                key
            }
        }
    }
}

impl fmt::Display for KeyAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CancelDeletion(key) => write!(f, "cancel the deletion of key {key}"),
            Self::ScheduleDeletion { key, days } => {
                write!(f, "schedule the deletion of key {key} in {days}", days = counted(days, "day"))
            }
            Self::Enable(key) => write!(f, "enable key {key}"),
            Self::Disable(key) => write!(f, "disable key {key}"),
        }
    }
}

impl Action for KeyAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::CancelDeletion(_) => CANCEL_KEY_DELETION.action,
            Self::ScheduleDeletion { .. } => SCHEDULE_KEY_DELETION.action,
            Self::Enable(_) => ENABLE_KEY.action,
            Self::Disable(_) => DISABLE_KEY.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let key = word(self.key());
        let line = match self {
            Self::CancelDeletion(_) => format!("aws kms cancel-key-deletion --key-id {key}"),
            Self::ScheduleDeletion { days, .. } => {
                format!("aws kms schedule-key-deletion --key-id {key} --pending-window-in-days {days}")
            }
            Self::Enable(_) => format!("aws kms enable-key --key-id {key}"),
            Self::Disable(_) => format!("aws kms disable-key --key-id {key}"),
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// Both calls that close name one key by its id, which never comes to mean another, and only keep it usable.
    fn effect(&self) -> Effect {
        match self {
            Self::CancelDeletion(_) | Self::Enable(_) => Effect::Restoring,
            Self::ScheduleDeletion { .. } | Self::Disable(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_says_what_it_does_and_how() {
        let key = KmsKey {
            window: Some(7),
            ..KmsKey::in_state(&KeyRef::new("k".to_owned(), Change::Nothing), Status::Enabled)
        };
        assert_eq!(
            key.schedule_again().command("eu-west-1"),
            "aws kms schedule-key-deletion --key-id k --pending-window-in-days 7 --region eu-west-1"
        );
        let unknown = KmsKey { window: None, ..key };
        assert_eq!(unknown.schedule_again().to_string(), "schedule the deletion of key k in 30 days");
        assert_eq!(
            KeyAction::CancelDeletion("x; rm -rf /".to_owned()).command(""),
            "aws kms cancel-key-deletion --key-id 'x; rm -rf /'"
        );
    }

    #[test]
    fn a_state_that_is_not_documented_is_not_taken_for_another() {
        assert_eq!(Status::read("PendingReplicaDeletion"), Some(Status::PendingReplicaDeletion));
        assert_eq!(Status::read("Updating"), Some(Status::NotReady));
        assert_eq!(Status::read("Retired"), None);
    }
}
