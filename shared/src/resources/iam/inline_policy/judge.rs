//! What the two guardrails on inline policies share: whom they leave alone, and how they restore what was good.

use super::state::{
    DELETE_GROUP_POLICY, DELETE_ROLE_POLICY, DELETE_USER_POLICY, PUT_GROUP_POLICY, PUT_ROLE_POLICY, PUT_USER_POLICY,
};
use super::state::{Inline, InlineAction};
use crate::engine::guardrail::Terms;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::Plan;
use crate::engine::verdict::Verdict;
use crate::resources::iam::edited::edited;
use crate::resources::iam::granted::{Wanted, only_notified, repaired};
use crate::resources::iam::protected::{Named, named, owned};
use crate::resources::iam::released::{Released, released};
use crate::resources::iam::remaining::{keeps_a_statement, remaining};
use crate::resources::iam::ways::Ways;

/// The calls that write one, and those that take one away: after these there is nothing to come back to. And those after which
/// what a principal holds already counts as never before: it has another name, what held it back is gone, it joined a group.
pub(crate) const TRIGGERS: &[&str] = &[
    "PutUserPolicy",
    "PutRolePolicy",
    "PutGroupPolicy",
    "DeleteUserPolicy",
    "DeleteRolePolicy",
    "DeleteGroupPolicy",
    "AddUserToGroup",
    "DeleteRolePermissionsBoundary",
    "DeleteUserPermissionsBoundary",
    "DetachGroupPolicy",
    "DetachRolePolicy",
    "DetachUserPolicy",
    "RemoveUserFromGroup",
    "UpdateGroup",
    "UpdateUser",
];

pub(crate) const ACTIONS: &[Permission] =
    &[PUT_USER_POLICY, PUT_ROLE_POLICY, PUT_GROUP_POLICY, DELETE_USER_POLICY, DELETE_ROLE_POLICY, DELETE_GROUP_POLICY];

pub(crate) fn judge(inline: &Inline, wanted: Wanted, terms: &Terms<'_>) -> Verdict {
    let Inline { holder, name, .. } = inline;
    let mut tail = match kept(inline, wanted, terms) {
        Kept::Unread(why) => return Verdict::Undetermined { why },
        Kept::For(why) => only_notified(Some(why), inline.is_standing),
        Kept::No(None) => only_notified(None, inline.is_standing),
        Kept::No(Some(odd)) => format!("{}; suspicious: {odd}", only_notified(None, inline.is_standing)),
    };
    if let (true, Observed::Unknown { why }) = (tail.is_empty(), &inline.before) {
        tail = format!("; its previous document is unknown: {why}");
    }
    let sentence = |why: &str| format!("inline policy `{name}` of {holder}: {why}{tail}");
    match wanted.judge(name, &inline.document, &inline.beside, sentence) {
        Verdict::Compliant => {
            let change = Released { before: &inline.before, now: &inline.document, beside: &inline.beside };
            released(wanted, name, &change, sentence)
        }
        verdict => verdict,
    }
}

/// Whether the policy stays as it is.
enum Kept {
    /// It does not; what is odd about its principal.
    No(Option<String>),
    /// It does; the reason.
    For(String),
    /// Only a read shows it.
    Unread(String),
}

/// A protected principal loses nothing that it had: its policy goes back to what it was, and is not reduced by guess.
fn kept(inline: &Inline, wanted: Wanted, terms: &Terms<'_>) -> Kept {
    if let Some(why) = owned(&inline.holder, &inline.path, terms) {
        return Kept::For(why);
    }
    let is_restored = inline.before.known().is_some_and(|before| wanted.is_absent_from(before));
    match named(&inline.holder, &inline.role, terms) {
        Named::No => Kept::No(None),
        Named::Protected(_) | Named::Unread(_) if is_restored => Kept::No(None),
        Named::Protected(why) => {
            Kept::For(format!("{why}, and the policy's previous document is not known to be good"))
        }
        Named::Suspicious(why) => Kept::No(Some(why)),
        Named::Unread(why) => Kept::Unread(why),
    }
}

/// Back to what it said when it was last seen good, as far as that still stands; away with it where there was none then.
/// Where that is not known, only what is wrong with it goes.
pub(crate) fn plan(inline: &Inline, wanted: Wanted, ways: Ways, terms: &Terms<'_>) -> Plan<InlineAction> {
    let Inline { holder, name, .. } = inline;
    if inline.is_standing || !matches!(kept(inline, wanted, terms), Kept::No(_)) {
        return Plan::default();
    }
    let now = inline.document.known();
    let put = |document: String, stands: Option<&String>| InlineAction::Put {
        holder: holder.clone(),
        name: name.clone(),
        changes: edited(stands.map(String::as_str), &document),
        document,
    };
    let delete = InlineAction::Delete { holder: holder.clone(), name: name.clone() };
    let repair = |document: &String| repaired(document, &inline.beside, ways.into());
    let back = match (&inline.before, now) {
        (Observed::Known(before), Some(now)) if before != now && wanted.is_absent_from(before) => {
            // A protected principal is not reduced by guess.
            let may_guess = matches!(named(holder, &inline.role, terms), Named::No | Named::Suspicious(_));
            let other = || repair(now).filter(|left| may_guess && keeps_a_statement(left, now));
            let left = remaining(before, now).or_else(other).filter(|left| left != now);
            put(left.unwrap_or_else(|| before.clone()), Some(now))
        }
        // What was deleted comes back as it was, or not at all.
        (Observed::Known(before), None) if wanted.is_absent_from(before) => put(before.clone(), None),
        (_, None) => return Plan::default(),
        (Observed::Absent, Some(_)) => delete.clone(),
        (Observed::Known(_) | Observed::Unknown { .. }, Some(document)) => {
            repair(document).map_or_else(|| delete.clone(), |left| put(left, Some(document)))
        }
    };
    let left = match &back {
        InlineAction::Put { document, .. } => Some(document),
        InlineAction::Delete { .. } => None,
    };
    let undo = now.map_or(delete, |now| put(now.clone(), left));
    Plan::one(back, undo)
}
