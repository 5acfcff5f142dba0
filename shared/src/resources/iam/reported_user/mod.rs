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

    /// Without a name the key stands for its user; what is neither of both, for the account.
    fn resource(&self, key: &ReportedRef, user: Option<&ReportedUser>, place: &Place) -> Resource {
        if key.unnamed().is_some() {
            let Place { partition, account, .. } = place;
            let id = format!("arn:{partition}:iam::{account}:root");
            return Resource { id, kind: "AwsAccount", name: account.clone() };
        }
        let Caller { name, key, .. } = &key.caller;
        let said = if name.is_empty() { key } else { name };
        user_resource(user.map_or(said, |user| &user.user), place)
    }
}

/// The keys that an event of AWS Health is about, and the users that it names without one: `detail.affectedEntities[].entityValue`. What else it names beside
/// them is a target of its own, of which nothing is known: it holds up no key.
fn exposed(event: &Event) -> Result<Vec<Caller>, &'static str> {
    let entities = event
        .request
        .at(&["affectedEntities"])
        .and_then(|all| all.as_array())
        .ok_or("the event names no credentials")?;
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for entity in entities {
        let value = entity.get("entityValue").and_then(|value| value.as_str()).unwrap_or_default();
        let (rest, last) = value.rsplit_once('/').unwrap_or(("", value));
        let key = |key: &str| Caller { key: key.to_owned(), ..Caller::default() };
        if is_key(last) {
            found.push(key(last));
        } else if rest.split(':').nth(5).is_some_and(|kind| kind == "user" || kind.starts_with("user/")) {
            found.push(Caller { name: last.to_owned(), ..Caller::default() });
        } else {
            others.push(key(value));
        }
    }
    match (found.is_empty(), others.is_empty()) {
        (true, true) => Err("the event names no credentials"),
        (true, false) => Err("the event names something else than access keys and users"),
        (false, _) => Ok(found.into_iter().chain(others).collect()),
    }
}

/// Whether it looks like the id of an access key, of a user or of a session.
fn is_key(id: &str) -> bool {
    id.starts_with("AKIA") || id.starts_with("ASIA")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Parsed;
    use serde_json::json;

    #[test]
    fn what_stands_beside_a_key_holds_it_up_no_more() {
        let entities = json!([{"entityValue": "AWS_ACCOUNT"}, {}, {"entityValue": "AKIAEXAMPLEKEY000001"}]);
        let envelope = json!({
            "source": HEALTH, "detail-type": "AWS Health Event", "account": "111122223333", "region": "us-east-1", "time": "2026-03-02T09:14:00Z",
            "detail": {"eventArn": "arn:aws:health:x", "eventTypeCode": CODES[0], "affectedAccount": "111122223333", "affectedEntities": entities},
        });
        let Ok(Parsed::Call(event)) = Event::from_envelope(&envelope) else { panic!("no event") };
        let found = ReportedUsers.locate(&event).unwrap();
        let said: Vec<_> = found.iter().map(|target| (target.key.caller.key.as_str(), target.key.unnamed())).collect();
        let neither = |what: &str| Some(format!("the event names `{what}`, which is neither an access key nor a user"));
        let without = Some("the event names an entity without a value".to_owned());
        assert_eq!(said, [("AKIAEXAMPLEKEY000001", None), ("AWS_ACCOUNT", neither("AWS_ACCOUNT")), ("", without)]);
    }
}
