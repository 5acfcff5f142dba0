//! Reading the recorder and its channel: which requests, and what their answers show.

use super::state::{Part, Parts, name};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Request};
use serde_json::{Value, json};

pub(crate) const DESCRIBE: Permission = Permission::read("config:DescribeConfigurationRecorders");
pub(crate) const DESCRIBE_STATUS: Permission = Permission::read("config:DescribeConfigurationRecorderStatus");
pub(crate) const DESCRIBE_CHANNELS: Permission = Permission::read("config:DescribeDeliveryChannels");

/// How the names of recorders begin that a service made for itself and that cannot be changed.
const OF_SERVICES: &str = "AWSConfigurationRecorderFor";

/// Whether a recorder is a service's own.
#[must_use]
pub fn is_service_linked(recorder: &str) -> bool {
    recorder.starts_with(OF_SERVICES)
}

/// The three reads.
#[must_use]
pub fn requests() -> [Request; 3] {
    [
        Request::named("DescribeConfigurationRecorders", json!({})),
        Request::named("DescribeConfigurationRecorderStatus", json!({})),
        Request::named("DescribeDeliveryChannels", json!({})),
    ]
}

/// What a call may write of a recorder: what AWS alone sets is left out.
#[must_use]
pub fn written(recorder: &Value) -> Value {
    let mut recorder = recorder.clone();
    if let Some(members) = recorder.as_object_mut() {
        for member in ["arn", "recordingScope", "servicePrincipal", "provider"] {
            members.remove(member);
        }
    }
    recorder
}

/// A list that is empty says that there is none; one that is not there says nothing.
fn listed<'a>(answer: &'a Answer, name: &str) -> Result<&'a [Value], String> {
    let list = answer.body.get(name).and_then(Value::as_array).map(Vec::as_slice);
    list.ok_or_else(|| format!("the answer does not show `{name}`"))
}

/// What the answers show.
///
/// # Errors
/// What an answer does not show.
pub fn parts(recorders: &Answer, status: &Answer, channels: &Answer) -> Result<Parts, String> {
    let ours = |list: &[Value]| list.iter().find(|one| !is_service_linked(name(one))).cloned();
    let part = |found: Option<Value>| found.map_or(Part::Gone, |one| Part::There(written(&one)));
    let recorder = ours(listed(recorders, "ConfigurationRecorders")?);
    let recording = match &recorder {
        None => false,
        Some(recorder) => {
            let list = status.list("ConfigurationRecordersStatus");
            let found = list.iter().find(|one| name(one) == name(recorder));
            let hidden = || "the answer does not show whether the configuration recorder records".to_owned();
            found.and_then(|one| one["recording"].as_bool()).ok_or_else(hidden)?
        }
    };
    let channel = part(listed(channels, "DeliveryChannels")?.first().cloned());
    Ok(Parts { recorder: part(recorder), channel, recording: Some(recording) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: Value) -> Answer {
        Answer { body, request_id: None }
    }

    #[test]
    fn the_answers_show_the_one_that_can_be_changed() {
        let recorders = answer(json!({"ConfigurationRecorders": [{"name": "AWSConfigurationRecorderForSecurityHub_x"},
            {"name": "default", "arn": "x", "recordingScope": "PAID", "roleARN": "r"}]}));
        let status = answer(json!({"ConfigurationRecordersStatus": [{"name": "default", "recording": true}]}));
        let channels = answer(json!({"DeliveryChannels": [{"name": "default", "s3BucketName": "config"}]}));
        let shown = parts(&recorders, &status, &channels).unwrap();
        assert_eq!(shown.recorder, Part::There(json!({"name": "default", "roleARN": "r"})));
        assert_eq!((shown.recording, shown.channel.there().is_some()), (Some(true), true));
        let empty = Answer::default();
        assert!(parts(&empty, &empty, &empty).unwrap_err().contains("ConfigurationRecorders"));
        let none = answer(json!({"ConfigurationRecorders": [], "DeliveryChannels": []}));
        let none = parts(&none, &empty, &none).unwrap();
        assert_eq!(none, Parts { recorder: Part::Gone, channel: Part::Gone, recording: Some(false) });
        assert!(parts(&recorders, &empty, &channels).unwrap_err().contains("whether"));
    }
}
