//! ACC-04: bursts of failed sign-ins to the console.
//!
//! "AWS Management Console sign-in events" in the CloudTrail user guide: a failed sign-in has `ConsoleLogin: Failure` in its response and no `errorCode`; the name of
//! a user that does not exist is recorded as `HIDDEN_DUE_TO_SECURITY_REASONS`. CIS AWS Foundations asks for an alarm of such failures and leaves the number open.
//!
//! One record shows one failure: they are counted in the ledger, for each account and hour of the clock.

use super::console::SOURCE;
use crate::engine::count::counted;
use crate::engine::event::{Actor, ActorKind, Event};
use crate::engine::family::{Counter, Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{About, Class, Guardrail, Terms, guardrails};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::{NoAction, Plan};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, within};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Records come late, and deliveries are repeated for a day.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// A sign-in to the console that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedSignIn {
    /// Whose name was given, for a person.
    pub name: String,
    /// The address that it came from.
    pub source_ip: Option<String>,
    /// The hour of the clock in which it failed, by its beginning.
    pub hour: Timestamp,
    /// Which one it is of those that have failed in this account since that hour began.
    pub failures: Observed<u64>,
}

/// The family of failed sign-ins: the account is the resource, since a password that is tried with many names is a burst as well.
#[derive(Clone, Copy, Debug, Default)]
pub struct FailedSignIns;

/// The beginning of the hour of the clock.
fn hour(time: Timestamp) -> Timestamp {
    time.round(TimestampRound::new().smallest(Unit::Hour).mode(RoundMode::Floor)).unwrap_or(time)
}

fn name(actor: &Actor) -> String {
    match (actor.kind, &actor.name) {
        (ActorKind::Root, _) => "root".to_owned(),
        (_, Some(name)) if name != HIDDEN => format!("user `{name}`"),
        (_, Some(_) | None) => "a user that does not exist".to_owned(),
    }
}

/// What is recorded in place of a name that is no user's: it may be a password, typed into the wrong field.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

impl Family for FailedSignIns {
    type Key = ();
    type State = FailedSignIn;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        "failed-sign-in"
    }

    fn hears_failures(&self) -> bool {
        true
    }

    fn reads(&self) -> &'static [Permission] {
        &[]
    }

    guardrails![ConsoleSignInsFailed];

    fn locate(&self, event: &Event) -> Result<Vec<Target<(), FailedSignIn>>, Unlocatable> {
        if !event.is_one_of(SOURCE, ABOUT.triggers) || event.failure.is_none() {
            return Ok(Vec::new());
        }
        let failed = FailedSignIn {
            name: name(&event.actor),
            source_ip: event.source_ip.clone(),
            hour: hour(event.time),
            failures: Observed::Unknown { why: "the ledger, which counts them, was not asked".to_owned() },
        };
        Ok(vec![Target { key: (), proven: Some(failed), changed: None }])
    }

    fn counter(&self, event: &Event) -> Option<Counter> {
        let hour = hour(event.time);
        let name = format!("count#sign-in-failures#{}#{hour}", event.account);
        Some(Counter { name, event: event.id.clone(), expires: hour.saturating_add(KEPT).unwrap_or(hour) })
    }

    fn counted(&self, target: &mut TargetOf<Self>, count: Observed<u64>) {
        if let Some(failed) = &mut target.proven {
            failed.failures = count;
        }
    }

    fn focus(&self, _: &mut FailedSignIn, _: &TargetOf<Self>) {}

    fn resource(&self, (): &(), _: Option<&FailedSignIn>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        Resource { id: format!("arn:{partition}:iam::{account}:root"), kind: "AwsAccount", name: account.clone() }
    }
}

/// See the module.
pub struct ConsoleSignInsFailed;

/// How many failures are a burst.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FailedSignInSettings {
    /// How many failed sign-ins within an hour of the clock are notified, and once more each time that the number has doubled; as many as are counted at most.
    #[serde(deserialize_with = "within::<_, 1, 1000>")]
    #[schemars(range(min = 1, max = 1000))]
    pub failures_an_hour: u32,
}

impl Default for FailedSignInSettings {
    fn default() -> Self {
        Self { failures_an_hour: 10 }
    }
}

impl GuardrailSettings for FailedSignInSettings {}

static ABOUT: About = About {
    name: "console-sign-ins-failed",
    catalogue_id: "ACC-04",
    title: "Many console sign-ins failed",
    description: "Sign-ins to the console fail again and again: passwords are guessed, of one user or of many. They are counted in the ledger for each account and hour of the clock, \
        and are notified at `failures_an_hour` and again each time that the number has doubled. Fewer in each hour are not noticed, nor are those at endpoints of regions \
        without this stack or its spoke. `parapet replay` and `parapet explain` count nothing.",
    severity: Severity::Medium,
    class: Class::R0,
    controls: &["CIS AWS Foundations 5.0.0/4.6"],
    technique: "T1110",
    triggers: &["ConsoleLogin"],
    remediation: "Only notifies: no call keeps a stranger from the sign-in page. MFA is what makes a guessed password worthless.",
    actions: &[],
    ids: &["arn:%:iam::%:root"],
    not_watched: &[
        ("CheckMfa", "it comes between password and second factor, and its outcome is a sign-in of its own"),
        (
            "UserAuthentication, CredentialVerification",
            "IAM Identity Center records sign-ins to itself in an account and region of its own",
        ),
        ("ChangePassword", "to guess the old password there takes an access key of the user"),
    ],
};

impl Guardrail<FailedSignIn, NoAction> for ConsoleSignInsFailed {
    type Settings = FailedSignInSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, failed: &FailedSignIn, terms: &Terms<'_>) -> Verdict {
        let failures = match &failed.failures {
            Observed::Known(failures) => *failures,
            // More came before it than are counted: that was notified at each doubling.
            Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => {
                return Verdict::Undetermined { why: format!("how many sign-ins have failed is not known: {why}") };
            }
        };
        if !is_due(failures, u64::from(terms.settings(self).failures_an_hour)) {
            return Verdict::Compliant;
        }
        let FailedSignIn { name, source_ip, hour, .. } = failed;
        let from = source_ip.as_ref().map_or_else(String::new, |address| format!(" from {address}"));
        let (many, have) = (counted(failures, "sign-in"), if failures == 1 { "has" } else { "have" });
        let why = format!("{many} to the console {have} failed since {hour}, the latest of {name}{from}");
        let evidence = vec![Evidence { element: format!("{} since {hour}", counted(failures, "failure")), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &FailedSignIn, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}

/// Whether it is the first number that is too many, or twice the last one that was notified.
fn is_due(failures: u64, most: u64) -> bool {
    failures.is_multiple_of(most) && failures.checked_div(most).is_some_and(u64::is_power_of_two)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::family::MOST_COUNTED;
    use serde_json::json;

    #[test]
    fn it_is_due_at_the_number_and_at_each_doubling() {
        let due = |most| (0..100).filter(|failures| is_due(*failures, most)).collect::<Vec<_>>();
        assert_eq!(due(10), [10, 20, 40, 80]);
        assert_eq!(due(3), [3, 6, 12, 24, 48, 96]);
        assert_eq!(due(1), [1, 2, 4, 8, 16, 32, 64], "each doubling from the first one on");
    }

    #[test]
    fn a_number_that_is_never_counted_to_is_refused() {
        let read = |number: usize| serde_json::from_value::<FailedSignInSettings>(json!({"failures_an_hour": number}));
        assert_eq!(read(1).unwrap(), FailedSignInSettings { failures_an_hour: 1 });
        assert_eq!(read(MOST_COUNTED).unwrap(), FailedSignInSettings { failures_an_hour: 1000 });
        for number in [0, MOST_COUNTED + 1] {
            assert!(read(number).unwrap_err().to_string().contains("is not from 1 to 1000"), "{number}");
        }
    }

    #[test]
    fn an_hour_begins_on_the_clock() {
        let begins = |time: &str| hour(time.parse().unwrap()).to_string();
        assert_eq!(begins("2026-03-02T09:59:59.9Z"), "2026-03-02T09:00:00Z");
        assert_eq!(begins("2026-03-02T10:00:00Z"), "2026-03-02T10:00:00Z");
    }
}
