//! The circuit breaker and flapping: what was done is counted, and what is done too often is stopped.
//!
//! Counted after containment, and before anything is published, by atomic counters in the ledger, one for each window of time.
//! Only what may be stopped is counted: sweeps and remediations of class R2 for the breaker, the changes of principals that
//! the operator named for flapping. The process that reaches the limit writes the stop, and so does one that is past it: it is the same
//! one. Windows are fixed, not sliding: a burst across the end of one may act twice as often before it is stopped.

use crate::engine::count::counted;
use crate::engine::finding::{Finding, Outcome};
use crate::engine::guardrail::Class;
use crate::engine::orders::{SWEEP, Scope, Stop, digest};
use crate::engine::verdict::Severity;
use crate::notify::Notice;
use crate::operations::ledger::Tally;
use crate::policy::Policy;
use jiff::{SignedDuration, Timestamp};

/// A counter to be raised by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What is written.
    pub tally: Tally,
    /// From this count on the stop is written.
    pub most: u64,
    /// What happens then.
    pub stop: Stop,
}

/// What a finding counts for: nothing unless something was done that may be stopped.
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
        | Outcome::Flapping
        | Outcome::Undone => return Vec::new(),
    }
    [breaker(finding, policy, now), flapping(finding, policy, now)].into_iter().flatten().collect()
}

fn breaker(finding: &Finding, policy: &Policy, now: Timestamp) -> Option<Counter> {
    let settings = policy.defaults.breaker;
    let (most, minutes) = (settings.remediations, settings.window_minutes.max(1));
    let is_limited = finding.cause.is_sweep() || finding.guardrail.class != Class::R1;
    let (guardrail, account, region) = (finding.guardrail.name, &finding.place.account, &finding.place.region);
    let principal = principal(finding);
    let window = SignedDuration::from_mins(minutes.into());
    let what = if finding.cause.is_sweep() { "by sweeps".to_owned() } else { format!("of changes by `{principal}`") };
    let why = format!(
        "the circuit breaker is open: {most} of `{guardrail}` {what} in account {account}, {region}, within {minutes}",
        most = counted(most, "remediation"),
        minutes = counted(minutes, "minute"),
    );
    (most > 0 && is_limited).then(|| Counter {
        tally: Tally::one(
            format!("count#breaker#{guardrail}#{account}#{region}#{principal}#{}", bucket(now, window)),
            now + window * 2,
        ),
        most: most.into(),
        stop: Stop {
            guardrail: guardrail.to_owned(),
            scope: Scope::Account(account.clone()),
            region: Some(region.clone()),
            principal: Some(principal),
            stack: None,
            elements: Vec::new(),
            until: now + SignedDuration::from_mins(settings.open_minutes.max(1).into()),
            why,
        },
    })
}

fn flapping(finding: &Finding, policy: &Policy, now: Timestamp) -> Option<Counter> {
    let settings = &policy.defaults.flapping;
    let (rounds, hours) = (settings.rounds, settings.window_hours.max(1));
    let (guardrail, resource, region) = (finding.guardrail.name, &finding.resource.id, &finding.place.region);
    let principal = principal(finding);
    let stack = finding.stack.as_ref().filter(|_| finding.cause.actor.is_cloudformation());
    let is_named = settings.yields(&principal, stack.map(String::as_str));
    let mut elements: Vec<String> = finding.evidence.iter().map(|evidence| digest(&evidence.element)).collect();
    elements.sort_unstable();
    let window = SignedDuration::from_hours(hours.into());
    let why = format!(
        "flapping: closed {rounds} within {hours}, and opened again by {}",
        opponent(finding),
        rounds = counted(rounds, "time"),
        hours = counted(hours, "hour")
    );
    (rounds > 0 && is_named && !finding.cause.is_sweep() && !elements.is_empty()).then(|| Counter {
        tally: Tally::one(
            format!(
                "count#flapping#{guardrail}#{resource}#{region}#{principal}#{}#{}",
                digest(&elements.join(" ")),
                bucket(now, window)
            ),
            now + window * 2,
        ),
        most: rounds.into(),
        stop: Stop {
            guardrail: guardrail.to_owned(),
            scope: Scope::Resource(resource.clone()),
            region: Some(region.clone()),
            principal: Some(principal),
            stack: stack.cloned(),
            elements,
            until: now + SignedDuration::from_hours(settings.open_hours.max(1).into()),
            why,
        },
    })
}

/// Whose change it is that is counted.
#[must_use]
pub fn principal(finding: &Finding) -> String {
    if finding.cause.is_sweep() { SWEEP.to_owned() } else { finding.cause.actor.principal() }
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

/// Which window of time it is: they begin at whole multiples of their length.
#[must_use]
pub fn bucket(now: Timestamp, window: SignedDuration) -> i64 {
    now.as_second().div_euclid(window.as_secs().max(1))
}

/// What the security channel is notified of when a stop is written. `counter` is written once a window, so it is said once.
#[must_use]
pub fn notice(counter: &Counter, finding: &Finding) -> Notice {
    let stop = &counter.stop;
    let of = stop.principal.as_deref().unwrap_or("everybody");
    let (kind, title, what) = match &stop.scope {
        Scope::Account(account) if of == SWEEP => (
            "breaker-open",
            "Circuit breaker open: sweeps only notify now",
            format!(
                "in account {account}, `{}` closes nothing that a sweep finds until {}",
                stop.guardrail, stop.until
            ),
        ),
        Scope::Account(account) => (
            "breaker-open",
            "Circuit breaker open: a guardrail only notifies now",
            format!(
                "in account {account}, `{}` enforces nothing on changes by `{of}` until {}",
                stop.guardrail, stop.until
            ),
        ),
        Scope::Resource(resource) => (
            "feud",
            "Flapping: a named principal keeps what it opens",
            format!(
                "on {resource}, `{}` leaves what `{of}` opens open until {}: `feud.yields_to` in the policy names it",
                stop.guardrail, stop.until
            ),
        ),
    };
    let command = match &stop.scope {
        Scope::Account(account) => format!("parapet stops lift --guardrail {} --account {account}", stop.guardrail),
        Scope::Resource(resource) => {
            format!("parapet stops lift --guardrail {} --resource '{resource}'", stop.guardrail)
        }
    };
    Notice {
        key: format!("stop#{}", counter.tally.name),
        title: title.to_owned(),
        subject: finding.resource.name.clone(),
        kind,
        guardrail: finding.guardrail.name,
        severity: Severity::Critical,
        account: finding.place.account.clone(),
        region: finding.place.region.clone(),
        says: vec![
            stop.why.clone(),
            what,
            "violations by any other change are remediated as before".to_owned(),
            format!("the latest change: {} by {}", finding.cause.event_name, finding.cause.actor.label()),
        ],
        next: vec![format!("After fixing the cause, let it enforce again: {command}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::guardrail::Guardrail;
    use crate::engine::verdict::Evidence;
    use crate::notify::sample;
    use crate::resources::ec2::security_group::default_has_rules::SecurityGroupDefault;

    const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn now() -> Timestamp {
        at("2026-01-31T12:00:10Z")
    }

    fn yielding(to: &str) -> Policy {
        Policy::parse(&format!("version: 1\ndefaults: {{feud: {{yields_to: [\"{to}\"]}}}}\n")).unwrap()
    }

    /// A disruptive remediation.
    fn of_class_r2() -> Finding {
        Finding { guardrail: SecurityGroupDefault.about(), ..sample::remediated() }
    }

    fn swept() -> Finding {
        let mut finding = sample::remediated();
        (finding.cause.event_source, finding.cause.event_name) = ("parapet".to_owned(), "Sweep".to_owned());
        finding
    }

    #[test]
    fn closing_what_an_event_opened_counts_for_nothing_unless_its_principal_is_named() {
        assert_eq!(counters(&sample::remediated(), &Policy::default(), now()), []);
        let [flapping] = <[Counter; 1]>::try_from(counters(&sample::remediated(), &yielding(ALICE), now())).unwrap();
        assert_eq!(flapping.most, 3);
        assert_eq!(flapping.stop.principal.as_deref(), Some(ALICE));
        assert_eq!(flapping.stop.elements.len(), 1);
        for part in ["sg-0123456789abcdef0", "eu-west-1", ALICE] {
            assert!(flapping.tally.name.contains(part), "{}", flapping.tally.name);
        }
        assert_eq!(counters(&sample::remediated(), &yielding("arn:aws:iam::111122223333:user/bob"), now()), []);
    }

    #[test]
    fn remediations_of_class_r2_and_what_sweeps_close_count_apart() {
        let one = |finding: &Finding| counters(finding, &Policy::default(), now()).remove(0);
        let (noticed, swept) = (one(&of_class_r2()), one(&swept()));
        assert_eq!((noticed.most, noticed.stop.until), (20, at("2026-01-31T13:00:10Z")));
        assert_eq!(swept.stop.principal.as_deref(), Some(SWEEP));
        assert_ne!(noticed.tally.name, swept.tally.name);
        assert!(noticed.tally.name.contains("#111122223333#eu-west-1#"), "{}", noticed.tally.name);
    }

    #[test]
    fn another_element_another_region_and_another_principal_are_other_rounds() {
        let policy = yielding("arn:aws:iam::111122223333:user/*");
        let name = |finding: &Finding| counters(finding, &policy, now()).remove(0).tally.name;
        let first = sample::remediated();
        let mut element = first.clone();
        element.evidence = vec![Evidence { element: "ingress tcp 3389".to_owned(), why: String::new() }];
        let mut region = first.clone();
        region.place.region = "us-east-1".to_owned();
        let mut principal = first.clone();
        principal.cause.actor.arn = Some("arn:aws:iam::111122223333:user/bob".to_owned());
        let names = [name(&first), name(&element), name(&region), name(&principal)];
        let distinct: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:#?}");
    }

    #[test]
    fn another_session_of_the_same_role_is_the_same_principal() {
        let mut finding = of_class_r2();
        finding.cause.actor.role = Some("arn:aws:iam::111122223333:role/ci".to_owned());
        let name = |session: &str| {
            let mut finding = finding.clone();
            finding.cause.actor.arn = Some(format!("arn:aws:sts::111122223333:assumed-role/ci/{session}"));
            counters(&finding, &Policy::default(), now()).remove(0).tally.name
        };
        assert_eq!(name("one"), name("two"));
    }

    #[test]
    fn what_was_not_done_does_not_count() {
        for finding in [sample::notified(), sample::denied(), sample::exempt(), sample::already_compliant()] {
            assert_eq!(counters(&finding, &yielding(ALICE), now()), []);
        }
    }

    #[test]
    fn zero_switches_them_off() {
        let text = format!(
            "version: 1\ndefaults: {{breaker: {{remediations: 0}}, feud: {{rounds: 0, yields_to: [\"{ALICE}\"]}}}}\n"
        );
        let policy = Policy::parse(&text).unwrap();
        for finding in [sample::remediated(), of_class_r2(), swept()] {
            assert_eq!(counters(&finding, &policy, now()), []);
        }
    }

    #[test]
    fn a_window_is_one_counter_and_the_next_another() {
        let name = |time: &str| counters(&of_class_r2(), &Policy::default(), at(time)).remove(0).tally.name;
        assert_eq!(name("2026-01-31T12:00:00Z"), name("2026-01-31T12:09:59Z"));
        assert_ne!(name("2026-01-31T12:09:59Z"), name("2026-01-31T12:10:00Z"));
    }

    #[test]
    fn flapping_names_the_stack_the_tool_and_the_principal() {
        let mut finding = sample::remediated();
        finding.stack = Some("arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1".to_owned());
        finding.cause.actor.tool = Some("Terraform");
        finding.cause.user_agent = Some("HashiCorp Terraform/1.9".to_owned());
        let flapping = counters(&finding, &yielding(ALICE), now()).remove(0);
        for part in ["stack/web/1", "Terraform (`HashiCorp Terraform/1.9`)", "user/alice"] {
            assert!(flapping.stop.why.contains(part), "{}", flapping.stop.why);
        }
        assert_eq!(flapping.stop.stack, None, "the change was not CloudFormation's");
        let notice = notice(&flapping, &finding);
        assert_eq!((notice.kind, notice.severity), ("feud", Severity::Critical));
    }

    #[test]
    fn a_process_at_the_limit_or_past_it_says_the_same() {
        let early = counters(&of_class_r2(), &Policy::default(), at("2026-01-31T12:00:10Z")).remove(0);
        let late = counters(&of_class_r2(), &Policy::default(), at("2026-01-31T12:05:00Z")).remove(0);
        assert_eq!(notice(&early, &of_class_r2()).id(), notice(&late, &of_class_r2()).id());
    }
}
