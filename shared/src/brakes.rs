//! The breaker and the feud: what was done is counted, and what is done too often is stopped.
//!
//! Counted after containment by atomic counters in the ledger, one for each window of time; the process whose count is the
//! last one allowed writes the stop and tells of it. Windows are fixed, not sliding: a burst across the end of one may act
//! twice as often before it is stopped.

use crate::finding::{Finding, Outcome};
use crate::notify::Notice;
use crate::orders::{Scope, Stop};
use crate::policy::Policy;
use crate::verdict::Severity;
use jiff::{SignedDuration, Timestamp};

/// A counter to be raised by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Its name: one for each window.
    pub name: String,
    /// When it may be forgotten.
    pub expires: Timestamp,
    /// At this count the stop is written.
    pub most: u64,
    /// What happens then.
    pub stop: Stop,
}

/// What a finding counts for: nothing unless something was done.
#[must_use]
pub fn counters(finding: &Finding, policy: &Policy, now: Timestamp) -> Vec<Counter> {
    match finding.outcome {
        Outcome::Remediated | Outcome::Partial => {}
        Outcome::AlreadyCompliant
        | Outcome::Gone
        | Outcome::Notified
        | Outcome::Exempt
        | Outcome::Failed
        | Outcome::Skipped
        | Outcome::BreakerOpen
        | Outcome::Feud
        | Outcome::Undone => return Vec::new(),
    }
    [breaker(finding, policy, now), feud(finding, policy, now)].into_iter().flatten().collect()
}

fn breaker(finding: &Finding, policy: &Policy, now: Timestamp) -> Option<Counter> {
    let settings = policy.defaults.breaker;
    let (most, minutes) = (settings.remediations, settings.window_minutes.max(1));
    let (guardrail, account) = (finding.guardrail.name, &finding.place.account);
    let window = SignedDuration::from_mins(minutes.into());
    let why = format!(
        "the breaker is open: {most} remediations of `{guardrail}` in account {account} within {minutes} minutes"
    );
    (most > 0).then(|| Counter {
        name: format!("count#breaker#{guardrail}#{account}#{}", bucket(now, window)),
        expires: now + window * 2,
        most: most.into(),
        stop: Stop {
            guardrail: guardrail.to_owned(),
            scope: Scope::Account(account.clone()),
            until: now + SignedDuration::from_mins(settings.open_minutes.max(1).into()),
            why,
        },
    })
}

fn feud(finding: &Finding, policy: &Policy, now: Timestamp) -> Option<Counter> {
    let settings = policy.defaults.feud;
    let (rounds, hours) = (settings.rounds, settings.window_hours.max(1));
    let (guardrail, resource) = (finding.guardrail.name, &finding.resource.id);
    let window = SignedDuration::from_hours(hours.into());
    let why = format!("a feud: closed {rounds} times within {hours} hours, and opened again by {}", opponent(finding));
    (rounds > 0).then(|| Counter {
        name: format!("count#feud#{guardrail}#{resource}#{}", bucket(now, window)),
        expires: now + window * 2,
        most: rounds.into(),
        stop: Stop {
            guardrail: guardrail.to_owned(),
            scope: Scope::Resource(resource.clone()),
            until: now + SignedDuration::from_hours(settings.open_hours.max(1).into()),
            why,
        },
    })
}

/// Who keeps opening it: the stack, the tool and the principal, as far as they show.
fn opponent(finding: &Finding) -> String {
    let actor = &finding.cause.actor;
    let mut names = Vec::new();
    names.extend(finding.stack.as_ref().map(|stack| format!("stack `{stack}`")));
    names.extend(actor.tool.map(|tool| match (&finding.cause.user_agent, tool) {
        (Some(agent), "CloudFormation") if agent.is_empty() => tool.to_owned(),
        (Some(agent), _) => format!("{tool} (`{agent}`)"),
        (None, _) => tool.to_owned(),
    }));
    names.push(format!("`{}`", actor.label()));
    names.join(", ")
}

fn bucket(now: Timestamp, window: SignedDuration) -> i64 {
    now.as_second().div_euclid(window.as_secs().max(1))
}

/// What the security channel hears when a stop is written.
#[must_use]
pub fn notice(stop: &Stop, finding: &Finding) -> Notice {
    let (title, what) = match &stop.scope {
        Scope::Account(account) => (
            "Breaker open: a guardrail only notifies now",
            format!("in account {account}, `{}` enforces nothing until {}", stop.guardrail, stop.until),
        ),
        Scope::Resource(resource) => (
            "Feud: a guardrail only notifies now",
            format!("on {resource}, `{}` enforces nothing until {}", stop.guardrail, stop.until),
        ),
    };
    let command = match &stop.scope {
        Scope::Account(account) => format!("parapet stops lift --guardrail {} --account {account}", stop.guardrail),
        Scope::Resource(resource) => {
            format!("parapet stops lift --guardrail {} --resource '{resource}'", stop.guardrail)
        }
    };
    Notice {
        key: format!("stop#{}#{:?}#{}", stop.guardrail, stop.scope, stop.until),
        title: title.to_owned(),
        subject: finding.resource.name.clone(),
        kind: match stop.scope {
            Scope::Account(_) => "breaker-open",
            Scope::Resource(_) => "feud",
        },
        guardrail: finding.guardrail.name,
        severity: Severity::Critical,
        account: finding.place.account.clone(),
        region: finding.place.region.clone(),
        says: vec![
            stop.why.clone(),
            what,
            format!("the latest change: {} by {}", finding.cause.event_name, finding.cause.actor.label()),
        ],
        next: vec![format!("When the cause is mended, let it enforce again: {command}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::sample;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    #[test]
    fn what_was_done_counts_for_the_account_and_for_the_resource() {
        let finding = sample::remediated();
        let counters = counters(&finding, &Policy::default(), at("2026-01-31T12:00:10Z"));
        let [breaker, feud] = counters.as_slice() else { panic!("{counters:?}") };
        assert_eq!((breaker.most, feud.most), (20, 3));
        assert_eq!(breaker.stop.until, at("2026-01-31T13:00:10Z"));
        assert!(breaker.name.contains("111122223333") && feud.name.contains("sg-0123456789abcdef0"));
    }

    #[test]
    fn what_was_not_done_does_not() {
        let now = at("2026-01-31T12:00:10Z");
        for finding in [sample::notified(), sample::denied(), sample::exempt(), sample::already_compliant()] {
            assert_eq!(counters(&finding, &Policy::default(), now), []);
        }
    }

    #[test]
    fn zero_switches_them_off() {
        let policy = Policy::parse("version: 1\ndefaults: {breaker: {remediations: 0}, feud: {rounds: 0}}\n").unwrap();
        assert_eq!(counters(&sample::remediated(), &policy, at("2026-01-31T12:00:10Z")), []);
    }

    #[test]
    fn a_window_is_one_counter_and_the_next_another() {
        let name = |time: &str| counters(&sample::remediated(), &Policy::default(), at(time)).remove(0).name;
        assert_eq!(name("2026-01-31T12:00:00Z"), name("2026-01-31T12:09:59Z"));
        assert_ne!(name("2026-01-31T12:09:59Z"), name("2026-01-31T12:10:00Z"));
    }

    #[test]
    fn a_feud_names_the_stack_the_tool_and_the_principal() {
        let mut finding = sample::remediated();
        finding.stack = Some("arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1".to_owned());
        finding.cause.actor.tool = Some("Terraform");
        finding.cause.user_agent = Some("HashiCorp Terraform/1.9".to_owned());
        let feud = counters(&finding, &Policy::default(), at("2026-01-31T12:00:10Z")).remove(1);
        for part in ["stack/web/1", "Terraform (`HashiCorp Terraform/1.9`)", "user/alice"] {
            assert!(feud.stop.why.contains(part), "{}", feud.stop.why);
        }
        let notice = notice(&feud.stop, &finding);
        assert_eq!((notice.kind, notice.severity), ("feud", Severity::Critical));
    }
}
