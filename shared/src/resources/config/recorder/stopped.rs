//! LOG-06: a configuration recorder that records goes on recording.

use super::actions::START;
use super::state::{Part, Parts, Recorder, RecorderAction};
use super::{DELETE_CALL, IDS, STOP_CALL};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;

/// See the module.
pub struct ConfigRecorderStopped;

pub(super) static ABOUT: About = About {
    name: "config-recorder-stopped",
    catalogue_id: "LOG-06",
    title: "The configuration recorder was stopped",
    description: "The recorder of AWS Config was stopped by a principal that is not among `allowed_principals`: changes of resources are not recorded any more, and rules \
        evaluate what was. A sweep finds a recorder that recorded when it was last seen to be good. The recorders of services cannot be stopped.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["Config.1", "CIS AWS Foundations 5.0.0/3.3"],
    technique: "T1562.008",
    triggers: &[STOP_CALL],
    remediation: "Starts the recorder again, with one call.",
    actions: &[START],
    ids: IDS,
    not_watched: &[(DELETE_CALL, "a recorder that is gone is another guardrail's")],
};

impl Guardrail<Recorder, RecorderAction> for ConfigRecorderStopped {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, recorder: &Recorder, terms: &Terms<'_>) -> Verdict {
        let Parts { recording: Some(false), recorder: part, .. } = &recorder.now else { return Verdict::Compliant };
        let recorded = recorder.before.known().is_some_and(|before| before.recording == Some(true));
        let was_stopped = recorder.call == STOP_CALL || recorded;
        if *part == Part::Gone || !was_stopped || terms.settings(self).allow(&recorder.by) {
            return Verdict::Compliant;
        }
        let why = format!("configuration recorder `{}` does not record: it was stopped", recorder.recorder());
        let evidence = vec![Evidence { element: "recording stopped".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, recorder: &Recorder, _: &Violation, _: &Terms<'_>) -> Plan<RecorderAction> {
        let name = || recorder.recorder().to_owned();
        Plan::one(RecorderAction::Start(name()), RecorderAction::Stop(name()))
    }
}
