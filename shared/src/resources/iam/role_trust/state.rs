//! Trust policies of IAM roles: who may assume them.

use crate::engine::holder::{Holder, HolderKind, RoleSeen, document_argument, unseen};
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const UPDATE_ASSUME_ROLE_POLICY: Permission =
    Permission::on("iam:UpdateAssumeRolePolicy", &["iam::${Account}:role/*"]);

/// How to find the role to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRef {
    /// Its name, which is unique in the account whatever its path. None where the record names no role.
    pub name: Option<String>,
    /// It was made by the event: what was kept under its name is another role's.
    pub is_new: bool,
    /// When the event happened.
    pub time: Option<Timestamp>,
    /// The trust policy that it had when it was last known to be good.
    pub before: Observed<String>,
    /// The service of AWS that made it on its own behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_service: Option<String>,
}

/// What is known of a role's trust policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleTrust {
    /// The role's name.
    pub name: Option<String>,
    /// Its path, which the record of an update does not show.
    pub path: Observed<String>,
    /// The document, as it is written and not URL-encoded.
    pub document: Observed<String>,
    /// The document that it had when it was last known to be good.
    pub before: Observed<String>,
    /// The event that showed it.
    pub as_of: Option<Timestamp>,
    /// It was made by the event.
    #[serde(default)]
    pub is_new: bool,
    /// The service of AWS that made it on its own behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_service: Option<String>,
    /// Which role it is, and since when.
    #[serde(skip, default = "unseen")]
    pub role: Observed<RoleSeen>,
}

/// A role and the document that its trust policy shall be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// The role's name.
    pub role: String,
    /// The document.
    pub document: String,
}

/// The one call that changes a trust policy, by why it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrustAction {
    /// The document that the role had before.
    Restore(Trust),
    /// The document without the parts that trust too many.
    Reduce {
        /// What is left.
        trust: Trust,
        /// The parts, each in a few words.
        edits: Vec<String>,
    },
    /// The undo: the document that was there.
    PutBack(Trust),
}

impl TrustAction {
    /// What the call writes.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        match self {
            Self::Restore(trust) | Self::Reduce { trust, .. } | Self::PutBack(trust) => trust,
        }
    }
}

/// The role as a principal.
#[must_use]
pub(crate) fn role(name: &str) -> Holder {
    Holder { kind: HolderKind::Role, name: name.to_owned() }
}

impl fmt::Display for TrustAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = role(&self.trust().role);
        match self {
            Self::Restore(_) => write!(f, "restore the trust policy that {role} had"),
            Self::Reduce { edits, .. } => write!(f, "reduce the trust policy of {role}: {}", edits.join(", ")),
            Self::PutBack(_) => write!(f, "restore the trust policy of {role}"),
        }
    }
}

impl Action for TrustAction {
    fn permission(&self) -> &'static str {
        UPDATE_ASSUME_ROLE_POLICY.action
    }

    fn command(&self, region: &str) -> String {
        let Trust { role: name, document } = self.trust();
        let (option, document) = (role(name).option(), document_argument(document));
        in_region(&format!("aws iam update-assume-role-policy {option} --policy-document {document}"), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// The whole document is written, whatever stands there.
    fn effect(&self) -> Effect {
        match self {
            Self::Restore(_) | Self::Reduce { .. } | Self::PutBack(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        match self {
            Self::Restore(_) | Self::PutBack(_) => 1,
            Self::Reduce { edits, .. } => edits.len(),
        }
    }
}
