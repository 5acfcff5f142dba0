//! Managed policies attached to principals.

use crate::model::Observed;
use crate::model::holder::{Beside, Holder, HolderKind, argument};
use crate::plan::{Action, in_region};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A managed policy and who it is attached to: both names together are the resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// The principal.
    pub holder: Holder,
    /// The policy's ARN; its account is `aws` where the policy is AWS's own.
    pub policy: String,
}

/// What is known of an attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The policy and the principal.
    pub pair: Pair,
    /// The principal's path, which no record shows. Read only where its name says that it may be AWS's own.
    pub path: Observed<String>,
    /// What the policy's default version says.
    pub document: Observed<String>,
    /// What the principal holds beside it.
    #[serde(skip, default = "unread")]
    pub beside: Observed<Beside>,
    /// It was not made by the event: it stood there before anybody looked.
    pub is_standing: bool,
}

/// Why what a principal holds beside a policy is not known yet.
#[must_use]
pub fn unread() -> Observed<Beside> {
    Observed::Unknown { why: "what the principal holds beside it was not read".to_owned() }
}

/// The calls that change an attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttachmentAction {
    /// The principal holds the policy no more; the policy stays.
    Detach(Pair),
    /// The principal holds it again.
    Attach(Pair),
}

impl AttachmentAction {
    /// The pair that either call changes.
    #[must_use]
    pub fn pair(&self) -> &Pair {
        match self {
            Self::Detach(pair) | Self::Attach(pair) => pair,
        }
    }
}

impl fmt::Display for AttachmentAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Detach(Pair { holder, policy }) => write!(f, "detach policy {policy} from {holder}"),
            Self::Attach(Pair { holder, policy }) => write!(f, "attach policy {policy} to {holder}"),
        }
    }
}

impl Action for AttachmentAction {
    fn permission(&self) -> &'static str {
        match (self, self.pair().holder.kind) {
            (Self::Detach(_), HolderKind::User) => "iam:DetachUserPolicy",
            (Self::Detach(_), HolderKind::Role) => "iam:DetachRolePolicy",
            (Self::Detach(_), HolderKind::Group) => "iam:DetachGroupPolicy",
            (Self::Attach(_), HolderKind::User) => "iam:AttachUserPolicy",
            (Self::Attach(_), HolderKind::Role) => "iam:AttachRolePolicy",
            (Self::Attach(_), HolderKind::Group) => "iam:AttachGroupPolicy",
        }
    }

    fn command(&self, region: &str) -> String {
        let verb = match self {
            Self::Detach(_) => "detach",
            Self::Attach(_) => "attach",
        };
        let Pair { holder, policy } = self.pair();
        let (word, option, policy) = (holder.kind.word(), holder.option(), argument(policy));
        in_region(&format!("aws iam {verb}-{word}-policy {option} --policy-arn {policy}"), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn elements(&self) -> usize {
        1
    }
}
