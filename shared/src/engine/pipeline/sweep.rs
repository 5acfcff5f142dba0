//! Walking through what is there, by the same judges: what no event showed.

use super::evaluation::Lens;
use super::pipe::Pipe;
use super::{Clock, Context, Detail, Handled, RunContext};
use crate::engine::erased::{AnyFamily, AnyKey, AnyState, Hidden};
use crate::engine::event::{Actor, Body, Event};
use crate::engine::family::{Family, Observe, ReadDepth, Target};
use crate::engine::finding::{Finding, Outcome, finding_id};
use crate::engine::memory;
use crate::engine::memory::Memory;
use crate::engine::observed::{Observed, Place};
use crate::engine::plan::Apply;
use serde_json::Value;
use uuid::Uuid;

/// Judges one resource that a listing showed, acts on it as its mode says, and keeps its state when that is good.
///
/// The listing is believed for judging; before anything is changed the resource is read in full. `only` are the names of the guardrails that judge: none for all
/// of the family. Where they are named, another service's finding asks about this resource, and a compliant verdict is among the findings as well.
pub async fn sweep<F, W, C, M>(
    family: &F,
    context: RunContext<'_, W, C, M>,
    place: &Place,
    key: F::Key,
    seen: Observed<F::State>,
    only: Option<&[&'static str]>,
) -> Handled
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
    C: Clock,
    M: Memory,
{
    let world = Hidden::new(family, context.world);
    sweep_any(family, context.hide(&world), place, AnyKey::new(key), seen.map(AnyState::new), only).await
}

async fn sweep_any(
    family: &dyn AnyFamily,
    context: Context<'_>,
    place: &Place,
    key: AnyKey,
    seen: Observed<AnyState>,
    only: Option<&[&'static str]>,
) -> Handled {
    let received = context.clock.now();
    let event = Event {
        id: format!("sweep-{received}"),
        source: "parapet".to_owned(),
        name: "Sweep".to_owned(),
        time: received,
        account: place.account.clone(),
        region: place.region.clone(),
        actor: Actor {
            name: Some("its creator, before Parapet read it".to_owned()),
            ..Actor::read(&Value::Null, None)
        },
        source_ip: None,
        user_agent: None,
        failure: None,
        request: Body::Null,
        response: Body::Null,
        additional: Body::Null,
        request_id: None,
        kind: None,
        waited: None,
        since: None,
    };
    let (here, detail) = (place.clone(), Detail::Whole);
    let pipe = Pipe { family, context, event: &event, place: here, received, is_sweep: true, only, detail };
    let mut target = Target { key, proven: None, changed: None };
    if let Some(kept) = memory::kept(family, context.memory, place, &target.key).await {
        family.recall(&mut target, kept);
    }
    let evaluations = pipe.evaluations();
    if evaluations.is_empty() {
        return Handled::default();
    }
    let mut seen = seen;
    if let Observed::Known(state) = &mut seen {
        family.focus(state, &target);
    }
    pipe.evaluate_each(&target, evaluations, seen, Lens::Listing, std::future::ready(None)).await
}

/// What stands open for a hundred days is notified once and not a hundred times; what was done is notified each day that it is.
pub(super) fn id(finding: &Finding) -> Uuid {
    let day = match finding.outcome {
        Outcome::Remediated | Outcome::Partial | Outcome::Failed | Outcome::Undone => {
            finding.times.received.strftime("%F").to_string()
        }
        Outcome::AlreadyCompliant
        | Outcome::Gone
        | Outcome::Notified
        | Outcome::Exempt
        | Outcome::Skipped
        | Outcome::BreakerOpen
        | Outcome::Flapping => String::new(),
    };
    let mut elements: Vec<&str> = finding.evidence.iter().map(|evidence| evidence.element.as_str()).collect();
    elements.sort_unstable();
    finding_id(&format!("sweep\n{day}\n{}", elements.join("\n")), finding.guardrail.name, &finding.resource.id)
}

impl Lens {
    /// A listing leaves out what undoing needs: before anything is changed, the resource is read.
    pub(super) fn is_enough_to_act(self) -> bool {
        match self {
            Self::Listing => false,
            Self::Record | Self::Read(ReadDepth::Quick | ReadDepth::Full) => true,
        }
    }
}
