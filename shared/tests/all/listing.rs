//! The listing lens: what a sweep's listing shows is judged as the record of the deployment, and so as the file that would deploy it: the cases under
//! `planned` that are `like` a situation are held against the record's reasons beside the library (`planned_tests.rs`), and here the record against the listing.

use crate::fixtures::{family_of, live, read, seen, situation, with_family, world};
use crate::world::{Living, Watch, now};
use serde_json::{Map, Value};
use shared::engine::event::Event;
use shared::engine::finding::Finding;
use shared::engine::pipeline::{Rules, RunContext, place, sweep};
use std::collections::BTreeSet;

/// The situations that some file is like.
fn like() -> BTreeSet<(String, String)> {
    let all = situations::planned().unwrap().into_iter();
    let of = |(guardrail, cases): (String, Map<String, Value>)| {
        let like = cases.into_iter().filter_map(|(_, case)| case["like"].as_str().map(str::to_owned));
        like.map(|situation| (guardrail.clone(), situation)).collect::<Vec<_>>()
    };
    all.flat_map(of).collect()
}

/// What a sweep finds of the resource of a situation, as it stands after the call.
fn listed<F: Living>(family: &F, rules: &Rules, event: &Event, situation: &Value) -> Vec<Finding> {
    let world = world(family, event, situation);
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules };
    let state = live(family, event, situation);
    let targets = family.locate(event).unwrap_or_default();
    targets
        .into_iter()
        .take(1)
        .flat_map(|target| now(sweep(family, context, &place(event), target.key, state.clone(), None)).findings)
        .collect()
}

/// Situations in which it was closed before it is read.
const CLOSED: [(&str, &str); 2] =
    [("image-public", "violates-and-is-closed-already"), ("snapshot-public", "violates-and-is-closed-already")];

/// A listing shows what stood there before, too, and adds to a reason that it only notifies of it.
#[test]
fn a_listing_is_judged_like_the_record() {
    let mut wrong = String::new();
    let like = like();
    assert!(like.len() > 100, "{}", like.len());
    for (guardrail, name) in like {
        let situation = situation(&guardrail, &name);
        let Some((event, rules, kind)) = read(&guardrail, situation) else { continue };
        let found = with_family!(kind, family => listed(family, &rules, &event, situation));
        let of_it = |found: &[Finding]| {
            let found = found.iter().find(|one| one.guardrail.name == guardrail);
            found.map(|one| (one.verdict, one.reasons.clone()))
        };
        let (listing, record) = (of_it(&found), of_it(&seen()[&(guardrail.clone(), name.clone())].findings));
        let is_like = match (&listing, &record) {
            (None, _) => CLOSED.contains(&(guardrail.as_str(), name.as_str())),
            (Some((listing, reasons)), Some((record, of_record))) => {
                listing == record && of_record.iter().all(|one| reasons.iter().any(|reason| reason.starts_with(one)))
            }
            (Some(_), None) => false,
        };
        if !is_like {
            wrong += &format!("\n{guardrail}/{name}:\n  listing {listing:?}\n  record  {record:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
