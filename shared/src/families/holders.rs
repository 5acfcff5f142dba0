//! Records about what principals hold: which principal, and what of it only a read shows.

use crate::event::Event;
use crate::model::holder::{Holder, HolderKind};
use crate::model::{Observed, Place};

/// `eventSource` of all of them.
pub(super) const SOURCE: &str = "iam.amazonaws.com";

/// What looking at a policy of a principal, and at everything that it holds beside, needs.
pub(super) const READS: &[&str] = &[
    "iam:GetGroupPolicy",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:ListAttachedGroupPolicies",
    "iam:ListAttachedRolePolicies",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupPolicies",
    "iam:ListGroupsForUser",
    "iam:ListRolePolicies",
    "iam:ListUserPolicies",
];

/// One call lists the principals and policies of an account with what they say.
pub(super) const LISTS: &[&str] = &["iam:GetAccountAuthorizationDetails"];

/// The principal that a call such as `AttachUserPolicy` names, where the call is `verb`, a kind and `Policy`.
pub(super) fn holder(event: &Event, verb: &str) -> Option<Result<Holder, String>> {
    if event.source != SOURCE {
        return None;
    }
    let kind = HolderKind::ALL.into_iter().find(|kind| event.name == format!("{verb}{}Policy", kind.title()))?;
    let key = format!("{}Name", kind.word());
    let name = event.request.text(&[&key]).filter(|name| !name.is_empty());
    Some(match name {
        Some(name) => Ok(Holder { kind, name: name.to_owned() }),
        None => Err(format!("the request names no {}", kind.word())),
    })
}

/// The path of a principal by a record: it matters only for roles that may be AWS's own, and no record shows it.
pub(super) fn path() -> Observed<String> {
    Observed::Unknown { why: "a record names the principal without its path".to_owned() }
}

/// The ARN as far as records show it: without the path.
pub(super) fn arn(holder: &Holder, place: &Place) -> String {
    let Place { partition, account, .. } = place;
    format!("arn:{partition}:iam::{account}:{holder}")
}
