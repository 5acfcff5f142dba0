//! The two indexes by the name of a call lose nothing: whatever some family finds a resource in is asked for by the template's rules,
//! and leads to that family.

use crate::support::{kinds_of_findings, records, trail};
use parapet::patterns::{Params, Patterns};
use parapet::replay::Delivery;
use serde_json::Value;
use shared::engine::event::Event;
use shared::engine::family::Family;
use shared::resources::{Triggered, Visitor, visit_all};
use std::collections::BTreeSet;

/// The families that find something in an event, or would if it said more.
struct Finding<'a> {
    event: &'a Event,
    kinds: BTreeSet<&'static str>,
}

impl Visitor for Finding<'_> {
    fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
        let is_located = family.locate(self.event).map_or(true, |found| !found.is_empty());
        let is_spanned = family.spans(self.event).map_or(true, |found| !found.is_empty());
        if is_located || is_spanned {
            self.kinds.insert(family.kind());
        }
    }
}

/// What each family's guardrails are triggered by.
#[derive(Default)]
struct Triggers(Vec<(&'static str, &'static str)>);

impl Visitor for Triggers {
    fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
        let triggers = family.guardrails().iter().flat_map(|guardrail| guardrail.about().triggers);
        self.0.extend(triggers.map(|trigger| (*trigger, family.kind())));
    }
}

#[test]
fn what_a_family_finds_a_resource_in_is_in_both_indexes() {
    let mut triggers = Triggers::default();
    visit_all(&mut triggers);
    let triggered: Triggered<&str> = triggers.0.into_iter().collect();
    let patterns = Patterns::built_in(&Params::default()).unwrap();
    let calls = patterns.calls();
    let (mut found, mut families) = (0, BTreeSet::new());
    for record in records().into_iter().chain(trail()) {
        for delivery in Delivery::all_in(record) {
            let Ok(Some(event)) = delivery.event() else { continue };
            let mut finding = Finding { event: &event, kinds: BTreeSet::new() };
            visit_all(&mut finding);
            let known = triggered.by(&event.name);
            let lost: Vec<&&str> = finding.kinds.difference(&known).collect();
            assert!(lost.is_empty(), "{} of {} does not lead to {lost:?}", event.name, event.source);
            if !finding.kinds.is_empty() {
                let kind = delivery.record()["userIdentity"]["type"].as_str().unwrap_or_default();
                let is_asked = calls.may_ask(Some(&event.source), &event.name) || calls.callers().contains(kind);
                assert!(is_asked, "{} of {} is passed over", event.name, event.source);
            }
            found += finding.kinds.len();
            families.extend(finding.kinds);
        }
    }
    let mut all = Triggers::default();
    visit_all(&mut all);
    let all: BTreeSet<&str> = all.0.into_iter().map(|(_, kind)| kind).collect();
    families.extend(kinds_of_findings());
    assert_eq!(families, all, "every family has a situation here");
    assert!(found > 300, "{found}");
}

/// The families of the functions that an event reaches, by matching all rules, are those that its name leads to.
#[test]
fn an_event_reaches_the_same_functions_whole_and_as_text() {
    let patterns = Patterns::built_in(&Params::default()).unwrap();
    for record in records() {
        for delivery in Delivery::all_in(record) {
            let text = delivery.envelope.to_string();
            assert_eq!(patterns.functions_of(&delivery.envelope), patterns.functions_for(text.as_bytes()), "{text}");
        }
    }
    assert_eq!(patterns.functions_of(&Value::Null), Vec::<&str>::new());
}
