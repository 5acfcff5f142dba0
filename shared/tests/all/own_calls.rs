//! Calls by Parapet's own role, as the family hears them that guards Parapet itself: known by the ledger, or notified and never changed.

use crate::fixtures::{own_role, read, situation};
use crate::world::{Watch, World, now};
use shared::engine::event::Event;
use shared::engine::memory::Memory;
use shared::engine::pipeline::{Handled, RunContext, handle};
use shared::resources::parapet::EventRules;

const NOTE: &str = "note#call#111122223333#eu-central-1#r-1";

/// A rule that is disabled by the function's own role.
fn disabled() -> Event {
    let (mut event, ..) = read("parapet-rule-changed", situation("parapet-rule-changed", "violates-disabled")).unwrap();
    event.actor.role = Some(own_role("self"));
    event.request_id = Some("r-1".to_owned());
    *event
}

fn handled(world: &World<EventRules>, event: &Event) -> Handled {
    let situation = situation("parapet-rule-changed", "violates-disabled");
    let (_, rules, _) = read("parapet-rule-changed", situation).unwrap();
    let context = RunContext { world, clock: &Watch::default(), memory: world, rules: &rules };
    now(handle(&EventRules, context, event))
}

fn world(event: &Event) -> World<EventRules> {
    crate::fixtures::world(&EventRules, event, situation("parapet-rule-changed", "violates-disabled"))
}

#[test]
fn an_own_call_that_the_ledger_has_leads_nowhere() {
    let event = disabled();
    let world = world(&event);
    now(world.keep(NOTE, "\"made\"")).unwrap();
    let handled = handled(&world, &event);
    assert!(handled.findings.is_empty() && handled.notices.is_empty() && world.calls().is_empty());
}

#[test]
fn an_own_call_that_the_ledger_does_not_have_is_notified_and_never_changed() {
    let event = disabled();
    for event in [event.clone(), Event { request_id: None, ..event }] {
        let world = world(&event);
        let handled = handled(&world, &event);
        assert!(handled.findings.is_empty() && world.calls().is_empty());
        assert_eq!(handled.notices.iter().map(|notice| notice.kind).collect::<Vec<_>>(), ["own-role-used"]);
    }
}

#[test]
fn a_call_of_the_role_about_something_else_leads_nowhere() {
    let event = Event { name: "CreateSchedule".to_owned(), source: "scheduler.amazonaws.com".to_owned(), ..disabled() };
    let handled = handled(&world(&event), &event);
    assert!(handled.findings.is_empty() && handled.notices.is_empty());
}
