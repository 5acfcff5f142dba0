//! What follows by rule from every situation that violates a guardrail: the same call by one of Parapet's own roles, refused by
//! AWS, of another service, under an exemption, in mode `notify`, and delivered again.

use crate::fixtures::{Seen, differences, family_of, own_role, read, see, seen, situations, with_family};
use crate::world::{Living, Watch, World, now};
use serde_json::Value;
use shared::engine::event::Event;
use shared::engine::finding::Outcome;
use shared::engine::guardrail::ANY_CALL_BY_ROOT;
use shared::engine::pipeline::{Rules, RunContext, handle};
use shared::engine::verdict::VerdictKind;
use shared::policy::exact_pattern;
use shared::resources::{Entry, catalogue};
use situations::variants;
use std::collections::{BTreeMap, BTreeSet};

/// A situation that is a violation.
struct Violation {
    entry: &'static Entry,
    name: &'static str,
    situation: &'static Value,
    /// What came of it.
    seen: &'static Seen,
}

impl Violation {
    fn guardrail(&self) -> &'static str {
        self.entry.about.name
    }

    /// What is expected to come of it.
    fn ends(&self, result: &str) -> bool {
        self.situation["expect"]["result"] == result
    }

    /// The guardrails that it violates, with the resources.
    fn violated(&self) -> Vec<(&'static str, String)> {
        let violations = self.seen.findings.iter().filter(|finding| finding.verdict == VerdictKind::Violation);
        violations.map(|finding| (finding.guardrail.name, exact_pattern(&finding.resource.id))).collect()
    }
}

fn violations() -> impl Iterator<Item = Violation> {
    let catalogue: &'static [Entry] = catalogue().leak();
    let known: BTreeMap<&str, &Entry> = catalogue.iter().map(|entry| (entry.about.name, entry)).collect();
    let violates = situations().iter().filter(|(_, situation)| situation["expect"]["verdict"] == "violation");
    violates.map(move |(key, situation)| Violation {
        entry: known[key.0.as_str()],
        name: &key.1,
        situation,
        seen: &seen()[key],
    })
}

/// Holds a variant of every violation against what it should end in; none is made for these guardrails.
fn hold(except: &[&str], vary: impl Fn(&Violation) -> Option<Value>) {
    let (mut wrong, mut held) = (String::new(), BTreeSet::new());
    for violation in violations() {
        let (guardrail, name) = (violation.guardrail(), violation.name);
        let Some(variant) = vary(&violation) else { continue };
        held.insert(guardrail);
        for difference in differences(guardrail, &variant, &see(guardrail, &variant)) {
            wrong += &format!("\n{guardrail}/{name}: {difference}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let names = catalogue();
    let without: Vec<_> = names.iter().map(|entry| entry.about.name).filter(|name| !held.contains(name)).collect();
    assert_eq!(without, except, "guardrails without a variant");
}

/// Of findings of AWS's own detection, and of no calls.
const OF_FINDINGS: &[&str] = &[
    "access-key-exposed",
    "access-key-reported",
    "role-session-reported",
    "instance-not-isolated",
    "guardduty-finding-reported",
];

#[test]
fn a_call_by_an_own_role_is_ignored() {
    hold(OF_FINDINGS, |violation| {
        let by_role = || variants::by_role(violation.situation, &own_role(violation.entry.family));
        (!variants::is_finding(violation.situation)).then(by_role)
    });
}

#[test]
fn a_refused_call_is_ignored() {
    // What is about refused calls hears them.
    let except = [&["console-sign-ins-failed"], OF_FINDINGS].concat();
    hold(&except, |violation| {
        let is_call = !variants::is_finding(violation.situation);
        (is_call && violation.guardrail() != "console-sign-ins-failed").then(|| variants::refused(violation.situation))
    });
}

#[test]
fn an_event_of_another_service_is_ignored() {
    hold(&["root-api-call"], |violation| {
        let is_any_call = violation.entry.about.triggers.contains(&ANY_CALL_BY_ROOT);
        (!is_any_call).then(|| variants::of_another_service(violation.situation))
    });
}

#[test]
fn in_mode_notify_nothing_is_called() {
    hold(&[], |violation| {
        let is_closed = violation.ends("remediated") && !violation.seen.is_changed();
        let guardrails: Vec<_> = violation.violated().into_iter().map(|(guardrail, _)| guardrail).collect();
        let is_varied = violation.ends("remediated") || violation.ends("notified");
        is_varied.then(|| variants::notifying(violation.situation, &guardrails, is_closed))
    });
}

/// What is exempt is not read: only a verdict that takes a read is open.
#[test]
fn an_exemption_keeps_its_resource_as_it_is() {
    let (mut wrong, mut open) = (String::new(), 0);
    for violation in violations() {
        let (guardrail, name, before) = (violation.guardrail(), violation.name, violation.seen);
        let variant = variants::exempting(violation.situation, &violation.violated());
        let seen = see(guardrail, &variant);
        for difference in differences(guardrail, &variant, &seen) {
            wrong += &format!("\n{guardrail}/{name}: {difference}");
        }
        let of =
            |seen: &Seen| seen.findings.iter().find(|finding| finding.guardrail.name == guardrail).cloned().unwrap();
        let (was, is) = (of(before), of(&seen));
        assert!(!is.is_notifiable() && !is.stayed_open(), "{guardrail}/{name}");
        if is.verdict == VerdictKind::Violation {
            let is_same = is.severity == was.severity || was.outcome == Outcome::Gone;
            assert!(is_same, "{guardrail}/{name}: {} is not {}", is.severity, was.severity);
        } else {
            open += 1;
            assert_eq!(is.verdict, VerdictKind::Undetermined, "{guardrail}/{name}");
            assert_ne!(before.before_containment, Some(1), "{guardrail}/{name}: the record proves it");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(open < 20, "{open} violations are open under an exemption");
}

/// The event twice in the same world: everything that the second delivery does or says differently.
fn deliver_again<F: Living>(family: &F, rules: &Rules, event: &Event, situation: &Value) -> Vec<String> {
    let world: World<F> = crate::fixtures::world(family, event, situation);
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules };
    let first = now(handle(family, context, event)).findings;
    let (calls, after) = (world.calls(), world.lines());
    let second = now(handle(family, context, event)).findings;
    let mut wrong = Vec::new();
    if world.lines() != after {
        wrong.push(format!("it was {after:#?}, and is {:#?}", world.lines()));
    }
    let more: Vec<_> = world.calls().into_iter().skip(calls.len()).filter(|call| !calls.contains(call)).collect();
    if !more.is_empty() {
        wrong.push(format!("calls that the first delivery did not lead to: {more:?}"));
    }
    for finding in first.iter().filter(|finding| finding.outcome == Outcome::Remediated) {
        let Some(again) = second.iter().find(|again| again.id == finding.id) else {
            wrong.push(format!("no finding has the id of {} on {}", finding.guardrail.name, finding.resource.id));
            continue;
        };
        // A call that changes nothing the second time may be made again on the record's word: the id is the same, so it is
        // notified once.
        if !matches!(again.outcome, Outcome::AlreadyCompliant | Outcome::Gone | Outcome::Remediated) {
            wrong.push(format!("{} ends {} again", finding.guardrail.name, again.outcome.word()));
        }
    }
    wrong
}

#[test]
fn a_repeated_delivery_changes_nothing() {
    let mut wrong = String::new();
    for violation in violations() {
        let (guardrail, name, situation) = (violation.guardrail(), violation.name, violation.situation);
        let Some((event, rules, kind)) = read(guardrail, situation) else { panic!("{guardrail}/{name}: no call") };
        for difference in with_family!(kind, family => deliver_again(family, &rules, &event, situation)) {
            wrong += &format!("\n{guardrail}/{name}: {difference}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
