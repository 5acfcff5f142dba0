//! Policies of an organization: what they say, and what they are attached to.

use crate::engine::observed::Observed;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How to find a policy, what is known of it from before, and who called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRef {
    /// Its id: `p-…`.
    pub id: String,
    /// The call that an event is about; empty in a sweep.
    #[serde(default)]
    pub call: String,
    /// See [`callers`](crate::resources::callers::callers).
    #[serde(default)]
    pub by: Vec<String>,
    /// What it was detached from, where the event is about that.
    #[serde(default)]
    pub target: Option<String>,
    /// What it was when it was last seen to be good: a deleted one cannot be asked.
    pub before: Observed<View>,
}

impl PolicyRef {
    /// A policy of which nothing was recalled yet.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            call: String::new(),
            by: Vec::new(),
            target: None,
            before: Observed::Unknown { why: "its last known good state was not read".to_owned() },
        }
    }

    /// The policy, as it is now.
    #[must_use]
    pub fn state(&self, now: Now) -> Policy {
        Policy { policy: self.clone(), now }
    }
}

/// What is known of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// How it is found, with what it was before.
    pub policy: PolicyRef,
    /// What became of it.
    pub now: Now,
}

/// What became of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Now {
    /// It is there.
    Stands(Box<View>),
    /// It is gone, and another one has its name and its type.
    Anew {
        /// The other one's id.
        id: String,
        /// The other one.
        view: Box<View>,
    },
    /// It is gone.
    Gone,
}

/// A policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Its name.
    pub name: String,
    /// Its description.
    #[serde(default)]
    pub description: String,
    /// Its type, such as `SERVICE_CONTROL_POLICY`.
    pub kind: String,
    /// The document.
    pub content: String,
    /// The roots, organizational units and accounts that it is attached to. A record shows none.
    #[serde(default)]
    pub targets: Option<BTreeSet<String>>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl View {
    /// Whether its content is a policy in IAM's policy language: of two such policies, the statements show which is weaker.
    #[must_use]
    pub fn has_statements(&self) -> bool {
        matches!(self.kind.as_str(), "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY")
    }

    /// The tags that can be given: those that begin with `aws:` are AWS's own.
    #[must_use]
    pub fn own_tags(&self) -> BTreeMap<String, String> {
        let is_own = |key: &str| !key.to_ascii_lowercase().starts_with("aws:");
        self.tags.iter().filter(|(key, _)| is_own(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}
