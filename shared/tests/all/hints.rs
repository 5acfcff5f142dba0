//! A finding of Security Hub leads to the same as the record of the change: every violation of a guardrail that a control maps to, found by its control.

use crate::fixtures::{family_of, read, seen, situations, with_family, world};
use crate::world::{Living, Watch, World, now};
use serde_json::Value;
use shared::engine::event::Event;
use shared::engine::family::{Family, Observe, ReadDepth};
use shared::engine::finding::{Finding, Outcome};
use shared::engine::hint::is_control;
use shared::engine::pipeline::{Rules, RunContext, sweep};
use shared::engine::verdict::VerdictKind;
use shared::resources::catalogue;
use std::collections::BTreeSet;

/// Guardrails that a sweep only notifies about: an IAM permission or an access key that existed before it was first read.
const SWEEPS_NOTIFY: &[&str] = &[
    "access-key-not-allowed",
    "attached-policy-grants-admin",
    "attached-policy-grants-escalation",
    "inline-policy-grants-admin",
    "inline-policy-grants-escalation",
];

/// What only the change shows: AWS makes a default subnet so.
const BY_ITS_CHANGE: (&str, &str) = ("subnet-assigns-public-address", "violates-on-a-default-subnet");

/// What looking at each resource of the event leads to, and what stands afterwards.
fn look_at<F: Living>(
    family: &F,
    rules: &Rules,
    event: &Event,
    situation: &Value,
    guardrail: &'static str,
) -> Option<(Vec<Finding>, Vec<String>)> {
    let world: World<F> = world(family, event, situation);
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules };
    let place = shared::engine::pipeline::place(event);
    let mut findings = Vec::new();
    for target in family.locate(event).ok()? {
        let shown = now(world.observe(&target.key, ReadDepth::Quick)).ok()?;
        findings.extend(now(sweep(family, context, &place, target.key, shown, Some(&[guardrail]))).findings);
    }
    Some((findings, world.lines()))
}

#[test]
fn a_finding_of_each_mapped_control_leads_to_the_same() {
    let (mut wrong, mut held, mut mapped) = (String::new(), BTreeSet::new(), BTreeSet::new());
    for entry in catalogue() {
        let guardrail = entry.about.name;
        // What a record alone shows is no state that a finding could lead to.
        let has_state = with_family!(entry.kind, family => !family.reads().is_empty());
        if !has_state || !entry.about.controls.iter().any(|control| is_control(control)) {
            continue;
        }
        mapped.insert(guardrail);
        let of_it = situations().iter().filter(|((of, _), situation)| {
            let expect = &situation["expect"];
            of == guardrail
                && expect["verdict"] == "violation"
                && (expect["result"] == "remediated" || expect["result"] == "notified")
        });
        for ((_, name), situation) in of_it {
            let Some((event, rules, kind)) = read(guardrail, situation) else { continue };
            // No finding says who made the change.
            if rules.policy.defaults.cloudformation.is_some() {
                continue;
            }
            let found = with_family!(kind, family => look_at(family, &rules, &event, situation, guardrail));
            // Where a read has to name what the event is about, no finding names it.
            let Some((findings, after)) = found.filter(|(findings, _)| !findings.is_empty()) else { continue };
            let by_event = &seen()[&(guardrail.to_owned(), name.clone())];
            let of = |findings: &[Finding]| findings.iter().find(|one| one.guardrail.name == guardrail).cloned();
            let (was, is) = (of(&by_event.findings).unwrap(), of(&findings).unwrap());
            let is_same = (is.verdict, is.outcome) == (was.verdict, was.outcome);
            // What another caller has closed in the meantime.
            let was_closed = is.verdict == VerdictKind::Compliant && !by_event.is_changed() && by_event.after == after;
            // What the record proves and nobody may read.
            let is_hidden = is.verdict == VerdictKind::Undetermined && situation["live"].get("unknown").is_some();
            let is_left = SWEEPS_NOTIFY.contains(&guardrail) && is.outcome == Outcome::Notified;
            if is_same || was_closed || is_hidden || is_left || (guardrail, name.as_str()) == BY_ITS_CHANGE {
                held.insert(guardrail);
            } else {
                wrong += &format!("\n{guardrail}/{name}: {:?} {:?}: {:?}", is.verdict, is.outcome, is.reasons);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let without: Vec<_> = mapped.difference(&held).copied().collect();
    assert!(without.is_empty(), "guardrails that no finding reaches: {without:?}");
}
