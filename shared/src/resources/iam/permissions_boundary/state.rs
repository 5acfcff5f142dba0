//! Permissions boundaries of IAM users and roles.

use crate::engine::holder::{Holder, HolderKind};
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

pub(crate) const PUT_USER_PERMISSIONS_BOUNDARY: Permission =
    Permission::on("iam:PutUserPermissionsBoundary", &["iam::${Account}:user/*"]);
pub(crate) const DELETE_USER_PERMISSIONS_BOUNDARY: Permission =
    Permission::on("iam:DeleteUserPermissionsBoundary", &["iam::${Account}:user/*"]);
pub(crate) const PUT_ROLE_PERMISSIONS_BOUNDARY: Permission =
    Permission::on("iam:PutRolePermissionsBoundary", &["iam::${Account}:role/*"]);
pub(crate) const DELETE_ROLE_PERMISSIONS_BOUNDARY: Permission =
    Permission::on("iam:DeleteRolePermissionsBoundary", &["iam::${Account}:role/*"]);

/// What the event did to a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The principal was made, with or without one.
    Created,
    /// One was set.
    Put,
    /// It was removed.
    Removed,
    /// No event: a sweep looks at what is there.
    Standing,
}

/// How to find the principal to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundaryRef {
    /// The user or role.
    pub holder: Holder,
    /// What the event did.
    pub change: Change,
    /// When the event happened.
    pub time: Option<Timestamp>,
    /// The boundary that it had when it was last looked at. `Absent` when it had none, unknown when nothing was kept.
    pub before: Observed<String>,
}

/// What is known of a principal's boundary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounded {
    /// The user or role.
    pub holder: Holder,
    /// Its path, which most records do not show.
    pub path: Observed<String>,
    /// The ARN of the policy that bounds it; `Absent` when none does.
    pub boundary: Observed<String>,
    /// See [`BoundaryRef::before`].
    pub before: Observed<String>,
    /// What the event did.
    pub change: Change,
    /// The event that showed it.
    pub as_of: Option<Timestamp>,
    /// What the default versions of the two policies say, by their ARNs, as far as they were read.
    #[serde(skip)]
    pub documents: BTreeMap<String, Observed<String>>,
}

impl Bounded {
    /// What a policy says by its default version.
    ///
    /// # Errors
    /// Why that is not known: text, as in [`Observed::Unknown`], where it comes from and where a verdict repeats it.
    pub fn document(&self, policy: &str) -> Result<&str, String> {
        match self.documents.get(policy) {
            Some(Observed::Known(document)) => Ok(document),
            Some(Observed::Absent) => Err(format!("the policy `{policy}` is not there any more")),
            Some(Observed::Unknown { why }) => Err(format!("the document of `{policy}` is unknown: {why}")),
            None => Err(format!("the document of `{policy}` was not read")),
        }
    }
}

/// The calls that change a boundary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoundaryAction {
    /// This policy bounds the principal.
    Put {
        /// The user or role.
        holder: Holder,
        /// The policy's ARN.
        boundary: String,
    },
    /// Nothing bounds it.
    Remove {
        /// The user or role.
        holder: Holder,
    },
}

impl BoundaryAction {
    /// Whose boundary either call changes.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        match self {
            Self::Put { holder, .. } | Self::Remove { holder } => holder,
        }
    }
}

impl fmt::Display for BoundaryAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { holder, boundary } => write!(f, "set the permissions boundary of {holder} to {boundary}"),
            Self::Remove { holder } => write!(f, "remove the permissions boundary of {holder}"),
        }
    }
}

impl Action for BoundaryAction {
    fn permission(&self) -> &'static str {
        match (self, self.holder().kind) {
            (Self::Put { .. }, HolderKind::User) => PUT_USER_PERMISSIONS_BOUNDARY.action,
            // Groups have no boundary; no plan names one.
            (Self::Put { .. }, HolderKind::Role | HolderKind::Group) => PUT_ROLE_PERMISSIONS_BOUNDARY.action,
            (Self::Remove { .. }, HolderKind::User) => DELETE_USER_PERMISSIONS_BOUNDARY.action,
            (Self::Remove { .. }, HolderKind::Role | HolderKind::Group) => DELETE_ROLE_PERMISSIONS_BOUNDARY.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let holder = self.holder();
        let (kind, option) = (holder.kind.word(), holder.option());
        let command = match self {
            Self::Put { boundary, .. } => {
                format!("aws iam put-{kind}-permissions-boundary {option} --permissions-boundary {}", word(boundary))
            }
            Self::Remove { .. } => format!("aws iam delete-{kind}-permissions-boundary {option}"),
        };
        in_region(&command, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// Another boundary may have been set since, a tighter one.
    fn effect(&self) -> Effect {
        match self {
            Self::Put { .. } | Self::Remove { .. } => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}
