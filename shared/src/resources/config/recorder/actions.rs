//! What can be done about a recorder and its channel.

use super::state::name;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::request::{Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::SignedAction;
use crate::resources::config::CONFIG;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

const RECORDERS: &[&str] = &["config:${Region}:${Account}:configuration-recorder/*/*"];

pub(crate) const START: Permission = Permission::on("config:StartConfigurationRecorder", RECORDERS);
pub(crate) const STOP: Permission = Permission::on("config:StopConfigurationRecorder", RECORDERS);
pub(crate) const PUT: Permission = Permission::setting("config:PutConfigurationRecorder");
pub(crate) const DELETE: Permission = Permission::on("config:DeleteConfigurationRecorder", RECORDERS);
pub(crate) const PUT_CHANNEL: Permission = Permission::setting("config:PutDeliveryChannel");
pub(crate) const DELETE_CHANNEL: Permission = Permission::setting("config:DeleteDeliveryChannel");
/// To give it the role by which it reads resources.
pub(crate) const PASS_ROLE: Permission =
    Permission::on("iam:PassRole", &["iam::${Account}:role/*"]).when("iam:PassedToService", "config.amazonaws.com");

/// The calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecorderAction {
    /// Start recording.
    Start(String),
    /// Stop recording.
    Stop(String),
    /// Write the recorder.
    Put(Value),
    /// Delete the recorder.
    Delete(String),
    /// Write the channel.
    PutChannel {
        /// The channel.
        channel: Value,
        /// Whether the step before has created the recorder, without which there is no channel that could be written over.
        #[serde(default)]
        is_new: bool,
    },
    /// Delete the channel.
    DeleteChannel(String),
}

impl fmt::Display for RecorderAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(recorder) => write!(f, "start configuration recorder {recorder}"),
            Self::Stop(recorder) => write!(f, "stop configuration recorder {recorder}"),
            Self::Put(recorder) => write!(f, "write configuration recorder {}", name(recorder)),
            Self::Delete(recorder) => write!(f, "delete configuration recorder {recorder}"),
            Self::PutChannel { channel, .. } => {
                let bucket = channel["s3BucketName"].as_str().unwrap_or_default();
                write!(f, "write delivery channel {} to bucket {bucket}", name(channel))
            }
            Self::DeleteChannel(channel) => write!(f, "delete delivery channel {channel}"),
        }
    }
}

impl Action for RecorderAction {
    fn permission(&self) -> &'static str {
        let permission = match self {
            Self::Start(_) => START,
            Self::Stop(_) => STOP,
            Self::Put(_) => PUT,
            Self::Delete(_) => DELETE,
            Self::PutChannel { .. } => PUT_CHANNEL,
            Self::DeleteChannel(_) => DELETE_CHANNEL,
        };
        permission.action
    }

    fn command(&self, region: &str) -> String {
        let of_recorder = |call: &str, recorder: &str| {
            format!("aws configservice {call}-configuration-recorder --configuration-recorder-name {}", word(recorder))
        };
        let line = match self {
            Self::Start(recorder) => of_recorder("start", recorder),
            Self::Stop(recorder) => of_recorder("stop", recorder),
            Self::Delete(recorder) => of_recorder("delete", recorder),
            Self::Put(recorder) => {
                // The command line takes the recording group by itself.
                let mut rest = recorder.clone();
                let group = rest.as_object_mut().and_then(|members| members.remove("recordingGroup"));
                let (rest, group) = (rest.to_string(), group.map(|group| group.to_string()));
                let group = group.map(|group| format!(" --recording-group {}", word(&group))).unwrap_or_default();
                let rest = word(&rest);
                format!("aws configservice put-configuration-recorder --configuration-recorder {rest}{group}")
            }
            Self::PutChannel { channel, .. } => {
                let document = channel.to_string();
                format!("aws configservice put-delivery-channel --delivery-channel {}", word(&document))
            }
            Self::DeleteChannel(channel) => {
                format!("aws configservice delete-delivery-channel --delivery-channel-name {}", word(channel))
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn elements(&self) -> usize {
        1
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Start(_) => Effect::Restoring,
            Self::PutChannel { is_new: true, .. } => Effect::Recreating,
            Self::Stop(_) | Self::Put(_) | Self::Delete(_) | Self::PutChannel { .. } | Self::DeleteChannel(_) => {
                Effect::Overwriting
            }
        }
    }

    fn guards_itself(&self) -> bool {
        matches!(self, Self::PutChannel { is_new: true, .. })
    }
}

impl SignedAction for RecorderAction {
    const API: &'static Api = &CONFIG;

    fn request(&self) -> Request {
        let named = |operation, member: &str, name: &str| Request::named(operation, json!({ member: name }));
        match self {
            Self::Start(one) => named("StartConfigurationRecorder", "ConfigurationRecorderName", one),
            Self::Stop(one) => named("StopConfigurationRecorder", "ConfigurationRecorderName", one),
            Self::Delete(one) => named("DeleteConfigurationRecorder", "ConfigurationRecorderName", one),
            Self::Put(recorder) => {
                Request::named("PutConfigurationRecorder", json!({ "ConfigurationRecorder": recorder }))
            }
            Self::PutChannel { channel, .. } => {
                Request::named("PutDeliveryChannel", json!({ "DeliveryChannel": channel }))
            }
            Self::DeleteChannel(one) => named("DeleteDeliveryChannel", "DeliveryChannelName", one),
        }
    }
}
