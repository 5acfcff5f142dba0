//! Managed policies attached to principals.

use crate::engine::holder::{Beside, Holder, HolderKind, RoleSeen, argument, unseen};
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const DETACH_USER_POLICY: Permission = Permission::on("iam:DetachUserPolicy", &["iam::${Account}:user/*"]);
pub(crate) const ATTACH_USER_POLICY: Permission = Permission::on("iam:AttachUserPolicy", &["iam::${Account}:user/*"]);
pub(crate) const DETACH_ROLE_POLICY: Permission = Permission::on("iam:DetachRolePolicy", &["iam::${Account}:role/*"]);
pub(crate) const ATTACH_ROLE_POLICY: Permission = Permission::on("iam:AttachRolePolicy", &["iam::${Account}:role/*"]);
pub(crate) const DETACH_GROUP_POLICY: Permission =
    Permission::on("iam:DetachGroupPolicy", &["iam::${Account}:group/*"]);
pub(crate) const ATTACH_GROUP_POLICY: Permission =
    Permission::on("iam:AttachGroupPolicy", &["iam::${Account}:group/*"]);

/// A managed policy and who it is attached to: both names together are the resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// The principal.
    pub holder: Holder,
    /// The policy's ARN; its account is `aws` where the policy is AWS's own.
    pub policy: String,
}

/// How to find an attachment, and whether AWS made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentRef {
    /// The policy and the principal.
    #[serde(flatten)]
    pub pair: Pair,
    /// The service of AWS that attached it on its own behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_service: Option<String>,
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
    /// The service of AWS that attached it on its own behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_service: Option<String>,
    /// The role that holds it.
    #[serde(skip, default = "unseen")]
    pub role: Observed<RoleSeen>,
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

/// Policies of AWS's own that are known to hold no Deny: what is known of them stands in
/// `resources::iam::policy_attachment::known`.
const WITHOUT_DENY: [&str; 3] = ["policy/AdministratorAccess", "policy/IAMFullAccess", "policy/PowerUserAccess"];

/// Whether detaching this policy cannot lift a Deny, whatever became of it. No customer's policy has `aws` for its account.
#[must_use]
pub fn holds_no_deny(arn: &str) -> bool {
    let mut fields = arn.splitn(6, ':');
    let is_arn = fields.next() == Some("arn") && fields.next().is_some_and(|partition| partition.starts_with("aws"));
    let is_aws_own =
        is_arn && fields.next() == Some("iam") && fields.next() == Some("") && fields.next() == Some("aws");
    let is_listed = is_aws_own && fields.next().is_some_and(|policy| WITHOUT_DENY.contains(&policy));
    is_listed || iam_policy::managed::known(arn).is_some_and(|known| !known.denies)
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
            (Self::Detach(_), HolderKind::User) => DETACH_USER_POLICY.action,
            (Self::Detach(_), HolderKind::Role) => DETACH_ROLE_POLICY.action,
            (Self::Detach(_), HolderKind::Group) => DETACH_GROUP_POLICY.action,
            (Self::Attach(_), HolderKind::User) => ATTACH_USER_POLICY.action,
            (Self::Attach(_), HolderKind::Role) => ATTACH_ROLE_POLICY.action,
            (Self::Attach(_), HolderKind::Group) => ATTACH_GROUP_POLICY.action,
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

    /// AWS's own policies have names that are theirs alone. A customer's policy may say something else by now, a Deny
    /// among it.
    fn effect(&self) -> Effect {
        match self {
            Self::Detach(pair) if holds_no_deny(&pair.policy) => Effect::Removing,
            Self::Detach(_) | Self::Attach(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}
