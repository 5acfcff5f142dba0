//! One event, in the form that EventBridge would deliver.
//!
//! Logs hold bare records; queues and archives hold envelopes; Athena writes keys in lower case and inner objects as
//! text. All of it comes to one form here; [`super::nested`] finds it.

use super::nested;
use serde_json::{Map, Value, json};
use shared::engine::event::{Event, EventError, Parsed};

/// An event as EventBridge would deliver it.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// `source`, `detail-type`, `account`, `region` and `detail`.
    pub envelope: Value,
    is_bare: bool,
}

impl Delivery {
    /// Everything in a JSON value that looks like an event.
    #[must_use]
    pub fn all_in(value: Value) -> Vec<Self> {
        nested::find(value).deliveries
    }

    /// A bare record, in the envelope that AWS would set.
    pub(super) fn of_record(record: Map<String, Value>) -> Self {
        bare(normal(record))
    }

    /// An envelope as it is.
    pub(super) fn of_envelope(envelope: Map<String, Value>) -> Self {
        Self { envelope: Value::Object(envelope), is_bare: false }
    }

    /// Whether it is something else that EventBridge delivers, and reaches no function.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        let text = |key: &str| self.envelope.get(key).and_then(Value::as_str).unwrap_or_default();
        !(text("source").starts_with("aws.") && text("detail-type").ends_with(" via CloudTrail"))
    }

    /// Why the record cannot be judged though it is one: an export has changed what decides.
    #[must_use]
    pub fn damage(&self) -> Option<String> {
        self.is_bare.then(|| self.record().as_object().and_then(damage)).flatten()
    }

    /// The CloudTrail record in it.
    #[must_use]
    pub fn record(&self) -> &Value {
        self.envelope.get("detail").unwrap_or(&Value::Null)
    }

    /// The same, as a value of its own.
    #[must_use]
    pub fn into_record(mut self) -> Value {
        self.envelope.get_mut("detail").map(Value::take).unwrap_or_default()
    }

    /// Whether a rule could see it: EventBridge does not deliver calls that only read.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.record().get("readOnly") != Some(&Value::Bool(true))
    }

    /// The strict form; none when it is not about a call.
    ///
    /// # Errors
    /// [`EventError`] naming the field that is wrong.
    pub fn event(&self) -> Result<Option<Event>, EventError> {
        if self.is_bare {
            return Event::from_record(self.record()).map(Some);
        }
        match Event::from_envelope(&self.envelope)? {
            Parsed::Call(event) => Ok(Some(*event)),
            Parsed::NotOurs(_) => Ok(None),
        }
    }
}

fn bare(record: Map<String, Value>) -> Delivery {
    let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
    let source = text("eventSource").split('.').next().unwrap_or_default();
    let detail_type = match text("eventType") {
        "AwsServiceEvent" => "AWS Service Event via CloudTrail",
        "AwsConsoleSignIn" => "AWS Console Sign In via CloudTrail",
        "AwsConsoleAction" => "AWS Console Action via CloudTrail",
        "AwsCloudTrailInsight" => "AWS Insight via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    };
    let mut envelope = json!({
        "source": format!("aws.{source}"),
        "detail-type": detail_type,
        "account": text("recipientAccountId"),
        "region": text("awsRegion"),
    });
    // Moved: within the macro it would be copied.
    if let Value::Object(fields) = &mut envelope {
        fields.insert("detail".to_owned(), Value::Object(record));
    }
    Delivery { envelope, is_bare: true }
}

/// The keys that decide, as CloudTrail spells them; Athena's columns are the same in lower case.
const KEYS: &[&str] = &[
    "additionalEventData",
    "awsRegion",
    "errorCode",
    "errorMessage",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "eventVersion",
    "readOnly",
    "recipientAccountId",
    "requestID",
    "requestParameters",
    "responseElements",
    "sharedEventID",
    "sourceIPAddress",
    "userAgent",
    "userIdentity",
    "vpcEndpointId",
];
const IDENTITY_KEYS: &[&str] = &[
    "accessKeyId",
    "accountId",
    "creationDate",
    "invokedBy",
    "mfaAuthenticated",
    "principalId",
    "sessionContext",
    "sessionIssuer",
    "userName",
    "webIdFederationData",
];
const TEXTS: &[&str] = &["requestParameters", "responseElements", "userIdentity", "additionalEventData"];

fn normal(record: Map<String, Value>) -> Map<String, Value> {
    let mut record = renamed(record, KEYS);
    for key in TEXTS {
        let Some(Value::String(text)) = record.get(*key) else { continue };
        let inner = match text.trim() {
            "" => Value::Null,
            text => match serde_json::from_str(text) {
                Ok(inner @ (Value::Object(_) | Value::Null)) => inner,
                Ok(_) | Err(_) => continue,
            },
        };
        record.insert((*key).to_owned(), inner);
    }
    if let Some(Value::String(text)) = record.get("readOnly") {
        let flag = Value::Bool(text.eq_ignore_ascii_case("true"));
        record.insert("readOnly".to_owned(), flag);
    }
    // CloudTrail Lake and some archives write `2026-01-31 12:00:00.000`, in UTC.
    if let Some(Value::String(time)) = record.get_mut("eventTime")
        && time.as_bytes().get(10) == Some(&b' ')
    {
        *time = format!("{}Z", time.replacen(' ', "T", 1));
    }
    // CloudTrail leaves out what is not there, exports write null, and to EventBridge a null exists.
    for key in ["errorCode", "errorMessage"] {
        if record.get(key).is_some_and(|value| value.is_null() || value == "") {
            record.remove(key);
        }
    }
    if let Some(identity) = record.get_mut("userIdentity") {
        *identity = identity_of(identity.take());
    }
    record
}

/// See [`Delivery::damage`].
fn damage(record: &Map<String, Value>) -> Option<String> {
    for key in TEXTS {
        match record.get(*key) {
            Some(Value::String(text)) if text.starts_with('{') && text.contains('=') => {
                return Some(format!(
                    "`{key}` is a map written as text (`{{k=v}}`), which cannot be read back: export it as JSON (in \
                     Athena with `json_format(CAST({key} AS JSON))`)"
                ));
            }
            Some(Value::String(_)) => return Some(format!("`{key}` is a text that is no JSON object")),
            Some(_) | None => {}
        }
    }
    let apart = |key: &&String| {
        let part = key.split_once(['.', '{']).map(|(part, _)| part);
        part.is_some_and(|part| ["requestParameters", "userIdentity"].iter().any(|one| one.eq_ignore_ascii_case(part)))
    };
    if let Some(key) = record.keys().find(apart) {
        return Some(format!("its fields were taken apart (`{key}`): export the event as it came"));
    }
    let is_row = record.values().all(|value| !matches!(value, Value::Object(_) | Value::Array(_)));
    let missing = ["requestParameters", "userIdentity"].into_iter().find(|key| !record.contains_key(*key));
    missing.filter(|_| is_row).map(|key| format!("`{key}` was left out of the export"))
}

fn identity_of(identity: Value) -> Value {
    match identity {
        Value::Object(mut map) if are_proper(&map, IDENTITY_KEYS) && map.values().all(|value| !value.is_null()) => {
            map.values_mut().filter(|value| value.is_object()).for_each(|value| *value = identity_of(value.take()));
            Value::Object(map)
        }
        Value::Object(map) => {
            let known = renamed(map, IDENTITY_KEYS).into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(known.map(|(key, value)| (key, identity_of(value))).collect())
        }
        other => other,
    }
}

/// Whether no key is one of these in another spelling: as CloudTrail itself writes them.
fn are_proper(map: &Map<String, Value>, keys: &[&str]) -> bool {
    map.keys().all(|key| keys.iter().find(|proper| proper.eq_ignore_ascii_case(key)).is_none_or(|proper| proper == key))
}

fn renamed(map: Map<String, Value>, keys: &[&str]) -> Map<String, Value> {
    if are_proper(&map, keys) {
        return map;
    }
    let proper = |key: String| match keys.iter().find(|proper| proper.eq_ignore_ascii_case(&key)) {
        Some(proper) => (*proper).to_owned(),
        None => key,
    };
    map.into_iter().map(|(key, value)| (proper(key), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Value {
        json!({
            "eventID": "1", "eventName": "CreateVpc", "eventSource": "ec2.amazonaws.com", "awsRegion": "eu-west-1",
            "eventTime": "2026-01-01T00:00:00Z", "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
            "userIdentity": {"type": "Root", "accountId": "111122223333"}, "requestParameters": {"a": 1},
        })
    }

    #[test]
    fn every_wrapper_leads_to_the_same_event() {
        let athena = json!({
            "eventid": "1", "eventname": "CreateVpc", "eventsource": "ec2.amazonaws.com", "awsregion": "eu-west-1",
            "eventtime": "2026-01-01 00:00:00.000", "eventtype": "AwsApiCall", "recipientaccountid": "111122223333",
            "errorcode": null, "errormessage": "",
            "useridentity": {"type": "Root", "accountid": "111122223333", "username": null,
                "sessioncontext": {"sessionissuer": {"arn": null}}},
            "requestparameters": "{\"a\":1}",
        });
        let mut expected = Delivery::all_in(record());
        for wrapped in [
            json!({"Records": [record()]}),
            json!({"note": "x", "Events": [{"EventId": "1", "CloudTrailEvent": record().to_string()}]}),
            json!({"id": "x", "input": {"event": record()}}),
            json!({"_source": {"message": record().to_string()}}),
        ] {
            assert_eq!(Delivery::all_in(wrapped.clone()), expected, "{wrapped}");
        }
        let found = Delivery::all_in(athena).remove(0);
        assert_eq!(found.record().get("errorCode"), None);
        assert_eq!(found.record()["userIdentity"]["sessionContext"], json!({"sessionIssuer": {}}));
        assert_eq!(found.record()["requestParameters"], json!({"a": 1}));
        let (found, expected) = (found.event().unwrap().unwrap(), expected.remove(0).event().unwrap().unwrap());
        assert_eq!((found.id, found.time, found.request), (expected.id, expected.time, expected.request));
        assert_eq!(found.actor, expected.actor);
    }

    #[test]
    fn a_bare_record_gets_the_envelope_that_aws_would_set() {
        let found = Delivery::all_in(record()).remove(0);
        assert_eq!(found.envelope["source"], "aws.ec2");
        assert_eq!(found.envelope["detail-type"], "AWS API Call via CloudTrail");
        let mut sign_in = record();
        sign_in["eventType"] = json!("AwsConsoleSignIn");
        sign_in["eventSource"] = json!("signin.amazonaws.com");
        let found = Delivery::all_in(sign_in).remove(0);
        assert_eq!(found.envelope["source"], "aws.signin");
        assert_eq!(found.envelope["detail-type"], "AWS Console Sign In via CloudTrail");
    }

    #[test]
    fn an_envelope_stays_as_it_is() {
        let envelope = json!({"source": "custom", "detail-type": "x", "detail": record()});
        let found = Delivery::all_in(envelope.clone()).remove(0);
        assert_eq!(found.envelope, envelope);
        assert!(found.event().unwrap().is_none(), "not from AWS");
    }

    #[test]
    fn calls_that_only_read_are_not_delivered() {
        let mut reading = record();
        for flag in [json!(true), json!("true"), json!("True")] {
            reading["readOnly"] = flag;
            assert!(!Delivery::all_in(reading.clone()).remove(0).is_delivered());
        }
        assert!(Delivery::all_in(record()).remove(0).is_delivered());
    }

    #[test]
    fn what_is_no_event_is_none() {
        for value in [json!(null), json!([1, "x", "{}"]), json!({"a": {"eventName": 1}}), json!({"Records": 3})] {
            assert!(Delivery::all_in(value.clone()).is_empty(), "{value}");
        }
    }
}
