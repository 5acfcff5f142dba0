//! LOG-06: what the configuration recorder records is delivered.

use super::actions::{PUT_CHANNEL, START};
use super::state::{Part, Recorder, RecorderAction, name};
use super::{DELETE_CHANNEL_CALL, IDS};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;

/// See the module.
pub struct DeliveryChannelDeleted;

static ABOUT: About = About {
    name: "config-delivery-channel-deleted",
    catalogue_id: "LOG-06",
    title: "The delivery channel of AWS Config was deleted",
    description: "A principal that is not among `allowed_principals` deleted the channel by which AWS Config delivers what it records: without one, the recorder cannot be \
        started. AWS refuses the call while the recorder runs.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["Config.1", "CIS AWS Foundations 5.0.0/3.3"],
    technique: "T1562.008",
    triggers: &[DELETE_CHANNEL_CALL],
    remediation: "Writes the last known good channel again, and starts the recorder if it recorded. If it is unknown, it only notifies.",
    actions: &[PUT_CHANNEL, START],
    ids: IDS,
    not_watched: &[(
        "PutDeliveryChannel",
        "whether the place that it delivers to is the owner's is not judged: AWS Config refuses one that does not take deliveries",
    )],
};

impl Guardrail<Recorder, RecorderAction> for DeliveryChannelDeleted {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, recorder: &Recorder, terms: &Terms<'_>) -> Verdict {
        if recorder.now.channel == Part::Hidden || terms.settings(self).allow(&recorder.by) {
            return Verdict::Compliant;
        }
        let before = recorder.before.known().and_then(|before| before.channel.there());
        let why = match (before, &recorder.now.channel, &recorder.before) {
            (Some(channel), Part::Gone, _) => format!("delivery channel `{}` of AWS Config is deleted", name(channel)),
            (None, Part::Gone, Observed::Known(_) | Observed::Absent) if recorder.call == DELETE_CHANNEL_CALL => {
                format!(
                    "delivery channel `{}` of AWS Config is deleted, and where it delivered to is not known: it was not seen before",
                    recorder.name
                )
            }
            (None, Part::Gone, Observed::Unknown { why }) if recorder.call == DELETE_CHANNEL_CALL => format!(
                "delivery channel `{}` of AWS Config is deleted, and where it delivered to is not known: {why}",
                recorder.name
            ),
            (_, _, Observed::Unknown { why }) => {
                return Verdict::Undetermined { why: format!("what the delivery channel was is not known: {why}") };
            }
            (_, _, Observed::Known(_) | Observed::Absent) => return Verdict::Compliant,
        };
        let evidence = vec![Evidence { element: "channel deleted".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, recorder: &Recorder, _: &Violation, _: &Terms<'_>) -> Plan<RecorderAction> {
        let Observed::Known(before) = &recorder.before else { return Plan::default() };
        let Some(channel) = before.channel.there() else { return Plan::default() };
        let step = |apply, back| Step { apply, undo: Undo::Apply(back) };
        let write = RecorderAction::PutChannel { channel: channel.clone(), is_new: false };
        let mut steps = vec![step(write, RecorderAction::DeleteChannel(name(channel).to_owned()))];
        if before.recording == Some(true) && recorder.now.recording == Some(false) {
            let of = || recorder.recorder().to_owned();
            steps.push(step(RecorderAction::Start(of()), RecorderAction::Stop(of())));
        }
        Plan { steps }
    }
}
