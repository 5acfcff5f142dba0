//! The configuration recorder of an account and region, and its delivery channel: LOG-06.
//!
//! Sources: "StopConfigurationRecorder", "DeleteConfigurationRecorder", "PutConfigurationRecorder", "DeleteDeliveryChannel", "DescribeConfigurationRecorders" (AWS
//! Config API reference). An account has one recorder and one channel that it can change in each region. The recorders that services link to themselves
//! (`AWSConfigurationRecorderFor…`) cannot be changed by other principals, and are left alone.
//!
//! Recorder and channel are one resource: a recorder starts only where there is a channel, and a channel is deleted only where no recorder runs. They are
//! kept when no guardrail objects to them, by the sweep and after a change for the better.

mod actions;
pub mod channel_deleted;
#[cfg(feature = "sdk")]
pub(crate) mod client;
mod coverage;
pub mod reads;
pub mod state;
pub mod stopped;
pub mod weakened;

pub use coverage::missing;

use super::{CONFIG, SOURCE};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable, Written};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::engine::signed::SignedAction;
use crate::engine::unreadable::Unreadable;
use crate::resources::callers::callers;
use actions::{DELETE, DELETE_CHANNEL, PASS_ROLE, PUT, PUT_CHANNEL, STOP};
use channel_deleted::DeliveryChannelDeleted;
use reads::is_service_linked;
use serde_json::{Value, json};
use state::{Part, Parts, Recorder, RecorderAction, RecorderRef};
use std::borrow::Cow;
use stopped::ConfigRecorderStopped;
use weakened::ConfigRecorderWeakened;

pub(crate) const STOP_CALL: &str = "StopConfigurationRecorder";
pub(crate) const PUT_CALL: &str = "PutConfigurationRecorder";
pub(crate) const DELETE_CALL: &str = "DeleteConfigurationRecorder";
pub(crate) const DELETE_CHANNEL_CALL: &str = "DeleteDeliveryChannel";

/// What its calls write, each by itself.
const RECORDER: &str = "recorder";
const CHANNEL: &str = "delivery channel";

const IDS: &[&str] = &["arn:%:config:%:%:configuration-recorder"];

/// The family of configuration recorders.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConfigRecorders;

impl Family for ConfigRecorders {
    type Key = RecorderRef;
    type State = Recorder;
    type Action = RecorderAction;

    fn kind(&self) -> &'static str {
        "config-recorder"
    }

    fn reads(&self) -> &'static [Permission] {
        &[reads::DESCRIBE, reads::DESCRIBE_STATUS, reads::DESCRIBE_CHANNELS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE, DELETE_CHANNEL, PASS_ROLE, PUT, PUT_CHANNEL, STOP]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Recorder>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![ConfigRecorderStopped, ConfigRecorderWeakened, DeliveryChannelDeleted];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, &[STOP_CALL, PUT_CALL, DELETE_CALL, DELETE_CHANNEL_CALL]) {
            return Ok(Vec::new());
        }
        let written = event.request.at(&["configurationRecorder"]);
        let named = match event.name.as_str() {
            PUT_CALL => written.map(state::name),
            DELETE_CHANNEL_CALL => event.request.text(&["deliveryChannelName"]),
            _ => event.request.text(&["configurationRecorderName"]),
        };
        let Some(named) = named else {
            return Err(Unlocatable::new(event, "the record names no configuration recorder or delivery channel"));
        };
        if is_service_linked(named) {
            return Ok(Vec::new());
        }
        let key = RecorderRef {
            call: event.name.clone(),
            by: callers(event),
            name: named.to_owned(),
            ..RecorderRef::default()
        };
        let now = match (event.name.as_str(), written) {
            (STOP_CALL, _) => Parts { recording: Some(false), ..Parts::default() },
            (DELETE_CALL, _) => Parts { recorder: Part::Gone, ..Parts::default() },
            (DELETE_CHANNEL_CALL, _) => Parts { channel: Part::Gone, ..Parts::default() },
            (_, Some(recorder)) => Parts { recorder: Part::There(reads::written(recorder)), ..Parts::default() },
            (_, None) => Parts::default(),
        };
        let proven = Some(Recorder::of(&key, now));
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, recorder: &mut Recorder, target: &TargetOf<Self>) {
        *recorder = Recorder::of(&target.key, recorder.now.clone());
    }

    fn memory(&self, _: &RecorderRef) -> Option<String> {
        Some(RECORDER.to_owned())
    }

    /// That a recorder was stopped needs no other proof than the record.
    fn recalls(&self, key: &RecorderRef) -> bool {
        key.call != STOP_CALL
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<Recorder>) {
        let before = match kept {
            Observed::Known(recorder) => Observed::Known(recorder.now),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    /// What it is now, and not what it was.
    fn content(&self, recorder: &Recorder) -> Value {
        json!(recorder.now)
    }

    fn writes(&self, call: &RecorderAction) -> Option<Value> {
        match call {
            RecorderAction::Put(recorder) => Some(json!(Part::There(recorder.clone()))),
            RecorderAction::PutChannel { channel, is_new: false } => Some(json!(Part::There(channel.clone()))),
            RecorderAction::Start(_)
            | RecorderAction::Stop(_)
            | RecorderAction::Delete(_)
            | RecorderAction::PutChannel { .. }
            | RecorderAction::DeleteChannel(_) => None,
        }
    }

    fn part(&self, call: &RecorderAction, recorder: &Recorder) -> (String, Value) {
        match call {
            RecorderAction::Put(_) | RecorderAction::Delete(_) => (RECORDER.to_owned(), json!(recorder.now.recorder)),
            RecorderAction::PutChannel { .. } | RecorderAction::DeleteChannel(_) => {
                (CHANNEL.to_owned(), json!(recorder.now.channel))
            }
            RecorderAction::Start(_) | RecorderAction::Stop(_) => (String::new(), self.content(recorder)),
        }
    }

    /// The request of a call that succeeded is what it has left.
    fn written(&self, _: &Event, target: &TargetOf<Self>) -> Option<Written<RecorderAction>> {
        let now = &target.proven.as_ref()?.now;
        let recorder = now.recorder.there()?;
        let (content, again) = (json!(now.recorder), Some(RecorderAction::Put(recorder.clone())));
        Some(Written { part: RECORDER.to_owned(), content, again, anew: None })
    }

    fn resource(&self, _: &RecorderRef, _: Option<&Recorder>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:config:{region}:{account}:configuration-recorder");
        Resource { id, kind: "Other", name: "configuration recorder".to_owned() }
    }
}

/// CloudFormation starts what it makes; Terraform has a resource that starts or stops.
const FORMS: &[PlannedForm<Recorder>] =
    &[PlannedForm::one("aws_config_configuration_recorder_status", planned).only(&stopped::ABOUT)];

/// What it calls: `StopConfigurationRecorder` where the recorder is not enabled.
fn planned(it: &PlannedResource<'_>) -> Result<Option<Recorder>, Unreadable> {
    let key =
        RecorderRef { call: STOP_CALL.to_owned(), by: Vec::new(), name: it.named(&["name"]), before: Observed::Absent };
    let recorder = |is_on| Recorder::of(&key, Parts { recording: Some(is_on), ..Parts::default() });
    Ok(it.flag("is_enabled")?.map(recorder))
}

impl Asks for ConfigRecorders {
    fn asks() -> Vec<(&'static Api, Request)> {
        let recorder = json!({"name": "default", "roleARN": "x", "recordingGroup": {"allSupported": true},
            "recordingMode": {"recordingFrequency": "CONTINUOUS"}});
        let (one, channel) = (|| "default".to_owned(), json!({"name": "default", "s3BucketName": "config"}));
        let calls = [
            RecorderAction::Start(one()),
            RecorderAction::Stop(one()),
            RecorderAction::Put(recorder),
            RecorderAction::Delete(one()),
            RecorderAction::PutChannel { channel, is_new: false },
            RecorderAction::DeleteChannel(one()),
        ];
        let calls = calls.into_iter().map(|action| action.request());
        reads::requests().into_iter().chain(calls).map(|request| (&CONFIG, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let [recorders, status, channels] = reads::requests().map(|request| answers(request.operation));
        match reads::parts(&recorders, &status, &channels) {
            Ok(Parts { recorder: Part::There(_), channel: Part::There(_), recording: Some(_) }) => Vec::new(),
            Ok(other) => vec![format!("not all parts are found: {other:?}")],
            Err(why) => vec![why],
        }
    }
}
