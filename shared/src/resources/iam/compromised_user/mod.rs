//! IAM users whose key AWS found leaked: IAM-17.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod has_active_keys;
pub mod state;

use super::access_key::LIST_ACCESS_KEYS;
use super::access_key::state::UPDATE_ACCESS_KEY;
use super::deny_policy::Deny;
use super::inline_policy::state::DELETE_USER_POLICY;
use super::record::{
    GET_ACCOUNT_AUTHORIZATION_DETAILS, GET_USER_POLICY, LIST_ATTACHED_USER_POLICIES, LIST_USER_POLICIES,
};
use super::record::{lifted, spans_of};
use super::session_cut::state::LONGEST_OF_USER;
use crate::engine::event::{ActorKind, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::holder::{Holder, HolderKind};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::span::Span;
use has_active_keys::QuarantinedUserHasActiveKeys;
use state::{CompromisedAction, CompromisedRef, CompromisedUser, Leak, QUARANTINE, Quarantiner};

/// The family of users whose key leaked.
#[derive(Clone, Copy, Debug, Default)]
pub struct CompromisedUsers;

impl Family for CompromisedUsers {
    type Key = CompromisedRef;
    type State = CompromisedUser;
    type Action = CompromisedAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "compromised-user"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_USER_POLICY, LIST_ACCESS_KEYS, LIST_ATTACHED_USER_POLICIES, LIST_USER_POLICIES]
    }

    fn lists(&self) -> &'static [Permission] {
        &[GET_ACCOUNT_AUTHORIZATION_DETAILS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_USER_POLICY, UPDATE_ACCESS_KEY]
    }

    guardrails![QuarantinedUserHasActiveKeys];

    fn locate(&self, event: &Event) -> Result<Vec<Target<CompromisedRef, CompromisedUser>>, Unlocatable> {
        // Whose sessions were cut: the cut is gone, or something else stands under its name.
        if let Some((name, user)) = lifted(event)
            && let Some(until) = Deny::cut_until(name)
        {
            let at = until.checked_sub(LONGEST_OF_USER).ok();
            let key = CompromisedRef {
                user: user?.to_owned(),
                leak: Leak { policy: name.to_owned(), at, by: Quarantiner::Unknown },
            };
            return Ok(vec![Target { key, proven: None, changed: None }]);
        }
        let Some(policy) = quarantine(event) else { return Ok(Vec::new()) };
        let user =
            event.request.text(&["userName"]).ok_or_else(|| Unlocatable::new(event, "the request names no user"))?;
        let leak = Leak { policy: policy.to_owned(), at: Some(event.time), by: by(event, user) };
        Ok(vec![Target { key: CompromisedRef { user: user.to_owned(), leak }, proven: None, changed: None }])
    }

    /// A user that was called otherwise when its key was found, or of whom a key works again.
    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        if event.is_one_of("iam.amazonaws.com", &["UpdateUser"]) {
            return spans_of(event);
        }
        let is_on = event.request.text(&["status"]).is_none_or(|status| !status.eq_ignore_ascii_case("Inactive"));
        let user = event.request.text(&["userName"]).filter(|_| is_on);
        let is_ours = event.is_one_of("iam.amazonaws.com", &["UpdateAccessKey"]);
        let of = |user: &str| Span::HeldBy(Holder { kind: HolderKind::User, name: user.to_owned() });
        Ok(user.filter(|_| is_ours).map(of).into_iter().collect())
    }

    fn holder(&self, key: &CompromisedRef) -> Option<Holder> {
        Some(Holder { kind: HolderKind::User, name: key.user.clone() })
    }

    fn under(&self, key: &CompromisedRef, name: &str) -> CompromisedRef {
        CompromisedRef { user: name.to_owned(), leak: key.leak.clone() }
    }

    /// A record proves the leak and names no key.
    fn claimed(&self, event: &Event, key: &CompromisedRef) -> Option<CompromisedUser> {
        let unknown = |what: &str| format!("the record does not show {what}");
        Some(CompromisedUser {
            user: key.user.clone(),
            leak: key.leak.clone(),
            active_keys: Observed::Unknown { why: unknown("which keys the user has") },
            denies: Observed::Unknown { why: unknown("what the user is denied") },
            seen: event.time,
        })
    }

    fn focus(&self, user: &mut CompromisedUser, target: &Target<CompromisedRef, CompromisedUser>) {
        user.leak.clone_from(&target.key.leak);
    }

    fn resource(&self, key: &CompromisedRef, _: Option<&CompromisedUser>, place: &Place) -> Resource {
        user_resource(&key.user, place)
    }
}

/// How findings name an IAM user. The path of its ARN shows nowhere: exemptions name it without.
pub(crate) fn user_resource(user: &str, place: &Place) -> Resource {
    let Place { partition, account, .. } = place;
    Resource { id: format!("arn:{partition}:iam::{account}:user/{user}"), kind: "AwsIamUser", name: user.to_owned() }
}

/// Who put it there. The source address and the user agent show AWS's networks and programs for its customers' calls, too.
fn by(event: &Event, user: &str) -> Quarantiner {
    let actor = &event.actor;
    if actor.is_aws() {
        return Quarantiner::Aws;
    }
    let is_long_term = actor.access_key_id.as_deref().is_some_and(|key| key.starts_with("AKIA"));
    let is_user = actor.kind == ActorKind::IamUser && actor.name.as_deref() == Some(user);
    Quarantiner::Principal { label: actor.label(), arns: actor.principals(), is_own_key: is_user && is_long_term }
}

/// The quarantine policy that the event put on a user: AWS's own by its ARN, or an inline one by its name (as older records have
/// it). A policy of the account's that is only named alike is not AWS's word.
fn quarantine(event: &Event) -> Option<&str> {
    let name = if event.is_one_of("iam.amazonaws.com", &["AttachUserPolicy"]) {
        let arn = event.request.text(&["policyArn"])?;
        let (owner, path) = arn.split_once(":policy/")?;
        owner.ends_with(":iam::aws").then(|| path.rsplit('/').next())??
    } else if event.is_one_of("iam.amazonaws.com", &["PutUserPolicy"]) {
        event.request.text(&["policyName"])?
    } else {
        return None;
    };
    name.starts_with(QUARANTINE).then_some(name)
}
