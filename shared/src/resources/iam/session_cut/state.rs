//! The session cut: everything is denied to the sessions of a principal that were issued before a moment.
//!
//! It ends by itself: no session outlives its longest term, so that a cut denies nothing any more once that has passed, and the
//! sweep removes it (family `session-cut`). A principal that signs in again, or assumes the role again, is not touched.

use crate::engine::observed::Observed;
use crate::engine::plan::{Step, Undo};
use crate::resources::iam::deny_policy::{Deny, DenyAction, DenyPolicy, Principal};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// The longest that a session of an IAM user can last: `GetSessionToken` and `GetFederationToken` take 129,600 seconds (AWS STS
/// API reference); the console's ends after 12 hours.
pub const LONGEST_OF_USER: SignedDuration = SignedDuration::from_hours(36);
/// The longest that a session of a role can last: `MaxSessionDuration` ends at 43,200 seconds (IAM API reference).
pub const LONGEST_OF_ROLE: SignedDuration = SignedDuration::from_hours(12);

/// The sessions of this principal are not ours to cut.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the sessions of {principal} are not cut: {why}")]
pub struct NotCut {
    /// Whose.
    pub principal: Principal,
    /// Why, for a person.
    pub why: &'static str,
}

/// The policy that cuts the sessions of `on` from before `moment`. `path` is the role's, where it is known.
///
/// # Errors
/// [`NotCut`] for roles that AWS manages: service-linked ones cannot be edited and AWS depends on them, those of Identity Center
/// are written anew by it.
pub fn cut(on: Principal, path: Option<&str>, moment: Timestamp) -> Result<DenyPolicy, NotCut> {
    let path = path.unwrap_or("/");
    let longest = match &on {
        Principal::User(_) => LONGEST_OF_USER,
        Principal::Role(name) => {
            let refused = if path.starts_with("/aws-service-role/") || name.starts_with("AWSServiceRoleFor") {
                Some("the role is linked to a service of AWS")
            } else if path.starts_with("/aws-reserved/") || name.starts_with("AWSReservedSSO_") {
                Some("the role is Identity Center's: end its sessions there")
            } else {
                None
            };
            if let Some(why) = refused {
                return Err(NotCut { principal: on, why });
            }
            LONGEST_OF_ROLE
        }
    };
    // Issue times are whole seconds: a session of this very second is from before the moment too.
    let seconds = moment.as_second() + i64::from(moment.subsec_nanosecond() > 0);
    let moment = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
    // A time that cannot be added to ends where time does: then the cut is never removed.
    let until = moment.checked_add(longest).unwrap_or(Timestamp::MAX);
    Ok(DenyPolicy { on, deny: Deny::SessionsBefore { moment, until } })
}

/// The call that puts a cut, with its inverse.
#[must_use]
pub fn step(cut: DenyPolicy) -> Step<DenyAction> {
    Step { apply: DenyAction::Put(cut.clone()), undo: Undo::Apply(DenyAction::Lift(cut)) }
}

/// A key that is switched off works for seconds yet, and opens sessions: those of this long after the look are cut as well.
const AFTER: SignedDuration = SignedDuration::from_secs(60);

/// From which moment on sessions are left alone: those from before `at`, and those that were opened until a look at `seen`, are cut.
#[must_use]
pub fn moment(at: Timestamp, seen: Timestamp) -> Timestamp {
    seen.checked_add(AFTER).unwrap_or(at).max(at)
}

/// Whether sessions may be open that were opened before `at`: `Known` where none of them is cut, `Absent` where they are. None where the last of them has ended by itself.
#[must_use]
pub fn open_since(
    at: Timestamp,
    longest: SignedDuration,
    seen: Timestamp,
    denies: &Observed<Vec<Deny>>,
) -> Option<Observed<()>> {
    let last = at.checked_add(longest).unwrap_or(Timestamp::MAX);
    if seen >= last {
        return None;
    }
    let covers = |deny: &Deny| matches!(deny, Deny::SessionsBefore { moment, .. } if *moment >= at);
    Some(match denies {
        Observed::Known(denies) if denies.iter().any(covers) => Observed::Absent,
        Observed::Known(_) | Observed::Absent => Observed::Known(()),
        Observed::Unknown { why } => Observed::Unknown { why: why.clone() },
    })
}

/// The cut that a policy is. None where it is not, to the letter, one that [`cut`] would make: neither its name nor its document alone
/// says that it may be removed.
#[must_use]
pub fn read(on: &Principal, name: &str, document: &Value) -> Option<Deny> {
    let Deny::SessionsBefore { moment, .. } = Deny::read(name, document)? else { return None };
    cut(on.clone(), None, moment).ok().map(|policy| policy.deny).filter(|deny| deny.name() == name)
}

/// How a cut is found: whose, and by which name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutRef {
    /// Whose.
    pub on: Principal,
    /// The policy's name.
    pub name: String,
}

/// A policy that is named like a cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundCut {
    /// Whose.
    pub on: Principal,
    /// The policy's name.
    pub name: String,
    /// What it denies; none where its document is not that of a cut of this name.
    pub deny: Option<Deny>,
    /// When it was looked at. Not part of what it is: a cut that was looked at later has not changed.
    #[serde(skip)]
    pub seen: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const MOMENT: &str = "2026-03-02T09:14:07Z";

    fn role(name: &str) -> Principal {
        Principal::Role(name.to_owned())
    }

    #[rstest]
    #[case::user(Principal::User("eve".to_owned()), "parapet-session-cut-until-20260303T211407Z")]
    #[case::role(role("web"), "parapet-session-cut-until-20260302T211407Z")]
    fn it_ends_when_no_session_can_be_left(#[case] on: Principal, #[case] name: &str) {
        let policy = cut(on, Some("/app/"), MOMENT.parse().unwrap()).unwrap();
        assert_eq!(policy.deny.name(), name);
        assert_eq!(
            policy.deny.document()["Statement"][0]["Condition"],
            serde_json::json!({"DateLessThan": {"aws:TokenIssueTime": MOMENT}})
        );
        let back = step(policy.clone());
        assert_eq!(back.undo, Undo::Apply(DenyAction::Lift(policy)));
    }

    #[test]
    fn a_moment_within_a_second_cuts_that_second_too() {
        let policy = cut(role("web"), None, "2026-03-02T09:14:06.2Z".parse().unwrap()).unwrap();
        assert_eq!(Deny::read(&policy.deny.name(), &policy.deny.document()), Some(policy.deny.clone()));
        assert_eq!(policy.deny.document()["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"], MOMENT);
    }

    #[test]
    fn only_what_would_be_made_is_read_as_a_cut() {
        let user = Principal::User("eve".to_owned());
        let Deny::SessionsBefore { moment, until } = cut(user.clone(), None, MOMENT.parse().unwrap()).unwrap().deny
        else {
            panic!("a cut is of what was before")
        };
        let made = Deny::SessionsBefore { moment, until };
        assert_eq!(read(&user, &made.name(), &made.document()), Some(made.clone()));
        assert_eq!(read(&role("eve"), &made.name(), &made.document()), None, "a role's ends sooner");
        let earlier = Deny::SessionsBefore { moment, until: moment };
        assert_eq!(read(&user, &earlier.name(), &earlier.document()), None, "it would be taken away too early");
        let hold = Deny::SessionsSince { moment };
        assert_eq!(read(&user, &hold.name(), &hold.document()), None);
    }

    #[rstest]
    #[case::service_linked_by_path("mine", Some("/aws-service-role/ecs.amazonaws.com/"))]
    #[case::service_linked_by_name("AWSServiceRoleForECS", None)]
    #[case::identity_center_by_path("mine", Some("/aws-reserved/sso.amazonaws.com/"))]
    #[case::identity_center_by_name("AWSReservedSSO_Admin_0123456789abcdef", None)]
    fn what_aws_manages_is_left_alone(#[case] name: &str, #[case] path: Option<&str>) {
        assert!(cut(role(name), path, MOMENT.parse().unwrap()).is_err());
        // A user may be called anything.
        let user = Principal::User(name.to_owned());
        let moment: Timestamp = MOMENT.parse().unwrap();
        let made = cut(user.clone(), path, moment).unwrap();
        assert_eq!(made.on, user);
        assert_eq!(made.deny, Deny::SessionsBefore { moment, until: moment + LONGEST_OF_USER });
    }
}
