//! LOG-08: the GuardDuty detector goes on watching as much.

use super::actions::UPDATE_DETECTOR;
use super::state::{Detector, DetectorAction, Now, Plans};
use super::{CREATE, DELETE, IDS, UPDATE};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;

/// See the module.
pub struct GuarddutyDetectorWeakened;

pub(super) static ABOUT: About = About {
    name: "guardduty-detector-weakened",
    catalogue_id: "LOG-08",
    title: "The GuardDuty detector was suspended or watches less",
    description: "A principal that is not among `allowed_principals` suspended the detector, switched a protection plan (or an agent's management) off that was on when the \
        detector was last seen to be good, or has findings published less often; or created a detector that watches less than the one before. \
        `EKS_RUNTIME_MONITORING` may give way to `RUNTIME_MONITORING`. A sweep finds what it watches less.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["GuardDuty.1"],
    technique: "T1562.001",
    triggers: &[UPDATE, CREATE],
    remediation: "Enables the detector, and sets the plans and the frequency that it had before, in one call; everything else stays. Of which plans were on it needs the last known \
        good state.",
    actions: &[UPDATE_DETECTOR],
    ids: IDS,
    not_watched: &[
        (DELETE, "a detector that is gone is another guardrail's"),
        ("UpdateMemberDetectors", "what an administrator switches off for members is another guardrail's"),
        (
            "UpdateMalwareScanSettings, UpdateMalwareProtectionPlan, DeleteMalwareProtectionPlan",
            "which instances and buckets are scanned for malware is not judged",
        ),
    ],
};

/// What is to be set again, and the plans of which the look says nothing.
fn lost(detector: &Detector) -> Option<(&str, Plans, Vec<String>)> {
    let Now::Stands { id, plans: now, is_whole } = &detector.now else { return None };
    let (lost, unseen) = match detector.before.known() {
        Some(before) => before.lost_in(now),
        // A call that suspends it needs no other proof.
        None => {
            let is_suspended = now.enabled == Some(false) && detector.call == UPDATE;
            (Plans { enabled: is_suspended.then_some(true), ..Plans::default() }, Vec::new())
        }
    };
    Some((id, lost, if *is_whole { unseen } else { Vec::new() }))
}

impl Guardrail<Detector, DetectorAction> for GuarddutyDetectorWeakened {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, detector: &Detector, terms: &Terms<'_>) -> Verdict {
        let (Now::Stands { id, plans: now, .. }, Some((_, lost, unseen))) = (&detector.now, lost(detector)) else {
            return Verdict::Compliant;
        };
        if terms.settings(self).allow(&detector.by) {
            return Verdict::Compliant;
        }
        let one = |element: &str, what: String| Evidence {
            element: element.to_owned(),
            why: format!("GuardDuty detector `{id}` {what}"),
        };
        let suspended = lost.enabled.map(|_| one("suspended", "is suspended: it watches nothing".to_owned()));
        let rarer = lost.frequency.as_ref().map(|before| {
            let now = now.frequency.as_deref().unwrap_or_default();
            one("publishing frequency", format!("publishes findings less often: `{now}` (`{before}` before)"))
        });
        let off = lost.features.keys().map(|plan| one(plan, format!("has `{plan}` switched off")));
        let evidence: Vec<Evidence> = suspended.into_iter().chain(off).chain(rarer).collect();
        if !evidence.is_empty() {
            return Verdict::Violation(Violation { severity: ABOUT.severity, evidence });
        }
        let asked = &detector.asked;
        let is_less = asked.features.values().any(|is_on| !is_on) || asked.frequency.is_some();
        match &detector.before {
            Observed::Unknown { why } => Verdict::Undetermined {
                why: format!("what GuardDuty detector `{id}` watched before is not known: {why}"),
            },
            Observed::Absent if detector.call == UPDATE && is_less => Verdict::Undetermined {
                why: format!("what GuardDuty detector `{id}` watched before is not known: it was not seen before"),
            },
            Observed::Known(_) if !unseen.is_empty() => Verdict::Undetermined {
                why: format!(
                    "the answer does not show whether GuardDuty detector `{id}` has `{}`",
                    unseen.join("`, `")
                ),
            },
            Observed::Known(_) | Observed::Absent => Verdict::Compliant,
        }
    }

    fn plan(&self, detector: &Detector, _: &Violation, _: &Terms<'_>) -> Plan<DetectorAction> {
        let (Now::Stands { plans: now, .. }, Some((id, lost, _))) = (&detector.now, lost(detector)) else {
            return Plan::default();
        };
        if lost.is_empty() {
            return Plan::default();
        }
        let set = |plans: Plans| DetectorAction::Update { id: id.to_owned(), plans };
        let back = lost.of_the_same(now);
        Plan::one(set(lost), set(back))
    }
}
