//! What follows by rule from every situation that violates a guardrail: the same call by one of Parapet's own roles, refused by
//! AWS, of another service, under an exemption, in mode `notify`, and delivered again.

use crate::fixtures::{Seen, differences, family_of, own_role, read, see, situations, with_family};
use crate::world::{Living, Watch, World, now};
use serde_json::Value;
use shared::engine::event::Event;
use shared::engine::finding::Outcome;
use shared::engine::guardrail::ANY_CALL_BY_ROOT;
use shared::engine::pipeline::{Around, Rules, handle};
use shared::policy::exact_pattern;
use shared::resources::{Entry, catalogue};
use situations::variants;
use std::collections::BTreeMap;

/// Guardrail, name and content of every situation that is a violation.
fn violations() -> impl Iterator<Item = (&'static Entry, &'static str, &'static Value)> {
    let catalogue: &'static [Entry] = catalogue().leak();
    let known: BTreeMap<&str, &Entry> = catalogue.iter().map(|entry| (entry.about.name, entry)).collect();
    let violates = situations().iter().filter(|(_, situation)| situation["expect"]["verdict"] == "violation");
    violates.map(move |((guardrail, name), situation)| (known[guardrail.as_str()], name.as_str(), situation))
}

/// Holds a variant of every violation against what it should end in, for every guardrail that it is made for.
fn hold(except: &[&str], vary: impl Fn(&Entry, &Value) -> Option<Value>) {
    let (mut wrong, mut held) = (String::new(), BTreeMap::<&str, usize>::new());
    for (entry, name, situation) in violations() {
        let guardrail = entry.about.name;
        let Some(variant) = vary(entry, situation) else { continue };
        *held.entry(guardrail).or_default() += 1;
        for difference in differences(guardrail, &variant) {
            wrong += &format!("\n{guardrail}/{name}: {difference}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    eprintln!("{} variants of {} guardrails", held.values().sum::<usize>(), held.len());
    let names = catalogue();
    let without: Vec<_> = names.iter().map(|entry| entry.about.name).filter(|name| !held.contains_key(name)).collect();
    assert_eq!(without, except, "guardrails without a variant");
}

#[test]
fn a_call_by_an_own_role_is_ignored() {
    hold(&[], |entry, situation| Some(variants::by_role(situation, &own_role(entry.family))));
}

#[test]
fn a_refused_call_is_ignored() {
    hold(&[], |_, situation| Some(variants::refused(situation)));
}

#[test]
fn an_event_of_another_service_is_ignored() {
    hold(&["root-api-call"], |entry, situation| {
        let is_any_call = entry.about.triggers.contains(&ANY_CALL_BY_ROOT);
        (!is_any_call).then(|| variants::of_another_service(situation))
    });
}

/// The guardrails that find a violation in the situation, with the resources.
fn violated(entry: &Entry, situation: &Value) -> Vec<(&'static str, String)> {
    let findings = see(entry.about.name, situation).findings;
    let violations = findings.iter().filter(|finding| finding.verdict == "violation");
    violations.map(|finding| (finding.guardrail.name, exact_pattern(&finding.resource.id))).collect()
}

#[test]
fn in_mode_notify_nothing_is_called() {
    hold(&[], |entry, situation| {
        let result = &situation["expect"]["result"];
        let is_closed = || result == "remediated" && !see(entry.about.name, situation).is_changed();
        let guardrails: Vec<_> = violated(entry, situation).into_iter().map(|(guardrail, _)| guardrail).collect();
        let is_varied = result == "remediated" || result == "notified";
        is_varied.then(|| variants::notifying(situation, &guardrails, is_closed()))
    });
}

#[test]
fn an_exemption_keeps_its_resource_as_it_is() {
    hold(&[], |entry, situation| Some(variants::exempting(situation, &violated(entry, situation))));
}

/// Only a verdict that takes a read is open where an exemption keeps the resource from being read.
#[test]
fn what_a_record_proves_is_a_violation_under_an_exemption_too() {
    let mut open = 0;
    for (entry, name, situation) in violations() {
        let guardrail = entry.about.name;
        let variant = variants::exempting(situation, &violated(entry, situation));
        let of = |seen: Seen| seen.findings.into_iter().find(|finding| finding.guardrail.name == guardrail).unwrap();
        let (before, finding) = (see(guardrail, situation), of(see(guardrail, &variant)));
        assert!(!finding.is_notifiable() && !finding.stayed_open(), "{guardrail}/{name}");
        if finding.verdict == "violation" {
            let before = of(before);
            let is_same = finding.severity == before.severity || before.outcome == Outcome::Gone;
            assert!(is_same, "{guardrail}/{name}: {} is not {}", finding.severity, before.severity);
        } else {
            open += 1;
            assert_eq!(finding.verdict, "undetermined", "{guardrail}/{name}");
            assert_ne!(before.before_containment, Some(1), "{guardrail}/{name}: the record proves it");
        }
    }
    assert!(open < 20, "{open} violations are open under an exemption");
}

/// The event twice in the same world: everything that the second delivery does or says differently.
fn deliver_again<F: Living>(family: &F, rules: &Rules, event: &Event, situation: &Value) -> Vec<String> {
    let world: World<F> = crate::fixtures::world(family, event, situation);
    let around = Around { world: &world, clock: &Watch::default(), memory: &world, rules };
    let first = now(handle(family, around, event)).findings;
    let (calls, after) = (world.calls(), world.lines());
    let second = now(handle(family, around, event)).findings;
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
    for (entry, name, situation) in violations() {
        let guardrail = entry.about.name;
        let Some((event, rules, kind)) = read(guardrail, situation) else { panic!("{guardrail}/{name}: no call") };
        for difference in with_family!(kind, family => deliver_again(family, &rules, &event, situation)) {
            wrong += &format!("\n{guardrail}/{name}: {difference}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
