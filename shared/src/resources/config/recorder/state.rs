//! The recorder of an account and region, with its delivery channel.

pub use super::actions::RecorderAction;

use crate::engine::observed::Observed;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How to find it: there is one. What it was, and who called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecorderRef {
    /// The call that an event is about; empty in a sweep.
    #[serde(default)]
    pub call: String,
    /// See [`callers`](crate::resources::callers::callers).
    #[serde(default)]
    pub by: Vec<String>,
    /// The name of the recorder or of the channel that the call is about.
    #[serde(default)]
    pub name: String,
    /// What it was when it was last seen to be good.
    pub before: Observed<Parts>,
}

impl Default for RecorderRef {
    fn default() -> Self {
        let before = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        Self { call: String::new(), by: Vec::new(), name: String::new(), before }
    }
}

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorder {
    /// What it is now.
    pub now: Parts,
    /// What it was when it was last seen to be good.
    pub before: Observed<Parts>,
    /// See [`RecorderRef::call`].
    #[serde(default)]
    pub call: String,
    /// See [`RecorderRef::by`].
    #[serde(default)]
    pub by: Vec<String>,
    /// See [`RecorderRef::name`].
    #[serde(default)]
    pub name: String,
}

impl Recorder {
    /// What a look by this key shows.
    #[must_use]
    pub fn of(key: &RecorderRef, now: Parts) -> Self {
        let RecorderRef { call, by, name, before } = key.clone();
        Self { now, before, call, by, name }
    }

    /// The recorder's name: as it is, or as the call names it.
    #[must_use]
    pub fn recorder(&self) -> &str {
        let before = || self.before.known().and_then(|before| before.recorder.there());
        match self.now.recorder.there().or_else(before) {
            Some(recorder) => name(recorder),
            None => &self.name,
        }
    }
}

/// Recorder and channel, as far as a look shows them: a record shows what its call was about, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parts {
    /// `ConfigurationRecorder`, as `PutConfigurationRecorder` takes it.
    pub recorder: Part,
    /// `DeliveryChannel`, as `PutDeliveryChannel` takes it.
    pub channel: Part,
    /// Whether it records.
    pub recording: Option<bool>,
}

/// One of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The look does not show it.
    #[default]
    Hidden,
    /// There is none.
    Gone,
    /// It is there.
    There(Value),
}

impl Part {
    /// What is there.
    #[must_use]
    pub fn there(&self) -> Option<&Value> {
        match self {
            Self::There(value) => Some(value),
            Self::Hidden | Self::Gone => None,
        }
    }
}

/// The name of a recorder or of a channel.
#[must_use]
pub fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap_or("default")
}
