//! Policies written into a user, a role or a group.

use crate::engine::holder::{Beside, Holder, HolderKind, RoleSeen, document_argument, unseen};
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use crate::resources::iam::policy_attachment::state::unread;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const PUT_USER_POLICY: Permission = Permission::on("iam:PutUserPolicy", &["iam::${Account}:user/*"]);
pub(crate) const DELETE_USER_POLICY: Permission = Permission::on("iam:DeleteUserPolicy", &["iam::${Account}:user/*"]);
pub(crate) const PUT_ROLE_POLICY: Permission = Permission::on("iam:PutRolePolicy", &["iam::${Account}:role/*"]);
pub(crate) const DELETE_ROLE_POLICY: Permission = Permission::on("iam:DeleteRolePolicy", &["iam::${Account}:role/*"]);
pub(crate) const PUT_GROUP_POLICY: Permission = Permission::on("iam:PutGroupPolicy", &["iam::${Account}:group/*"]);
pub(crate) const DELETE_GROUP_POLICY: Permission =
    Permission::on("iam:DeleteGroupPolicy", &["iam::${Account}:group/*"]);

/// How to find an inline policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineRef {
    /// Whose it is.
    pub holder: Holder,
    /// The policy's name, unique for its principal.
    pub name: String,
    /// What the policy said when it was last seen good; absent when there was none then.
    pub before: Observed<String>,
}

/// What is known of an inline policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inline {
    /// Whose it is.
    pub holder: Holder,
    /// The policy's name.
    pub name: String,
    /// The principal's path, which no record shows. Read only where its name says that it may be AWS's own.
    pub path: Observed<String>,
    /// What it says; absent when it was deleted.
    pub document: Observed<String>,
    /// What it said when it was last seen good; absent when there was none then.
    pub before: Observed<String>,
    /// What the principal holds beside it.
    #[serde(skip, default = "unread")]
    pub beside: Observed<Beside>,
    /// It was not written by the event: it stood there before anybody looked.
    pub is_standing: bool,
    /// The role that holds it.
    #[serde(skip, default = "unseen")]
    pub role: Observed<RoleSeen>,
}

/// The calls that change an inline policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InlineAction {
    /// It says this from now on.
    Put {
        /// Whose it is.
        holder: Holder,
        /// Its name.
        name: String,
        /// What it says.
        document: String,
        /// What that takes out of it and puts into it, each in a few words.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changes: Vec<String>,
    },
    /// There is none of this name any more.
    Delete {
        /// Whose it was.
        holder: Holder,
        /// Its name.
        name: String,
    },
}

impl InlineAction {
    /// Whose policy either call changes.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        match self {
            Self::Put { holder, .. } | Self::Delete { holder, .. } => holder,
        }
    }

    /// The policy's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Put { name, .. } | Self::Delete { name, .. } => name,
        }
    }
}

impl fmt::Display for InlineAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { holder, name, changes, .. } if changes.is_empty() => {
                write!(f, "write inline policy {name} of {holder}")
            }
            Self::Put { holder, name, changes, .. } => {
                write!(f, "change inline policy {name} of {holder}: {}", changes.join(", "))
            }
            Self::Delete { holder, name } => write!(f, "delete inline policy {name} of {holder}"),
        }
    }
}

impl Action for InlineAction {
    fn permission(&self) -> &'static str {
        match (self, self.holder().kind) {
            (Self::Put { .. }, HolderKind::User) => PUT_USER_POLICY.action,
            (Self::Put { .. }, HolderKind::Role) => PUT_ROLE_POLICY.action,
            (Self::Put { .. }, HolderKind::Group) => PUT_GROUP_POLICY.action,
            (Self::Delete { .. }, HolderKind::User) => DELETE_USER_POLICY.action,
            (Self::Delete { .. }, HolderKind::Role) => DELETE_ROLE_POLICY.action,
            (Self::Delete { .. }, HolderKind::Group) => DELETE_GROUP_POLICY.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let (kind, option, name) = (self.holder().kind.word(), self.holder().option(), word(self.name()));
        let line = match self {
            Self::Put { document, .. } => {
                let document = document_argument(document);
                format!("aws iam put-{kind}-policy {option} --policy-name {name} --policy-document {document}")
            }
            Self::Delete { .. } => format!("aws iam delete-{kind}-policy {option} --policy-name {name}"),
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// What stands under the name may say something else by now, a Deny among it.
    fn effect(&self) -> Effect {
        match self {
            Self::Put { .. } | Self::Delete { .. } => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}
