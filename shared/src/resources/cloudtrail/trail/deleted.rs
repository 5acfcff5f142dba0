//! LOG-02: a trail is not deleted, unless another one logs as much.

use super::actions::{
    ADD_TAGS, CREATE_TRAIL, PASS_ROLE, PUT_EVENT_SELECTORS, PUT_INSIGHT_SELECTORS, START_LOGGING, name,
};
use super::judge::{IDS, not_rewritten, with_reason};
use super::selectors::Selectors;
use super::state::{Now, Trail, TrailAction, View};
use super::{DELETE, STOP};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;
use serde_json::Value;

/// See the module. A trail cannot be asked once it is deleted: it is created again as it was when it was last seen to be good.
pub struct TrailDeleted;

static ABOUT: About = About {
    name: "trail-deleted",
    catalogue_id: "LOG-02",
    title: "A CloudTrail trail was deleted",
    description: "A trail was deleted by a principal that is not among `allowed_principals`, and no other trail of the region logs the same events from as many \
        regions to the same bucket. When no other trail logs management events, its deletion is the last event that reaches the guardrails. \
        A deployment that deletes a trail and creates it again needs its role among `allowed_principals`: otherwise the trail may \
        stand already when the deployment creates it.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["CloudTrail.1", "CIS AWS Foundations 5.0.0/3.1"],
    technique: "T1562.008",
    triggers: &[DELETE],
    remediation: "Creates the trail again as it was last known to be good, with its tags and selectors, and starts logging if it logged. If that is unknown, or the \
        trail was an organization's, it only notifies.",
    actions: &[CREATE_TRAIL, ADD_TAGS, PASS_ROLE, START_LOGGING, PUT_EVENT_SELECTORS, PUT_INSIGHT_SELECTORS],
    ids: IDS,
    not_watched: &[(STOP, "a trail that is stopped is another guardrail's")],
};

impl Guardrail<Trail, TrailAction> for TrailDeleted {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, trail: &Trail, terms: &Terms<'_>) -> Verdict {
        match trail.now {
            Now::Stands(_) | Now::Replaced { .. } => return Verdict::Compliant,
            Now::Gone => {}
        }
        if terms.settings(self).allow(&trail.by) {
            return Verdict::Compliant;
        }
        let deleted = format!("trail `{}` is deleted", name(&trail.arn));
        let why = match (not_rewritten(trail, terms), &trail.before) {
            (Some(reason), _) => with_reason(deleted, Some(reason)),
            (None, Observed::Known(View { settings: Some(settings), .. })) => {
                format!("{deleted}: nothing else logs its events to bucket `{}`", settings.bucket)
            }
            (None, Observed::Known(_) | Observed::Absent) => {
                format!("{deleted}, and what it logged is not known: it was not seen before")
            }
            (None, Observed::Unknown { why }) => format!("{deleted}, and what it logged is not known: {why}"),
        };
        let evidence = vec![Evidence { element: "deleted".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    /// Logging starts before the selectors are written: the default ones log all management events.
    fn plan(&self, trail: &Trail, _: &Violation, terms: &Terms<'_>) -> Plan<TrailAction> {
        let Observed::Known(before) = &trail.before else { return Plan::default() };
        let Some(settings) = before.settings.clone() else { return Plan::default() };
        if not_rewritten(trail, terms).is_some() {
            return Plan::default();
        }
        let arn = || trail.arn.clone();
        let create = TrailAction::Create { trail: arn(), settings, tags: before.own_tags() };
        let select = |selectors, is_new| TrailAction::Select { trail: arn(), selectors, is_new };
        let insight = |selectors, is_new| TrailAction::Insight { trail: arn(), selectors, is_new };
        let step = |apply, back| Step { apply, undo: Undo::Apply(back) };
        let mut steps = vec![step(create, TrailAction::Delete(arn()))];
        if before.logging == Some(true) {
            steps.push(step(TrailAction::Start(arn()), TrailAction::Stop(arn())));
        }
        let usual = Selectors::usual();
        let selectors = before.selectors.clone().filter(|selectors| *selectors != usual);
        steps.extend(selectors.map(|selectors| step(select(selectors, true), select(usual, false))));
        let insights: Option<Vec<Value>> = before.insights.clone().filter(|insights| !insights.is_empty());
        steps.extend(insights.map(|insights| step(insight(insights, true), insight(Vec::new(), false))));
        Plan { steps }
    }
}
