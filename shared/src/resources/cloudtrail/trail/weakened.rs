//! LOG-03: a trail goes on logging as much, as well protected and to the same place.

use super::UPDATE;
use super::actions::{PASS_ROLE, UPDATE_TRAIL, name};
use super::judge::{IDS, not_rewritten, standing, with_reason};
use super::settings::{Change, Settings, Weight};
use super::state::{Trail, TrailAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;

/// See the module.
pub struct TrailWeakened;

static ABOUT: About = About {
    name: "trail-weakened",
    catalogue_id: "LOG-03",
    title: "The settings of a CloudTrail trail were weakened",
    description: "A principal that is not among `allowed_principals` changed a trail so that it logs one region instead of all, leaves out global services, no \
        longer validates its files, has no KMS key, SNS topic or log group any more, or delivers to another bucket, prefix, topic, log group or with \
        another key than before. What it was is known from when it was last seen to be good; without that it is unknown. A sweep finds what \
        became weaker, also of a trail that was created in place of a deleted one; a new destination that no event was about, or that was \
        notified and left so, is the owner's choice from then on.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[
        "CloudTrail.1",
        "CloudTrail.2",
        "CloudTrail.4",
        "CloudTrail.5",
        "CIS AWS Foundations 5.0.0/3.1",
        "CIS AWS Foundations 5.0.0/3.2",
        "CIS AWS Foundations 5.0.0/3.5",
    ],
    technique: "T1562.008",
    triggers: &[UPDATE],
    remediation: "Writes the last known good values of the settings that were weakened or changed; the others stay as they are. The trail of an organization is \
        only notified.",
    actions: &[UPDATE_TRAIL, PASS_ROLE],
    ids: IDS,
    not_watched: &[("CreateTrail", "a new trail is weaker than none before it")],
};

impl TrailWeakened {
    /// What is worse than before, of settings that are both known.
    fn changes(trail: &Trail, terms: &Terms<'_>) -> Option<(Settings, Settings, Vec<Change>)> {
        let now = standing(trail)?.settings.clone()?;
        let before = trail.before.known()?.settings.clone()?;
        let mut changes = now.changes(&before, |account| terms.trusts(account));
        // A sweep does not show who has changed it: an owner's new bucket, or another principal's.
        changes.retain(|change| change.weight == Weight::Weaker || !trail.call.is_empty());
        Some((now, before, changes))
    }
}

impl Guardrail<Trail, TrailAction> for TrailWeakened {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, trail: &Trail, terms: &Terms<'_>) -> Verdict {
        let is_shown = standing(trail).is_some_and(|view| view.settings.is_some());
        if !is_shown || terms.settings(self).allow(&trail.by) {
            return Verdict::Compliant;
        }
        let trail_name = name(&trail.arn);
        let Some((_, _, changes)) = Self::changes(trail, terms) else {
            let why = match &trail.before {
                // Nothing was kept, and no call has changed the settings: they are the first that are seen.
                Observed::Absent | Observed::Known(_) if trail.call != UPDATE => return Verdict::Compliant,
                Observed::Absent | Observed::Known(_) => "it was not seen before it was changed",
                Observed::Unknown { why } => why,
            };
            return Verdict::Undetermined { why: format!("what trail `{trail_name}` was before is not known: {why}") };
        };
        if changes.is_empty() {
            return Verdict::Compliant;
        }
        let reason = not_rewritten(trail, terms);
        let evidence = |change: Change| Evidence {
            element: change.members.join(" "),
            why: with_reason(format!("trail `{trail_name}` was changed: {}", change.what), reason),
        };
        let evidence = changes.into_iter().map(evidence).collect();
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, trail: &Trail, _: &Violation, terms: &Terms<'_>) -> Plan<TrailAction> {
        let Some((now, before, changes)) = Self::changes(trail, terms) else { return Plan::default() };
        if changes.is_empty() || not_rewritten(trail, terms).is_some() {
            return Plan::default();
        }
        let names = changes.iter().flat_map(|change| change.members).map(|name| (*name).to_owned());
        let members: Vec<String> = names.collect();
        let restored = now.with(&before, &members);
        let write =
            |settings: Settings| TrailAction::Update { trail: trail.arn.clone(), settings, members: members.clone() };
        Plan::one(write(restored), write(now))
    }
}
