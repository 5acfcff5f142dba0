//! Records about what principals hold: which principal, and what of it only a read shows.

use super::deny_policy::Deny;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::holder::{Holder, HolderKind};
use crate::engine::observed::{Observed, Place};
use crate::engine::permission::Permission;
use crate::engine::span::{Span, renamed};
use crate::engine::unreadable::Unreadable;

pub(crate) const GET_USER_POLICY: Permission = Permission::on("iam:GetUserPolicy", &["iam::${Account}:user/*"]);
pub(crate) const LIST_USER_POLICIES: Permission = Permission::on("iam:ListUserPolicies", &["iam::${Account}:user/*"]);
pub(crate) const GET_USER: Permission = Permission::on("iam:GetUser", &["iam::${Account}:user/*"]);
pub(crate) const LIST_ATTACHED_USER_POLICIES: Permission =
    Permission::on("iam:ListAttachedUserPolicies", &["iam::${Account}:user/*"]);
pub(crate) const LIST_GROUPS_FOR_USER: Permission =
    Permission::on("iam:ListGroupsForUser", &["iam::${Account}:user/*"]);
pub(crate) const GET_ROLE_POLICY: Permission = Permission::on("iam:GetRolePolicy", &["iam::${Account}:role/*"]);
pub(crate) const LIST_ROLE_POLICIES: Permission = Permission::on("iam:ListRolePolicies", &["iam::${Account}:role/*"]);
pub(crate) const GET_ROLE: Permission = Permission::on("iam:GetRole", &["iam::${Account}:role/*"]);
pub(crate) const LIST_ATTACHED_ROLE_POLICIES: Permission =
    Permission::on("iam:ListAttachedRolePolicies", &["iam::${Account}:role/*"]);
pub(crate) const GET_GROUP_POLICY: Permission = Permission::on("iam:GetGroupPolicy", &["iam::${Account}:group/*"]);
pub(crate) const LIST_GROUP_POLICIES: Permission =
    Permission::on("iam:ListGroupPolicies", &["iam::${Account}:group/*"]);
pub(crate) const LIST_ATTACHED_GROUP_POLICIES: Permission =
    Permission::on("iam:ListAttachedGroupPolicies", &["iam::${Account}:group/*"]);
pub(crate) const GET_POLICY: Permission =
    Permission::on("iam:GetPolicy", &["iam::${Account}:policy/*", "iam::aws:policy/*"]);
pub(crate) const GET_POLICY_VERSION: Permission =
    Permission::on("iam:GetPolicyVersion", &["iam::${Account}:policy/*", "iam::aws:policy/*"]);
pub(crate) const GET_ACCOUNT_AUTHORIZATION_DETAILS: Permission = Permission::read("iam:GetAccountAuthorizationDetails");

/// `eventSource` of all of them.
pub(crate) const SOURCE: &str = "iam.amazonaws.com";

/// What looking at a policy of a principal, and at everything that it holds beside, needs.
pub(crate) const READS: &[Permission] = &[
    GET_GROUP_POLICY,
    GET_POLICY,
    GET_POLICY_VERSION,
    GET_ROLE,
    GET_ROLE_POLICY,
    GET_USER,
    GET_USER_POLICY,
    LIST_ATTACHED_GROUP_POLICIES,
    LIST_ATTACHED_ROLE_POLICIES,
    LIST_ATTACHED_USER_POLICIES,
    LIST_GROUP_POLICIES,
    LIST_GROUPS_FOR_USER,
    LIST_ROLE_POLICIES,
    LIST_USER_POLICIES,
];

/// One call lists the principals and policies of an account with what they say.
pub(crate) const LISTS: &[Permission] = &[GET_ACCOUNT_AUTHORIZATION_DETAILS];

/// The principal that a call such as `AttachUserPolicy` names, where the call is `verb`, a kind and `Policy`.
pub(crate) fn holder(event: &Event, verb: &str) -> Option<Result<Holder, Unreadable>> {
    if event.source != SOURCE {
        return None;
    }
    let kind = HolderKind::ALL.into_iter().find(|kind| event.name == format!("{verb}{}Policy", kind.title()))?;
    let key = format!("{}Name", kind.word());
    let name = event.request.text(&[&key]).filter(|name| !name.is_empty());
    Some(match name {
        Some(name) => Ok(Holder { kind, name: name.to_owned() }),
        None => Err(Unreadable::request(&event.request, kind.word())),
    })
}

/// What a rename, or something that went and may have held a principal back, makes worth a look: all that the principal holds.
///
/// # Errors
/// [`Unlocatable`] where the record does not say whom it is about.
pub(crate) fn spans_of(event: &Event) -> Result<Vec<Span>, Unlocatable> {
    if event.source != SOURCE {
        return Ok(Vec::new());
    }
    let unlocatable = |why| Unlocatable::new(event, why);
    if let Some(rename) = renamed(event).map_err(unlocatable)? {
        return Ok(vec![Span::HeldBy(rename.to)]);
    }
    if let Some(from) = holder(event, "Detach") {
        let policy = event.request.text(&["policyArn"]).filter(|policy| !policy.is_empty());
        let policy = policy.ok_or_else(|| unlocatable(Unreadable::request(&event.request, "policy")))?.to_owned();
        return Ok(vec![Span::Without { holder: from.map_err(unlocatable)?, policy }]);
    }
    if let Some(from) = holder(event, "Delete") {
        return Ok(vec![Span::HeldBy(from.map_err(unlocatable)?)]);
    }
    let kind = match event.name.as_str() {
        // A user that leaves a group leaves its denials behind, too.
        "DeleteUserPermissionsBoundary" | "RemoveUserFromGroup" => HolderKind::User,
        "DeleteRolePermissionsBoundary" => HolderKind::Role,
        // A user that joins a group holds what it holds.
        "AddUserToGroup" => HolderKind::Group,
        _ => return Ok(Vec::new()),
    };
    let name = event.request.text(&[&format!("{}Name", kind.word())]).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| unlocatable(Unreadable::request(&event.request, kind.word())))?;
    Ok(vec![Span::HeldBy(Holder { kind, name: name.to_owned() })])
}

/// The policy of Parapet's own that the event took from a user or overwrote, by its name, and whose it was. It denied something:
/// what it held back is open again.
pub(crate) fn lifted(event: &Event) -> Option<(&str, Result<&str, Unlocatable>)> {
    if !event.is_one_of(SOURCE, &["DeleteUserPolicy", "PutUserPolicy"]) {
        return None;
    }
    let name = event.request.text(&["policyName"]).filter(|name| Deny::is_named(name))?;
    let user = event.request.text(&["userName"]).filter(|name| !name.is_empty());
    let why = || Unlocatable::new(event, "the request names no user");
    Some((name, user.ok_or_else(why)))
}

/// The path of a principal by a record: it matters only for roles that may be AWS's own, and no record shows it.
pub(crate) fn path() -> Observed<String> {
    Observed::Unknown { why: "a record names the principal without its path".to_owned() }
}

/// The ARN as far as records show it: without the path.
pub(crate) fn arn(holder: &Holder, place: &Place) -> String {
    let Place { partition, account, .. } = place;
    format!("arn:{partition}:iam::{account}:{holder}")
}
