//! IAM users of whom AWS's own detection reports a credential: FND-01 and FND-05.
//!
//! A report names a key or a session, and a name that may be another account's, so the user is read first: the key must be among its keys, or its unique id the one of the report.
//! The actions are those of a user whose key leaked.

#[cfg(feature = "iam")]
pub(crate) mod client;
mod contain;
pub mod exposed;
pub mod reported;
pub mod state;

use super::access_key::state::UPDATE_ACCESS_KEY;
use super::access_key::{GET_ACCESS_KEY_LAST_USED, LIST_ACCESS_KEYS};
use super::compromised_user::state::CompromisedAction;
use super::compromised_user::user_resource;
use super::inline_policy::state::DELETE_USER_POLICY;
use super::record::{GET_USER, GET_USER_POLICY, LIST_USER_POLICIES};
use crate::engine::event::Event;
use crate::engine::event::finding::HEALTH;
use crate::engine::family::{Family, LAG_OF_IAM, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::resources::threat::{Caller, Named, Report, named};
use exposed::{AccessKeyExposed, CODES};
use jiff::Timestamp;
use reported::AccessKeyReported;
use state::{ReportedRef, ReportedUser};
use std::time::Duration;

/// The family of users whose credentials are reported. GuardDuty's findings are regional, though users are not.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReportedUsers;

impl Family for ReportedUsers {
    type Key = ReportedRef;
    type State = ReportedUser;
    type Action = CompromisedAction;

    fn kind(&self) -> &'static str {
        "reported-user"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_ACCESS_KEY_LAST_USED, GET_USER, GET_USER_POLICY, LIST_ACCESS_KEYS, LIST_USER_POLICIES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_USER_POLICY, UPDATE_ACCESS_KEY]
    }

    guardrails![AccessKeyExposed, AccessKeyReported];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let callers = match named(event) {
            Some(Named::User(caller)) => vec![caller],
            Some(Named::Role(_) | Named::Instance(_)) => Vec::new(),
            None if event.is_one_of(HEALTH, CODES) => exposed(event).map_err(|why| Unlocatable::new(event, why))?,
            None => Vec::new(),
        };
        let target =
            |caller| Target { key: ReportedRef { caller, report: Report::of(event) }, proven: None, changed: None };
        Ok(callers.into_iter().map(target).collect())
    }

    fn focus(&self, user: &mut ReportedUser, target: &TargetOf<Self>) {
        user.reported.clone_from(&target.key);
    }

    fn lag(&self) -> &'static [Duration] {
        LAG_OF_IAM
    }

    fn when_gone(&self, key: &ReportedRef) -> Option<ReportedUser> {
        let Caller { name, key: id, .. } = &key.caller;
        let user = if name.is_empty() { id } else { name }.clone();
        let (active_keys, denies) = (Vec::new(), Observed::Absent);
        Some(ReportedUser {
            user,
            reported: key.clone(),
            active_keys,
            denies,
            is_gone: true,
            seen: Timestamp::default(),
        })
    }

    /// Without a name the key stands for its user.
    fn resource(&self, key: &ReportedRef, user: Option<&ReportedUser>, place: &Place) -> Resource {
        let Caller { name, key, .. } = &key.caller;
        let said = if name.is_empty() { key } else { name };
        user_resource(user.map_or(said, |user| &user.user), place)
    }
}

/// The keys that an event of AWS Health is about, and the users that it names without one: `detail.affectedEntities[].entityValue`.
fn exposed(event: &Event) -> Result<Vec<Caller>, &'static str> {
    let entities = event
        .request
        .at(&["affectedEntities"])
        .and_then(|all| all.as_array())
        .ok_or("the event names no credentials")?;
    let mut found = Vec::new();
    for entity in entities {
        let value = entity
            .get("entityValue")
            .and_then(|value| value.as_str())
            .ok_or("the event has an entity without a value")?;
        let (rest, last) = value.rsplit_once('/').unwrap_or(("", value));
        if last.starts_with("AKIA") || last.starts_with("ASIA") {
            found.push(Caller { key: last.to_owned(), ..Caller::default() });
        } else if rest.split(':').nth(5).is_some_and(|kind| kind == "user" || kind.starts_with("user/")) {
            found.push(Caller { name: last.to_owned(), ..Caller::default() });
        } else {
            return Err("the event names something else than access keys and users");
        }
    }
    if found.is_empty() { Err("the event names no credentials") } else { Ok(found) }
}
