//! An IAM user whose key AWS found leaked: AWS attaches a policy of its own to the user that denies the worst and leaves the key
//! alive ("AWSCompromisedKeyQuarantineV3", AWS managed policy reference).

use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Effect, Step, Undo};
use crate::resources::iam::access_key::state::{KeyAction, UserKey};
use crate::resources::iam::deny_policy::{Deny, DenyAction, Principal};
use crate::resources::iam::session_cut::state::cut;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How AWS's quarantine policies are called, each version of it.
pub const QUARANTINE: &str = "AWSCompromisedKeyQuarantine";

/// How to find the user, and how it is known that a key of it leaked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompromisedRef {
    /// The user's name.
    pub user: String,
    /// What says so.
    pub leak: Leak,
}

/// What says that a key leaked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leak {
    /// The name of the quarantine policy.
    pub policy: String,
    /// When it was attached, where an event shows it.
    pub at: Option<Timestamp>,
    /// Who attached it.
    #[serde(default)]
    pub by: Quarantiner,
}

/// Who put the quarantine policy on the user. Any principal that may change the user's policies can: it is AWS's word only where AWS
/// did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quarantiner {
    /// AWS itself.
    Aws,
    /// A principal.
    Principal {
        /// Who, for a person.
        label: String,
        /// The ARNs by which policy may name it.
        arns: Vec<String>,
        /// The user itself, by a long-term key: so AWS was recorded when it acted with the leaked key's own identity.
        is_own_key: bool,
    },
    /// It was there when it was read: IAM does not say who attached it.
    #[default]
    Unknown,
}

/// What is known of the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompromisedUser {
    /// The user's name.
    pub user: String,
    /// What says that a key of it leaked.
    pub leak: Leak,
    /// The ids of its keys that work.
    pub active_keys: Observed<Vec<String>>,
    /// What Parapet denies it already.
    pub denies: Observed<Vec<Deny>>,
    /// When it was looked at. Not part of what it is: a user that was looked at later has not changed.
    #[serde(skip)]
    pub seen: Timestamp,
}

/// The calls that change such a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompromisedAction {
    /// On one of its keys.
    Key(KeyAction),
    /// On the sessions that were opened with them.
    Sessions(DenyAction),
}

impl CompromisedAction {
    /// The step that switches a key off.
    #[must_use]
    pub fn deactivate(user: &str, id: &str) -> Step<Self> {
        let key = UserKey { user: user.to_owned(), id: id.to_owned() };
        Step {
            apply: Self::Key(KeyAction::Deactivate(key.clone())),
            undo: Undo::Apply(Self::Key(KeyAction::Activate(key))),
        }
    }

    /// The step that cuts the user's sessions from before `moment`.
    #[must_use]
    pub fn cut(user: &str, moment: Timestamp) -> Option<Step<Self>> {
        let cut = cut(Principal::User(user.to_owned()), None, moment).ok()?;
        Some(Step {
            apply: Self::Sessions(DenyAction::Put(cut.clone())),
            undo: Undo::Apply(Self::Sessions(DenyAction::Lift(cut))),
        })
    }
}

impl fmt::Display for CompromisedAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(action) => action.fmt(f),
            Self::Sessions(action) => action.fmt(f),
        }
    }
}

impl Action for CompromisedAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Key(action) => action.permission(),
            Self::Sessions(action) => action.permission(),
        }
    }

    fn command(&self, region: &str) -> String {
        match self {
            Self::Key(action) => action.command(region),
            Self::Sessions(action) => action.command(region),
        }
    }

    fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key(mine), Self::Key(theirs)) => mine.absorb(theirs),
            (Self::Sessions(mine), Self::Sessions(theirs)) => mine.absorb(theirs),
            (Self::Key(_), Self::Sessions(_)) | (Self::Sessions(_), Self::Key(_)) => false,
        }
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Key(action) => action.effect(),
            Self::Sessions(action) => action.effect(),
        }
    }

    fn guards_itself(&self) -> bool {
        match self {
            Self::Key(action) => action.guards_itself(),
            Self::Sessions(action) => action.guards_itself(),
        }
    }

    fn elements(&self) -> usize {
        match self {
            Self::Key(action) => action.elements(),
            Self::Sessions(action) => action.elements(),
        }
    }
}
