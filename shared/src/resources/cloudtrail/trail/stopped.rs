//! LOG-01: a trail that logs goes on logging.

use super::actions::{START_LOGGING, name};
use super::judge::{IDS, out_of_reach, standing, with_reason};
use super::state::{Trail, TrailAction, View};
use super::{DELETE, STOP};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;

/// See the module.
pub struct TrailStopped;

pub(super) static ABOUT: About = About {
    name: "trail-stopped",
    catalogue_id: "LOG-01",
    title: "Logging of a CloudTrail trail was stopped",
    description: "Logging of a trail was stopped by a principal that is not among `allowed_principals`: nothing that happens from then on is in its bucket, and \
        when no other trail logs management events, no event reaches the guardrails either. A sweep finds a trail that logged when it was last \
        seen to be good; a trail that never logged is left alone.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["CloudTrail.1", "CloudTrail.3", "CIS AWS Foundations 5.0.0/3.1"],
    technique: "T1562.008",
    triggers: &[STOP],
    remediation: "Starts logging again, with one call. The trail of another account is only notified.",
    actions: &[START_LOGGING],
    ids: IDS,
    not_watched: &[
        (
            DELETE,
            "a trail that is gone is another guardrail's; one that was created in its place and does not log, the sweep finds",
        ),
        (
            "DeleteBucket, PutBucketPolicy, DisableKey",
            "the trail exists but cannot deliver: they change its destination, which other guardrails are about",
        ),
    ],
};

impl Guardrail<Trail, TrailAction> for TrailStopped {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, trail: &Trail, terms: &Terms<'_>) -> Verdict {
        let Some(View { logging: Some(false), .. }) = standing(trail) else { return Verdict::Compliant };
        let logged = trail.before.known().is_some_and(|before| before.logging == Some(true));
        if !(trail.call == STOP || logged) || terms.settings(self).allow(&trail.by) {
            return Verdict::Compliant;
        }
        let why = format!("trail `{}` does not log: it was stopped", name(&trail.arn));
        let why = with_reason(why, out_of_reach(trail, terms));
        let evidence = vec![Evidence { element: "logging stopped".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, trail: &Trail, _: &Violation, terms: &Terms<'_>) -> Plan<TrailAction> {
        if out_of_reach(trail, terms).is_some() {
            return Plan::default();
        }
        Plan::one(TrailAction::Start(trail.arn.clone()), TrailAction::Stop(trail.arn.clone()))
    }
}
