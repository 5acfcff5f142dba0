//! Long-term access keys.

use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const UPDATE_ACCESS_KEY: Permission = Permission::on("iam:UpdateAccessKey", &["iam::${Account}:user/*"]);

/// How to find the key to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRef {
    /// `AKIA…`
    pub id: String,
    /// Whose it is.
    pub owner: Owner,
}

/// How some records name root where a user's name stands. No user can be called so: a user's name holds no space.
pub const NAME_OF_ROOT: &str = "AWS ROOT USER";

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// The account's root user.
    Root,
    /// An IAM user, by name.
    User(String),
}

/// What is known of an access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`
    pub id: String,
    /// Whose it is.
    pub owner: Owner,
    /// Whether it works.
    pub is_active: bool,
    /// Whether its owner made it, where that shows: only in the event.
    pub made_by_owner: Observed<bool>,
    /// How many active keys the owner has, this one included.
    pub active_keys: Observed<usize>,
}

/// The calls that change an access key. Never a deletion: the secret could not be had again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAction {
    /// The key stops working; it can be switched on again.
    Deactivate(UserKey),
    /// The key works again.
    Activate(UserKey),
}

/// A key of an IAM user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserKey {
    /// The user's name.
    pub user: String,
    /// `AKIA…`
    pub id: String,
}

impl KeyAction {
    /// The key that either call changes.
    #[must_use]
    pub fn key(&self) -> &UserKey {
        match self {
            Self::Deactivate(key) | Self::Activate(key) => key,
        }
    }

    /// `UpdateAccessKey`'s status.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self {
            Self::Deactivate(_) => "Inactive",
            Self::Activate(_) => "Active",
        }
    }
}

impl fmt::Display for KeyAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self {
            Self::Deactivate(_) => "deactivate",
            Self::Activate(_) => "activate",
        };
        write!(f, "{verb} access key {} of user {}", self.key().id, self.key().user)
    }
}

impl Action for KeyAction {
    fn permission(&self) -> &'static str {
        UPDATE_ACCESS_KEY.action
    }

    fn command(&self, region: &str) -> String {
        let UserKey { user, id } = self.key();
        let status = self.status();
        in_region(
            &format!("aws iam update-access-key --user-name {user} --access-key-id {id} --status {status}"),
            region,
        )
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Deactivate(_) => Effect::Removing,
            Self::Activate(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}
