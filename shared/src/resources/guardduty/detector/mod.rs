//! The GuardDuty detector of an account and region: LOG-08.
//!
//! Sources: "CreateDetector", "DeleteDetector", "UpdateDetector", "GetDetector", "ListDetectors" (GuardDuty API reference), "Suspending or disabling GuardDuty" (user
//! guide). An account has one detector in each region. A detector that is created in place of a deleted one has another id; findings, filters, lists,
//! members and the export of findings went with the old one.
//!
//! The detector is kept when no guardrail objects to it, by the sweep and after a change for the better: what was deleted cannot be asked any more, and a call
//! that switches a plan off does not show that it was on.

mod actions;
#[cfg(feature = "sdk")]
pub(crate) mod client;
pub mod deleted;
pub mod features;
pub mod reads;
pub mod state;
pub mod weakened;

use super::{GUARDDUTY, SOURCE, detector_of};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable, Written};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::engine::unreadable::Unreadable;
use crate::resources::callers::callers;
use actions::{DELETE_DETECTOR, UPDATE_DETECTOR};
use deleted::GuarddutyDetectorDeleted;
use serde_json::{Value, json};
use state::{Detector, DetectorAction, DetectorRef, Now, Plans};
use std::borrow::Cow;
use weakened::GuarddutyDetectorWeakened;

pub(crate) const CREATE: &str = "CreateDetector";
pub(crate) const DELETE: &str = "DeleteDetector";
pub(crate) const UPDATE: &str = "UpdateDetector";

const IDS: &[&str] = &["arn:%:guardduty:%:%:detector"];
const FREQUENCY: &str = "publishing frequency";

/// The family of detectors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detectors;

impl Family for Detectors {
    type Key = DetectorRef;
    type State = Detector;
    type Action = DetectorAction;

    fn kind(&self) -> &'static str {
        "guardduty-detector"
    }

    fn reads(&self) -> &'static [Permission] {
        &[reads::LIST, reads::GET]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_DETECTOR, UPDATE_DETECTOR]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Detector>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![GuarddutyDetectorDeleted, GuarddutyDetectorWeakened];

    /// A call that creates one does not show what AWS switches on by itself: it is read.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, &[CREATE, DELETE, UPDATE]) {
            return Ok(Vec::new());
        }
        let id = match event.name.as_str() {
            CREATE => event.response.text(&["detectorId"]).unwrap_or_default().to_owned(),
            _ => detector_of(event)?,
        };
        let asked = event.request.value().filter(|_| event.name == UPDATE).map(Plans::asked);
        let key = DetectorRef {
            call: event.name.clone(),
            by: callers(event),
            id,
            asked: asked.clone().unwrap_or_default(),
            ..DetectorRef::default()
        };
        let now = match event.name.as_str() {
            DELETE => Some(Now::Gone),
            UPDATE => asked.map(|plans| Now::Stands { id: key.id.clone(), plans, is_whole: false }),
            _ => None,
        };
        let proven = now.map(|now| Detector::of(&key, now));
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, detector: &mut Detector, target: &TargetOf<Self>) {
        *detector = Detector::of(&target.key, detector.now.clone());
    }

    /// There is one, whatever its id.
    fn memory(&self, _: &DetectorRef) -> Option<String> {
        Some("detector".to_owned())
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<Detector>) {
        let before = match kept {
            Observed::Known(Detector { now: Now::Stands { plans, .. }, .. }) => Observed::Known(plans),
            Observed::Known(_) | Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    /// What it is now, and not what it was.
    fn content(&self, detector: &Detector) -> Value {
        json!(detector.now)
    }

    fn writes(&self, call: &DetectorAction) -> Option<Value> {
        match call {
            DetectorAction::Update { plans, .. } => plans.frequency.as_ref().map(|frequency| json!(frequency)),
            DetectorAction::Create(_) | DetectorAction::Delete => None,
        }
    }

    fn part(&self, call: &DetectorAction, detector: &Detector) -> (String, Value) {
        match (call, &detector.now) {
            (DetectorAction::Update { plans: Plans { frequency: Some(_), .. }, .. }, Now::Stands { plans, .. }) => {
                (FREQUENCY.to_owned(), json!(plans.frequency))
            }
            _ => (String::new(), self.content(detector)),
        }
    }

    fn written(&self, _: &Event, target: &TargetOf<Self>) -> Option<Written<DetectorAction>> {
        let Now::Stands { id, plans, .. } = &target.proven.as_ref()?.now else { return None };
        let frequency = plans.frequency.clone()?;
        let content = json!(frequency);
        let plans = Plans { frequency: Some(frequency), ..Plans::default() };
        let again = DetectorAction::Update { id: id.clone(), plans };
        Some(Written { part: FREQUENCY.to_owned(), content, again: Some(again), anew: None })
    }

    fn resource(&self, _: &DetectorRef, _: Option<&Detector>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:guardduty:{region}:{account}:detector");
        Resource { id, kind: "AwsGuardDutyDetector", name: "GuardDuty detector".to_owned() }
    }
}

const FORMS: &[PlannedForm<Detector>] = &[
    PlannedForm::one("AWS::GuardDuty::Detector", planned).only(&weakened::ABOUT),
    PlannedForm::one("aws_guardduty_detector", planned).only(&weakened::ABOUT),
];

/// A detector that is not enabled is suspended, as a call says it. Which plans it has is less than what was before alone, and nothing was.
fn planned(it: &PlannedResource<'_>) -> Result<Option<Detector>, Unreadable> {
    let enabled = Some(it.flag(it.called("Enable", "enable"))?.unwrap_or(true));
    let key = DetectorRef { call: UPDATE.to_owned(), before: Observed::Absent, ..DetectorRef::default() };
    let plans = Plans { enabled, ..Plans::default() };
    Ok(Some(Detector::of(&key, Now::Stands { id: it.name.to_owned(), plans, is_whole: false })))
}

impl Asks for Detectors {
    fn asks() -> Vec<(&'static Api, Request)> {
        let plans = Plans::good(&["S3_DATA_EVENTS", "RUNTIME_MONITORING", "RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT"]);
        let update = DetectorAction::Update { id: "1".to_owned(), plans: plans.clone() };
        let all = [
            reads::list(None),
            reads::get("1"),
            actions::delete("1"),
            DetectorAction::Create(plans).request("1"),
            update.request("1"),
        ];
        all.into_iter().map(|request| (&GUARDDUTY, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        if !matches!(reads::ids(&answers("ListDetectors")), Ok((ids, _)) if !ids.is_empty()) {
            return vec!["no detector is found in an answer to ListDetectors".to_owned()];
        }
        // A plan that every detector has stands first in the answer, which no call switches: it is renamed to one that calls do.
        let mut answer = answers("GetDetector");
        if let Some(feature) = answer.body.pointer_mut("/features/0/name") {
            *feature = json!("RUNTIME_MONITORING");
        }
        match Plans::shown(&answer) {
            Ok(plans) if plans.frequency.is_some() && plans.features.len() == 2 => Vec::new(),
            Ok(plans) => vec![format!("not all of a detector is found: {plans:?}")],
            Err(why) => vec![why],
        }
    }
}
