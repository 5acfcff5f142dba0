//! The configuration recorder and its channel. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::config::ConfigRecorders;
use shared::resources::config::recorder::state::{Part, Parts, Recorder, RecorderAction, RecorderRef};

impl Living for ConfigRecorders {
    fn change(live: &mut Observed<Recorder>, action: &RecorderAction) -> Result<(), ApplyError> {
        let Observed::Known(recorder) = live else { return Err(not_there("NoSuchConfigurationRecorderException")) };
        let Parts { recorder, channel, recording } = &mut recorder.now;
        let is_gone = *recorder == Part::Gone;
        let not_yet = |code: &str| ApplyError::NotYet { code: code.to_owned(), message: String::new() };
        match action {
            RecorderAction::Start(_) if !is_gone && *channel == Part::Gone => {
                return Err(not_yet("NoAvailableDeliveryChannelException"));
            }
            RecorderAction::Start(_) | RecorderAction::Stop(_) | RecorderAction::Delete(_) if is_gone => {
                return Err(not_there("NoSuchConfigurationRecorderException"));
            }
            RecorderAction::PutChannel { .. } if is_gone => {
                return Err(not_yet("NoAvailableConfigurationRecorderException"));
            }
            RecorderAction::Start(_) => *recording = Some(true),
            RecorderAction::Stop(_) => *recording = Some(false),
            RecorderAction::Put(one) => *recorder = Part::There(one.clone()),
            RecorderAction::Delete(_) => (*recorder, *recording) = (Part::Gone, Some(false)),
            RecorderAction::PutChannel { channel: one, .. } => *channel = Part::There(one.clone()),
            RecorderAction::DeleteChannel(_) => *channel = Part::Gone,
        }
        Ok(())
    }

    fn read(live: &Observed<Recorder>, key: &RecorderRef) -> Observed<Recorder> {
        match live {
            Observed::Known(recorder) => Observed::Known(Recorder::of(key, recorder.now.clone())),
            other => other.clone(),
        }
    }

    /// `{recorder: …, channel: …, recording: …}`, without what is not there.
    fn live(value: &Value) -> Observed<Recorder> {
        let part = |name: &str| value.get(name).cloned().map_or(Part::Gone, Part::There);
        let recording = Some(value["recording"].as_bool().unwrap_or_default());
        let now = Parts { recorder: part("recorder"), channel: part("channel"), recording };
        Observed::Known(Recorder::of(&RecorderRef::default(), now))
    }

    fn lines(live: &Observed<Recorder>) -> Vec<String> {
        let Observed::Known(recorder) = live else { return Vec::new() };
        let part = |name: &str, part: &Part| match part {
            Part::There(value) => format!("{name}: {value}"),
            Part::Gone | Part::Hidden => format!("{name}: gone"),
        };
        let Parts { recorder, channel, recording } = &recorder.now;
        vec![part("recorder", recorder), part("channel", channel), format!("records: {}", recording == &Some(true))]
    }

    fn samples() -> Vec<Value> {
        let channel = json!({"name": "default", "s3BucketName": "config"});
        vec![
            json!({"start": "default"}),
            json!({"stop": "default"}),
            json!({"put": {"name": "default"}}),
            json!({"delete": "default"}),
            json!({"put-channel": {"channel": channel, "is_new": false}}),
            json!({"put-channel": {"channel": channel, "is_new": true}}),
            json!({"delete-channel": "default"}),
        ]
    }
}
