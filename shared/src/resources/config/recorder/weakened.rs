//! LOG-06: a configuration recorder goes on recording the same.

use super::actions::{PASS_ROLE, PUT, PUT_CHANNEL, START};
use super::state::{Part, Recorder, RecorderAction, name};
use super::{DELETE_CALL, IDS, PUT_CALL, STOP_CALL, missing};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;
use serde_json::Value;

/// See the module.
pub struct ConfigRecorderWeakened;

static ABOUT: About = About {
    name: "config-recorder-weakened",
    catalogue_id: "LOG-06",
    title: "The configuration recorder was deleted or records less",
    description: "A principal that is not among `allowed_principals` deleted the recorder of AWS Config, or changed it so that it records fewer types of resources, once a \
        day instead of each change, or by another role than when it was last seen to be good. A sweep finds what it records less, and takes \
        another role for the owner's.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["Config.1", "CIS AWS Foundations 5.0.0/3.3"],
    technique: "T1562.008",
    triggers: &[DELETE_CALL, PUT_CALL],
    remediation: "Writes the last known good recorder again; one that was deleted gets its delivery channel back and is started if it recorded. If it is unknown, it only \
        notifies.",
    actions: &[PUT, PUT_CHANNEL, PASS_ROLE, START],
    ids: IDS,
    not_watched: &[
        (STOP_CALL, "a recorder that is stopped is another guardrail's"),
        (
            "PutServiceLinkedConfigurationRecorder, DeleteServiceLinkedConfigurationRecorder",
            "a service's recorder is the service's",
        ),
    ],
};

/// What is worse about a recorder that is there.
fn worse(recorder: &Recorder, before: &Value, now: &Value) -> Vec<String> {
    let mut found = missing(before, now);
    // A sweep does not show who has changed it.
    if before["roleARN"] != now["roleARN"] && !recorder.call.is_empty() {
        let role = |one: &Value| one["roleARN"].as_str().unwrap_or_default().to_owned();
        found.push(format!("its role is `{}` (`{}` before)", role(now), role(before)));
    }
    found
}

impl Guardrail<Recorder, RecorderAction> for ConfigRecorderWeakened {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, recorder: &Recorder, terms: &Terms<'_>) -> Verdict {
        if recorder.now.recorder == Part::Hidden || terms.settings(self).allow(&recorder.by) {
            return Verdict::Compliant;
        }
        let before = recorder.before.known().and_then(|before| before.recorder.there());
        let of = recorder.recorder();
        let signs = match (before, &recorder.now.recorder, &recorder.before) {
            (Some(_), Part::Gone, _) => vec![format!("configuration recorder `{of}` is deleted")],
            (Some(before), Part::There(now), _) => {
                let of = name(now);
                worse(recorder, before, now)
                    .into_iter()
                    .map(|what| format!("configuration recorder `{of}`: {what}"))
                    .collect()
            }
            (None, Part::Gone, kept) if recorder.call == DELETE_CALL => {
                let why = match kept {
                    Observed::Unknown { why } => why.as_str(),
                    Observed::Known(_) | Observed::Absent => "it was not seen before it was deleted",
                };
                vec![format!("configuration recorder `{of}` is deleted, and what it recorded is not known: {why}")]
            }
            (None, _, Observed::Unknown { why }) => {
                let why = format!("what configuration recorder `{of}` recorded before is not known: {why}");
                return Verdict::Undetermined { why };
            }
            // Its first configuration.
            (_, _, Observed::Known(_) | Observed::Absent) | (Some(_), Part::Hidden, _) => Vec::new(),
        };
        if signs.is_empty() {
            return Verdict::Compliant;
        }
        let element = if recorder.now.recorder == Part::Gone { "recorder deleted" } else { "records less" };
        let evidence = |why: String| Evidence { element: element.to_owned(), why };
        let evidence = signs.into_iter().map(evidence).collect();
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    /// A deleted one: the channel needs the recorder, and starting it needs both.
    fn plan(&self, recorder: &Recorder, _: &Violation, _: &Terms<'_>) -> Plan<RecorderAction> {
        let Observed::Known(before) = &recorder.before else { return Plan::default() };
        let Some(good) = before.recorder.there().cloned() else { return Plan::default() };
        let step = |apply, back| Step { apply, undo: Undo::Apply(back) };
        let of = || name(&good).to_owned();
        if let Part::There(now) = &recorder.now.recorder {
            return Plan::one(RecorderAction::Put(good), RecorderAction::Put(now.clone()));
        }
        let mut steps = vec![step(RecorderAction::Put(good.clone()), RecorderAction::Delete(of()))];
        if let (Part::Gone, Some(channel)) = (&recorder.now.channel, before.channel.there()) {
            let back = RecorderAction::DeleteChannel(name(channel).to_owned());
            steps.push(step(RecorderAction::PutChannel { channel: channel.clone(), is_new: true }, back));
        }
        if before.recording == Some(true) {
            steps.push(step(RecorderAction::Start(of()), RecorderAction::Stop(of())));
        }
        Plan { steps }
    }
}
