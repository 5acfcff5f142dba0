//! Trails: LOG-01 to LOG-04.
//!
//! Sources: "StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "DescribeTrails" (CloudTrail API reference), and recorded
//! attacks.
//!
//! **Home region.** A trail of several regions is changed in its home region alone: "this operation must be called from the Region in which the trail was
//! created, or an InvalidHomeRegionException will occur", and a call that failed leads nowhere. So a record's own region is where the trail is read and
//! changed. The other regions show a copy of the trail; a record that names a trail of another region than its own is left to the record in that
//! region, and the sweep lists the trails of each region without copies: one remediation and one notification, whichever regions hear of it. A trail
//! is known by its ARN, which has the home region.
//!
//! **Organizations.** The trail of an organization is the management account's; members see a copy that they cannot change. Where a record names the
//! trail of another account (by a delegated administrator), it is notified. In the management account logging is started again, and everything else is
//! notified: the other calls need permissions for AWS Organizations, which Parapet's roles do not have.
//!
//! **Known good.** A trail is kept when no guardrail of this family objects to it, asked or not: by the sweep, and after a change for the better. `CreateTrail` and
//! `StartLogging` are not watched: a tool that creates a trail calls both before it sets the selectors, and what it has not finished is no good state.

mod actions;
#[cfg(feature = "sdk")]
pub(crate) mod client;
pub mod deleted;
mod judge;
pub mod logs_less;
mod planned;
pub mod reads;
pub mod selectors;
pub mod settings;
pub mod state;
pub mod stopped;
pub mod weakened;

use super::{CLOUDTRAIL, SOURCE};
use crate::engine::arn::arn_part;
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable, Written};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::engine::signed::SignedAction;
use crate::resources::callers::callers;
use crate::resources::cloudtrail::capitalised;
use actions::{DELETE_TRAIL, PASS_ROLE, PUT_EVENT_SELECTORS, PUT_INSIGHT_SELECTORS, STOP_LOGGING, UPDATE_TRAIL, name};
use deleted::TrailDeleted;
use logs_less::TrailLogsLess;
use selectors::Selectors;
use serde_json::{Value, json};
use settings::Settings;
use state::{Now, Trail, TrailAction, TrailRef, View};
use std::borrow::Cow;
use stopped::TrailStopped;
use weakened::TrailWeakened;

pub(crate) const STOP: &str = "StopLogging";
pub(crate) const DELETE: &str = "DeleteTrail";
pub(crate) const UPDATE: &str = "UpdateTrail";
pub(crate) const SELECT: &str = "PutEventSelectors";
pub(crate) const INSIGHT: &str = "PutInsightSelectors";

/// What its calls write, each by itself.
const SETTINGS: &str = "settings";
const SELECTORS: &str = "event selectors";
const INSIGHTS: &str = "insight selectors";

/// The family of trails. Regional: by their home region.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trails;

impl Family for Trails {
    type Key = TrailRef;
    type State = Trail;
    type Action = TrailAction;

    fn kind(&self) -> &'static str {
        "trail"
    }

    fn reads(&self) -> &'static [Permission] {
        &[
            reads::DESCRIBE_TRAILS,
            reads::GET_EVENT_SELECTORS,
            reads::GET_INSIGHT_SELECTORS,
            reads::GET_TRAIL_STATUS,
            reads::LIST_TAGS,
        ]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_TRAIL, PASS_ROLE, PUT_EVENT_SELECTORS, PUT_INSIGHT_SELECTORS, STOP_LOGGING, UPDATE_TRAIL]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Trail>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![TrailStopped, TrailDeleted, TrailLogsLess, TrailWeakened];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, &[STOP, DELETE, UPDATE, SELECT, INSIGHT]) {
            return Ok(Vec::new());
        }
        let named = event.request.text(&["name"]).or_else(|| event.request.text(&["trailName"]));
        let Some(named) = named else {
            // The insights of an event data store.
            if event.request.text(&["eventDataStore"]).is_some() {
                return Ok(Vec::new());
            }
            return Err(Unlocatable::new(event, "the record names no trail"));
        };
        let arn = if named.starts_with("arn:") {
            named.to_owned()
        } else {
            format!("arn:{}:cloudtrail:{}:{}:trail/{named}", event.partition(), event.region, event.account)
        };
        if arn_part(&arn, 3).is_some_and(|home| home != event.region) {
            return Ok(Vec::new());
        }
        let key = TrailRef { call: event.name.clone(), by: callers(event), ..TrailRef::new(&arn) };
        let proven = shown(event).and_then(|now| reads::seen(&key, now).known().cloned());
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, trail: &mut Trail, target: &TargetOf<Self>) {
        trail.before = target.key.before.clone();
        trail.call.clone_from(&target.key.call);
        trail.by.clone_from(&target.key.by);
    }

    fn memory(&self, key: &TrailRef) -> Option<String> {
        Some(key.arn.clone())
    }

    /// That a trail was stopped needs no other proof than the record.
    fn recalls(&self, key: &TrailRef) -> bool {
        key.call != STOP
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<Trail>) {
        let before = match kept {
            Observed::Known(Trail { now: Now::Stands(view), .. }) => Observed::Known(*view),
            Observed::Known(_) | Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    fn stack(&self, trail: &Trail) -> Option<String> {
        let of = |view: &View| view.tags.get("aws:cloudformation:stack-id").cloned();
        match &trail.now {
            Now::Stands(view) => of(view),
            Now::Replaced { .. } | Now::Gone => of(trail.before.known()?),
        }
    }

    /// What it is now, and not what it was.
    fn content(&self, trail: &Trail) -> Value {
        serde_json::to_value(&trail.now).unwrap_or_default()
    }

    fn writes(&self, call: &TrailAction) -> Option<Value> {
        match call {
            TrailAction::Update { settings, .. } => Some(json!(settings)),
            TrailAction::Select { selectors, is_new: false, .. } => Some(json!(selectors)),
            TrailAction::Insight { selectors, is_new: false, .. } => Some(json!(selectors)),
            TrailAction::Start(_)
            | TrailAction::Stop(_)
            | TrailAction::Select { .. }
            | TrailAction::Insight { .. }
            | TrailAction::Create { .. }
            | TrailAction::Delete(_) => None,
        }
    }

    fn part(&self, call: &TrailAction, trail: &Trail) -> (String, Value) {
        let Now::Stands(view) = &trail.now else { return (String::new(), Value::Null) };
        match call {
            TrailAction::Update { .. } => (SETTINGS.to_owned(), json!(view.settings)),
            TrailAction::Select { .. } => (SELECTORS.to_owned(), json!(view.selectors)),
            TrailAction::Insight { .. } => (INSIGHTS.to_owned(), json!(view.insights)),
            TrailAction::Start(_) | TrailAction::Stop(_) | TrailAction::Create { .. } | TrailAction::Delete(_) => {
                (String::new(), self.content(trail))
            }
        }
    }

    /// By the response, which shows what the call has left.
    fn written(&self, _: &Event, target: &TargetOf<Self>) -> Option<Written<TrailAction>> {
        let trail = target.proven.as_ref()?;
        let Now::Stands(view) = &trail.now else { return None };
        let arn = trail.arn.clone();
        let (part, content, again) = match &**view {
            View { settings: Some(settings), .. } => {
                let members = settings.whole().into_iter().map(|(name, _)| name).collect();
                let again = TrailAction::Update { trail: arn, settings: settings.clone(), members };
                (SETTINGS, json!(settings), again)
            }
            View { selectors: Some(selectors), .. } => {
                let again = TrailAction::Select { trail: arn, selectors: selectors.clone(), is_new: false };
                (SELECTORS, json!(selectors), again)
            }
            View { insights: Some(insights), .. } => {
                let again = TrailAction::Insight { trail: arn, selectors: insights.clone(), is_new: false };
                (INSIGHTS, json!(insights), again)
            }
            View { .. } => return None,
        };
        Some(Written { part: part.to_owned(), content, again: Some(again), anew: None })
    }

    fn resource(&self, key: &TrailRef, _: Option<&Trail>, _: &Place) -> Resource {
        Resource { id: key.arn.clone(), kind: "AwsCloudTrailTrail", name: name(&key.arn).to_owned() }
    }
}

/// What the record of a call that succeeded proves. None where only a read shows it.
fn shown(event: &Event) -> Option<Now> {
    let set = |view: View| Some(Now::Stands(Box::new(view)));
    let body = || event.response.value().or_else(|| event.request.value());
    match event.name.as_str() {
        STOP => set(View { logging: Some(false), ..View::default() }),
        DELETE => Some(Now::Gone),
        // The request names the changed settings alone.
        UPDATE => set(View { settings: Some(Settings::read(event.response.value()?)?), ..View::default() }),
        SELECT => set(View { selectors: Some(Selectors::read(body()?)?), ..View::default() }),
        _ => {
            let list = capitalised(body()?).get("InsightSelectors")?.as_array().cloned()?;
            set(View { insights: Some(list), ..View::default() })
        }
    }
}

impl Asks for Trails {
    fn asks() -> Vec<(&'static Api, Request)> {
        let arn = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/all";
        let reads = [
            reads::describe(arn),
            reads::describe_all(),
            reads::status(arn),
            reads::selectors(arn),
            reads::insights(arn),
            reads::tags(arn),
        ];
        let calls = TrailAction::each().into_iter().map(|action| action.request());
        reads.into_iter().chain(calls).map(|request| (&CLOUDTRAIL, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let of = |request: Request| answers(request.operation);
        let found = match reads::described(&of(reads::describe_all())).map(|all| all.into_iter().next()) {
            Ok(Some(found)) => found,
            Ok(None) => return vec!["no trail is found in an answer to DescribeTrails".to_owned()],
            Err(why) => return vec![why],
        };
        let insights = of(reads::insights(&found.arn));
        let (status, tags) = (of(reads::status(&found.arn)), of(reads::tags(&found.arn)));
        let selectors = of(reads::selectors(&found.arn));
        match reads::view(&found, &status, &selectors, Some(&insights), &tags) {
            Ok(view) => {
                let is_bare = |list: Option<&Vec<Value>>| list.is_none_or(Vec::is_empty);
                let of_events = view.selectors.as_ref().map(|selectors| &selectors.basic);
                let bare = [
                    ("event selectors", is_bare(of_events)),
                    ("insight selectors", is_bare(view.insights.as_ref())),
                    ("tags", view.tags.is_empty()),
                    ("KMS key", found.settings.key.is_none()),
                    ("log group", found.settings.log_group.is_none()),
                ];
                bare.iter().filter(|(_, is_bare)| *is_bare).map(|(what, _)| format!("no {what} are found")).collect()
            }
            Err(why) => vec![why],
        }
    }
}
