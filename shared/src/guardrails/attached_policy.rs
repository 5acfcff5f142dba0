//! What the two guardrails on attached policies share: whom they leave alone, and the one call that closes.

use super::Terms;
use super::granted::{Wanted, only_told};
use super::protected::protection;
use crate::model::policy_attachment::{Attachment, AttachmentAction};
use crate::plan::Plan;
use crate::policy::matches_pattern;
use crate::verdict::Verdict;

/// The calls that attach one; and those after which what a principal holds already counts as never before: it has another name,
/// what held it back is gone, it joined a group.
pub(super) const TRIGGERS: &[&str] = &[
    "AttachUserPolicy",
    "AttachRolePolicy",
    "AttachGroupPolicy",
    "AddUserToGroup",
    "DeleteGroupPolicy",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DeleteUserPermissionsBoundary",
    "DeleteUserPolicy",
    "DetachGroupPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "RemoveUserFromGroup",
    "UpdateGroup",
    "UpdateUser",
];

pub(super) const ACTIONS: &[&str] = &["iam:DetachUserPolicy", "iam:DetachRolePolicy", "iam:DetachGroupPolicy"];

/// What is asked of an attachment.
pub(super) struct Rule<'a> {
    pub(super) wanted: Wanted,
    pub(super) allowed: &'a [String],
}

pub(super) fn judge(attachment: &Attachment, rule: Rule<'_>, terms: &Terms<'_>) -> Verdict {
    let policy = &attachment.pair.policy;
    if is_for_roles_of_aws(policy) || rule.allowed.iter().any(|pattern| matches_pattern(pattern, policy)) {
        return Verdict::Compliant;
    }
    let holder = &attachment.pair.holder;
    let tail = only_told(protection(holder, &attachment.path, terms), attachment.is_standing);
    let sentence = |why: &str| format!("policy `{policy}` of {holder}: {why}{tail}");
    rule.wanted.judge(policy, &attachment.document, &attachment.beside, sentence)
}

pub(super) fn plan(attachment: &Attachment, terms: &Terms<'_>) -> Plan<AttachmentAction> {
    let pair = &attachment.pair;
    if attachment.is_standing || protection(&pair.holder, &attachment.path, terms).is_some() {
        return Plan::default();
    }
    Plan::one(AttachmentAction::Detach(pair.clone()), AttachmentAction::Attach(pair.clone()))
}

/// "You can't attach this policy to your IAM entities. This policy is attached to a service-linked role" (AWS managed
/// policies, of each policy under this path).
fn is_for_roles_of_aws(policy: &str) -> bool {
    let mut fields = policy.splitn(6, ':').skip(4);
    fields.next() == Some("aws") && fields.next().is_some_and(|name| name.starts_with("policy/aws-service-role/"))
}
