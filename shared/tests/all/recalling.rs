//! What must be known before the event is recalled while what the record leaves open is read.

use crate::world::{Living, Look, Watch, World, now};
use serde_json::Value;
use shared::engine::event::{Event, Parsed};
use shared::engine::family::ReadError;
use shared::engine::finding::Outcome;
use shared::engine::observed::Observed;
use shared::engine::pipeline::{Handled, Rules, RunContext, handle};
use shared::policy::Mode;
use shared::resources::iam::managed_policy::ManagedPolicies;

/// A situation of the guardrail, whose first looks show this.
fn run(
    situation: &str,
    looks: impl IntoIterator<Item = Option<Look<ManagedPolicies>>>,
) -> (World<ManagedPolicies>, Handled) {
    let fixture = crate::fixtures::situation("managed-policy-grants-admin", situation);
    let Parsed::Call(event) = Event::from_envelope(&fixture["event"]).unwrap() else { panic!("no call") };
    let live = fixture.get("live").map_or(Observed::Absent, ManagedPolicies::live);
    let world = World::new(live).keeping(fixture.get("kept").map(Value::to_string)).showing(looks);
    let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let handled = now(handle(&ManagedPolicies, context, &event));
    (world, handled)
}

fn outcome(handled: &Handled) -> Outcome {
    let found = handled.findings.iter().find(|finding| finding.guardrail.name == "managed-policy-grants-admin");
    found.unwrap().outcome
}

/// The read runs beside the recall, and is compared right before the call; one that fails is done once more.
#[test]
fn a_read_beside_the_recall_neither_delays_nor_prevents() {
    let throttled = || Some(Err(ReadError { why: "Throttling".to_owned() }));
    for (situation, look, calls) in [
        ("violates-new-default-version", None, 3),
        ("violates-nothing-kept", None, 3),
        ("violates-nothing-kept", throttled(), 4),
    ] {
        let (world, handled) = run(situation, [look]);
        let first = world.rounds().remove(0);
        assert!(first[0].starts_with("recall ") && first[1] == "look full", "{first:?}");
        assert_eq!(world.calls_before_containment(), Some(calls), "{situation}");
        assert_eq!(outcome(&handled), Outcome::Remediated, "{situation}");
    }
}

/// Another principal was faster: the look beside the recall shows a version that is no default any more.
#[test]
fn what_the_read_shows_to_be_closed_is_not_closed_again() {
    let gone = || Some(Ok(Observed::Absent));
    let (world, handled) = run("violates-nothing-kept", [(); 8].map(|()| gone()));
    assert!(world.calls().is_empty(), "{:?}", world.calls());
    assert_eq!(outcome(&handled), Outcome::Gone);
}

/// What the record proves to be harmless is not read beside the recall. It is read for being kept.
#[test]
fn a_harmless_version_is_looked_at_to_be_kept() {
    let (world, _) = run("complies-harmless-version", []);
    let words: Vec<String> = world.log().iter().map(|line| line.split('#').next().unwrap().to_owned()).collect();
    assert_eq!(words, ["recall kept", "look full", "keep kept", "recall wrote", "recall wrote"], "two kinds of notes");
}
