//! LOG-04: a trail goes on logging the same events.

use super::actions::{PUT_EVENT_SELECTORS, PUT_INSIGHT_SELECTORS, name};
use super::judge::{IDS, not_rewritten, standing, with_reason};
use super::selectors::Selectors;
use super::state::{Trail, TrailAction, insight_types};
use super::{INSIGHT, SELECT};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;
use serde_json::Value;

/// See the module.
pub struct TrailLogsLess;

pub(super) static ABOUT: About = About {
    name: "trail-logs-less",
    catalogue_id: "LOG-04",
    title: "A CloudTrail trail logs fewer events",
    description: "A principal that is not among `allowed_principals` changed the event selectors or insight selectors of a trail so that they cover less than \
        when it was last seen to be good: fewer management events, fewer resources, another service left out. Basic and advanced selectors are \
        compared by what they log. Where nothing is known from before, selectors by which no management event that writes is logged are a \
        violation all the same: a new trail for data events alone needs an exemption.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["CloudTrail.1", "CIS AWS Foundations 5.0.0/3.8", "CIS AWS Foundations 5.0.0/3.9"],
    technique: "T1562.008",
    triggers: &[SELECT, INSIGHT],
    remediation: "Writes the last known good selectors. Where none are known, adds all management events to the new ones. The trail of an organization is only \
        notified.",
    actions: &[PUT_EVENT_SELECTORS, PUT_INSIGHT_SELECTORS],
    ids: IDS,
    not_watched: &[
        ("CreateTrail", "a new trail logs all management events"),
        ("PutInsightSelectors of an event data store", "they are no trail's"),
    ],
};

/// What is to be written, and what it replaces.
#[derive(Default)]
struct Less {
    evidence: Vec<(String, String)>,
    events: Option<(Selectors, Selectors)>,
    insights: Option<(Vec<Value>, Vec<Value>)>,
}

impl TrailLogsLess {
    /// What is covered less than before.
    ///
    /// # Errors
    /// Why it is not known.
    fn less(trail: &Trail) -> Result<Less, String> {
        let mut found = Less::default();
        let Some(view) = standing(trail) else { return Ok(found) };
        let before = trail.before.known();
        let unknown = |why: &str| format!("what trail `{}` logged before is not known: {why}", name(&trail.arn));
        if let Some(now) = &view.selectors {
            match (before.and_then(|before| before.selectors.as_ref()), &trail.before) {
                (Some(before), _) => {
                    let missing = now.missing(before);
                    found.evidence.extend(missing.into_iter().map(|what| {
                        let why = format!("it logs no {what} any more");
                        (what, why)
                    }));
                    found.events = (!found.evidence.is_empty()).then(|| (before.clone(), now.clone()));
                }
                (None, _) if trail.call == SELECT && !now.log_writes() => {
                    let why = "it logs no management events that write".to_owned();
                    found.evidence.push(("writing Management events".to_owned(), why));
                    found.events = Some((now.with_management(), now.clone()));
                }
                (None, Observed::Unknown { why }) => return Err(unknown(why)),
                (None, Observed::Known(_) | Observed::Absent) => {}
            }
        }
        if let Some(now) = &view.insights {
            match (before.and_then(|before| before.insights.as_ref()), &trail.before) {
                (Some(before), _) => {
                    let kept = insight_types(now);
                    let missing: Vec<String> =
                        insight_types(before).into_iter().filter(|kind| !kept.contains(kind)).collect();
                    found.insights = (!missing.is_empty()).then(|| (before.clone(), now.clone()));
                    found.evidence.extend(missing.into_iter().map(|what| {
                        let why = format!("it looks for no {what} any more");
                        (what, why)
                    }));
                }
                (None, Observed::Unknown { why }) if found.evidence.is_empty() => return Err(unknown(why)),
                (None, _) => {}
            }
        }
        Ok(found)
    }
}

impl Guardrail<Trail, TrailAction> for TrailLogsLess {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, trail: &Trail, terms: &Terms<'_>) -> Verdict {
        if terms.settings(self).allow(&trail.by) {
            return Verdict::Compliant;
        }
        let less = match Self::less(trail) {
            Ok(less) if less.evidence.is_empty() => return Verdict::Compliant,
            Ok(less) => less,
            Err(why) => return Verdict::Undetermined { why },
        };
        let (trail_name, reason) = (name(&trail.arn), not_rewritten(trail, terms));
        let evidence = |(element, why): (String, String)| Evidence {
            element,
            why: with_reason(format!("the selectors of trail `{trail_name}` were changed: {why}"), reason),
        };
        let evidence = less.evidence.into_iter().map(evidence).collect();
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, trail: &Trail, _: &Violation, terms: &Terms<'_>) -> Plan<TrailAction> {
        let Ok(less) = Self::less(trail) else { return Plan::default() };
        if not_rewritten(trail, terms).is_some() {
            return Plan::default();
        }
        let select = |selectors| TrailAction::Select { trail: trail.arn.clone(), selectors, is_new: false };
        let insight = |selectors| TrailAction::Insight { trail: trail.arn.clone(), selectors, is_new: false };
        let step = |apply, back| Step { apply, undo: Undo::Apply(back) };
        let events = less.events.map(|(good, now)| step(select(good), select(now)));
        let insights = less.insights.map(|(good, now)| step(insight(good), insight(now)));
        Plan { steps: events.into_iter().chain(insights).collect() }
    }
}
