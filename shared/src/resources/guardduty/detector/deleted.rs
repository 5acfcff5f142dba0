//! LOG-08: the GuardDuty detector is not deleted.

use super::actions::CREATE_DETECTOR;
use super::state::{Detector, DetectorAction, Now};
use super::{DELETE, IDS, UPDATE};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;

/// See the module.
pub struct GuarddutyDetectorDeleted;

static ABOUT: About = About {
    name: "guardduty-detector-deleted",
    catalogue_id: "LOG-08",
    title: "The GuardDuty detector was deleted",
    description: "The detector of a region was deleted by a principal that is not among `allowed_principals`: GuardDuty watches nothing there any more, and its findings are \
        gone. A sweep finds a region whose detector was last seen to be good and that has none.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["GuardDuty.1"],
    technique: "T1562.001",
    triggers: &[DELETE],
    remediation: "Creates a detector with the protection plans and the publishing frequency of the last known good one. It has a new id; tags, findings, filters, lists, members \
        and the export of findings are not brought back, and an organization's administrator adds the account again. If the plans are unknown, it only notifies.",
    actions: &[CREATE_DETECTOR],
    ids: IDS,
    not_watched: &[(UPDATE, "a detector that is suspended or watches less is another guardrail's")],
};

impl Guardrail<Detector, DetectorAction> for GuarddutyDetectorDeleted {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, detector: &Detector, terms: &Terms<'_>) -> Verdict {
        if detector.now != Now::Gone || terms.settings(self).allow(&detector.by) {
            return Verdict::Compliant;
        }
        let deleted = "the GuardDuty detector is deleted";
        let why = match &detector.before {
            Observed::Known(_) => format!("{deleted}: nothing is watched in this region"),
            Observed::Absent if detector.call != DELETE => return Verdict::Compliant,
            Observed::Absent => format!("{deleted}, and what it watched is not known: it was not seen before"),
            Observed::Unknown { why } if detector.call == DELETE => {
                format!("{deleted}, and what it watched is not known: {why}")
            }
            Observed::Unknown { why } => {
                return Verdict::Undetermined { why: format!("whether there was a detector is not known: {why}") };
            }
        };
        let evidence = vec![Evidence { element: "detector deleted".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, detector: &Detector, _: &Violation, _: &Terms<'_>) -> Plan<DetectorAction> {
        let before = detector.before.known();
        before.map(|plans| Plan::one(DetectorAction::Create(plans.clone()), DetectorAction::Delete)).unwrap_or_default()
    }
}
