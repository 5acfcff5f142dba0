//! What the two guardrails on attached policies share: whom they leave alone, and the one call that closes.

use super::state::{Attachment, AttachmentAction};
use super::state::{DETACH_GROUP_POLICY, DETACH_ROLE_POLICY, DETACH_USER_POLICY};
use crate::engine::guardrail::Terms;
use crate::engine::holder::HolderKind;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::Plan;
use crate::engine::verdict::Verdict;
use crate::policy::matches_pattern;
use crate::resources::iam::granted::{Wanted, only_notified};
use crate::resources::iam::planned::in_account;
use crate::resources::iam::protected::{Named, named, owned};
use iam_policy::{Context, Document, is_written_for, managed, reach, runs_no_customer_code};

/// The calls that attach one; and those after which what a principal holds already counts as never before: it has another name,
/// what held it back is gone, it joined a group.
pub(crate) const TRIGGERS: &[&str] = &[
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

pub(crate) const ACTIONS: &[Permission] = &[DETACH_USER_POLICY, DETACH_ROLE_POLICY, DETACH_GROUP_POLICY];

/// What is asked of an attachment.
pub(crate) struct Rule<'a> {
    pub(crate) wanted: Wanted,
    pub(crate) allowed: &'a [String],
}

pub(crate) fn judge(attachment: &Attachment, rule: Rule<'_>, terms: &Terms<'_>) -> Verdict {
    let policy = &in_account(&attachment.pair.policy, terms);
    if is_for_roles_of_aws(policy) || rule.allowed.iter().any(|pattern| matches_pattern(pattern, policy)) {
        return Verdict::Compliant;
    }
    let holder = &attachment.pair.holder;
    let tail = match shield(attachment, terms) {
        Shield::Unread(why) => return Verdict::Undetermined { why },
        Shield::Kept(why) => only_notified(Some(why), attachment.is_standing),
        Shield::Suspicious(why) => format!("{}; suspicious: {why}", only_notified(None, attachment.is_standing)),
        Shield::None => only_notified(None, attachment.is_standing),
    };
    let sentence = |why: &str| format!("policy `{policy}` of {holder}: {why}{tail}");
    let by_table = managed::known(policy).filter(|_| attachment.document.known().is_none());
    let verdict = match by_table.map(|known| rule.wanted.of_known(known)) {
        Some(Ok(Some(fault))) => fault.verdict(policy, sentence),
        Some(Ok(None)) => Verdict::Compliant,
        Some(Err(())) | None => rule.wanted.judge(policy, &attachment.document, &attachment.beside, sentence),
    };
    match (rule.wanted, &verdict, holder.kind) {
        // Administration is always reported, whichever principal can use it.
        (Wanted::Escalation(_), Verdict::Violation(_), HolderKind::Role) => for_its_users(attachment, verdict, terms),
        (Wanted::Escalation(_), Verdict::Violation(_), HolderKind::User | HolderKind::Group)
        | (Wanted::Escalation(_), Verdict::Compliant | Verdict::Undetermined { .. }, _)
        | (Wanted::Admin, _, _) => verdict,
    }
}

/// A privilege escalation path is one for every principal that can use the role: services that run nothing of a customer's,
/// and the service that AWS wrote the policy for, take none.
fn for_its_users(attachment: &Attachment, verdict: Verdict, terms: &Terms<'_>) -> Verdict {
    let trust = match attachment.role.known().map(|role| &role.trust) {
        Some(Observed::Known(trust)) => trust,
        // Where the policy was read and the role could not be, what the policy says decides.
        Some(_) | None if attachment.document.known().is_some() => return verdict,
        Some(_) | None => {
            let why = format!(
                "policy `{}` of {} allows privilege escalation to the principals that may assume the role, and who \
                     they are was not read",
                attachment.pair.policy, attachment.pair.holder
            );
            return Verdict::Undetermined { why };
        }
    };
    let found = reach(&Document::parse(trust), &Context::trust(terms.place.account.clone()));
    let policy = &attachment.pair.policy;
    let is_harmless = |service: &str| runs_no_customer_code(service) || is_written_for(policy, service);
    let is_for_services = found.problems.is_empty()
        && !found.grants.is_empty()
        && found.grants.iter().all(|grant| is_harmless(&grant.principal));
    if is_for_services { Verdict::Compliant } else { verdict }
}

pub(crate) fn plan(attachment: &Attachment, terms: &Terms<'_>) -> Plan<AttachmentAction> {
    let pair = &attachment.pair;
    let is_kept = match shield(attachment, terms) {
        Shield::None | Shield::Suspicious(_) => false,
        Shield::Kept(_) | Shield::Unread(_) => true,
    };
    if attachment.is_standing || is_kept {
        return Plan::default();
    }
    Plan::one(AttachmentAction::Detach(pair.clone()), AttachmentAction::Attach(pair.clone()))
}

/// What stands before a detachment.
enum Shield {
    None,
    /// It is only notified; the reason.
    Kept(String),
    /// Nothing, and something is odd.
    Suspicious(String),
    /// Only a read shows it.
    Unread(String),
}

/// IAM does not say whether a principal had the policy before the event attached it (once more): a protected one keeps it.
fn shield(attachment: &Attachment, terms: &Terms<'_>) -> Shield {
    let holder = &attachment.pair.holder;
    if let Some(why) = owned(holder, &attachment.path, terms) {
        return Shield::Kept(why);
    }
    if let Some(service) = &attachment.by_service {
        return Shield::Kept(format!("`{service}` attached it on AWS's own behalf"));
    }
    match named(holder, &attachment.role, terms) {
        Named::No => Shield::None,
        Named::Protected(why) => Shield::Kept(why),
        Named::Suspicious(why) => Shield::Suspicious(why),
        Named::Unread(why) => Shield::Unread(why),
    }
}

/// "You can't attach this policy to your IAM entities. This policy is attached to a service-linked role" (AWS managed
/// policies, of each policy under this path).
fn is_for_roles_of_aws(policy: &str) -> bool {
    let mut fields = policy.splitn(6, ':').skip(4);
    fields.next() == Some("aws") && fields.next().is_some_and(|name| name.starts_with("policy/aws-service-role/"))
}
