//! The rotation of a KMS key's material ("Rotate AWS KMS keys", KMS developer guide).

use crate::engine::count::counted;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

const KEYS: &[&str] = &["kms:${Region}:${Account}:key/*"];

pub(crate) const ENABLE_KEY_ROTATION: Permission = Permission::on("kms:EnableKeyRotation", KEYS);
pub(crate) const DISABLE_KEY_ROTATION: Permission = Permission::on("kms:DisableKeyRotation", KEYS);

/// How to find the rotation of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationRef {
    /// The key's id.
    pub id: String,
    /// Its period when it was last seen to be good, in days.
    pub before: Observed<i64>,
}

impl RotationRef {
    /// A key of which nothing was recalled yet.
    #[must_use]
    pub fn new(id: String) -> Self {
        Self { id, before: Observed::Unknown { why: "its last known good state was not read".to_owned() } }
    }
}

/// What is known of the rotation of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The key's id.
    pub id: String,
    /// Whether it is rotated automatically.
    pub is_on: bool,
    /// Its period in days, where it is rotated and that shows.
    pub days: Option<i64>,
    /// The period when it was last seen to be good.
    pub before: Observed<i64>,
}

/// The calls that change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RotationAction {
    /// It is rotated automatically.
    Enable {
        /// The key's id.
        key: String,
        /// 90 to 2560; KMS's own default (365) without it.
        days: Option<i64>,
    },
    /// It is not.
    Disable(String),
}

impl RotationAction {
    /// The id of the key.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Enable { key, .. } | Self::Disable(key) => key,
        }
    }
}

impl fmt::Display for RotationAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enable { key, days: Some(days) } => {
                write!(f, "enable rotation of key {key} every {days}", days = counted(days, "day"))
            }
            Self::Enable { key, days: None } => write!(f, "enable rotation of key {key}"),
            Self::Disable(key) => write!(f, "disable rotation of key {key}"),
        }
    }
}

impl Action for RotationAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Enable { .. } => ENABLE_KEY_ROTATION.action,
            Self::Disable(_) => DISABLE_KEY_ROTATION.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let key = word(self.key());
        let line = match self {
            Self::Enable { days: Some(days), .. } => {
                format!("aws kms enable-key-rotation --key-id {key} --rotation-period-in-days {days}")
            }
            Self::Enable { days: None, .. } => format!("aws kms enable-key-rotation --key-id {key}"),
            Self::Disable(_) => format!("aws kms disable-key-rotation --key-id {key}"),
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// The call sets the period too: where rotation was enabled again since, with a shorter one, it would be a longer one.
    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    fn elements(&self) -> usize {
        1
    }
}
