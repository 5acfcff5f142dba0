//! From the wire to an [`Event`].

use super::fields::kind;
use super::finding;
use super::{Actor, Body, CallFailure, Event, EventError, Fields, Parsed};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The `eventSource` of sign-ins.
const SIGN_IN: &str = "signin.amazonaws.com";

impl Event {
    /// Reads what EventBridge delivers: an envelope whose `detail` is a CloudTrail record, or a finding of AWS's own detection.
    ///
    /// The envelope's `source`, account and region are set by AWS and cannot be forged from outside (names that begin
    /// with `aws.` are reserved), so the record must agree with them.
    ///
    /// # Errors
    /// [`EventError`] naming the field.
    pub fn from_envelope(envelope: &Value) -> Result<Parsed, EventError> {
        let fields = Fields::of(envelope, "")?;
        let Some(detail_type) = fields.text("detail-type")? else {
            return Err(EventError::Missing { path: "detail-type".to_owned() });
        };
        let source = fields.required("source")?;
        if !source.starts_with("aws.") {
            return Ok(Parsed::NotOurs(format!("source `{source}` is not an AWS service's")));
        }
        let finding = finding::reader(source, detail_type);
        if finding.is_none() && !detail_type.ends_with(" via CloudTrail") {
            return Ok(Parsed::NotOurs(format!("detail type `{detail_type}` holds no CloudTrail record")));
        }
        let detail = match fields.raw("detail") {
            None | Some(Value::Null) => return Err(EventError::Missing { path: "detail".to_owned() }),
            Some(detail) => detail,
        };
        if let Some(read) = finding {
            return read(&fields, detail);
        }
        let account = fields.required("account")?;
        let mut event = record(detail, "detail", Some(account))?;
        event.agrees("account", account, event.account.as_str())?;
        event.agrees("region", fields.required("region")?, event.region.as_str())?;
        account.clone_into(&mut event.account);
        Ok(Parsed::Call(Box::new(event)))
    }

    /// Reads a bare CloudTrail record, as it lies in a log file.
    ///
    /// # Errors
    /// [`EventError`] naming the field.
    pub fn from_record(value: &Value) -> Result<Self, EventError> {
        record(value, "", None)
    }

    fn agrees(&self, what: &'static str, envelope: &str, record: &str) -> Result<(), EventError> {
        if envelope == record {
            return Ok(());
        }
        Err(EventError::Elsewhere { what, record: short(record), envelope: short(envelope) })
    }
}

fn record(value: &Value, path: &str, envelope_account: Option<&str>) -> Result<Event, EventError> {
    let fields = Fields::of(value, path)?;
    let user_agent = fields.text("userAgent")?;
    let actor = Actor::read(fields.raw("userIdentity").unwrap_or(&Value::Null), user_agent);
    let account = fields
        .text("recipientAccountId")?
        .or(envelope_account)
        .map(str::to_owned)
        .or_else(|| actor.account.clone())
        .ok_or_else(|| EventError::Missing { path: fields.join("recipientAccountId") })?;
    Ok(Event {
        id: fields.required("eventID")?.to_owned(),
        source: fields.required("eventSource")?.to_owned(),
        name: fields.required("eventName")?.to_owned(),
        time: time(&fields)?,
        region: fields.required("awsRegion")?.to_owned(),
        source_ip: fields.text("sourceIPAddress")?.map(str::to_owned),
        user_agent: user_agent.map(str::to_owned),
        failure: failure(&fields)?,
        request: body(&fields, "requestParameters")?,
        response: body(&fields, "responseElements")?,
        // Shown in findings, and used by sign-ins alone: an odd value in it must not cost the event.
        additional: body(&fields, "additionalEventData").unwrap_or(Body::Null),
        // An odd one must not cost the event either.
        request_id: fields.text("requestID").ok().flatten().map(str::to_owned),
        kind: fields.text("eventType")?.map(str::to_owned),
        waited: None,
        since: None,
        account,
        actor,
    })
}

fn time(fields: &Fields<'_>) -> Result<Timestamp, EventError> {
    moment(fields, "eventTime")?.ok_or_else(|| EventError::Missing { path: fields.join("eventTime") })
}

/// The time that stands under `key`; none where there is none.
pub(super) fn moment(fields: &Fields<'_>, key: &str) -> Result<Option<Timestamp>, EventError> {
    let Some(text) = fields.text(key)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    // Exports of data lakes write `2026-01-31 12:00:00.000000000`: CloudTrail's times are UTC.
    let in_utc = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    let read = text.parse().ok().or_else(in_utc);
    read.map(Some).ok_or_else(|| EventError::BadValue {
        path: fields.join(key),
        value: short(text),
        expected: "a time such as `2026-01-31T12:00:00Z`",
    })
}

/// `errorCode` or `errorMessage` means that the call failed. A sign-in has no `errorCode`, and not always a message: it
/// says `Failure` in `responseElements`, under the event's own name. Elsewhere that word is some service's own.
fn failure(fields: &Fields<'_>) -> Result<Option<CallFailure>, EventError> {
    let code = fields.text("errorCode")?.filter(|code| !code.is_empty());
    let message = fields.text("errorMessage")?.filter(|message| !message.is_empty());
    let name = fields.text("eventName")?.unwrap_or_default();
    let answer = fields.raw("responseElements").and_then(|response| response.get(name));
    let failed_sign_in =
        fields.text("eventSource")? == Some(SIGN_IN) && answer.is_some_and(|result| result == "Failure");
    if code.is_none() && message.is_none() && !failed_sign_in {
        return Ok(None);
    }
    Ok(Some(CallFailure {
        code: code.unwrap_or(if failed_sign_in { name } else { "unnamed" }).to_owned(),
        message: message.unwrap_or_default().to_owned(),
    }))
}

fn body(fields: &Fields<'_>, key: &str) -> Result<Body, EventError> {
    match fields.raw(key) {
        None | Some(Value::Null) => Ok(Body::Null),
        Some(Value::Object(map)) if map.get("omitted") == Some(&Value::Bool(true)) => Ok(Body::Omitted),
        Some(object @ Value::Object(_)) => Ok(Body::Present(object.clone())),
        // Athena and CloudTrail Lake export the two as JSON inside a string.
        Some(Value::String(text)) => match serde_json::from_str::<Value>(text) {
            Ok(object @ Value::Object(_)) => Ok(Body::Present(object)),
            Ok(Value::Null) => Ok(Body::Null),
            Ok(_) | Err(_) => Err(EventError::BadValue {
                path: fields.join(key),
                value: short(text),
                expected: "an object, or one as text",
            }),
        },
        Some(other) => Err(EventError::WrongType { path: fields.join(key), expected: "an object", found: kind(other) }),
    }
}

/// An error message is a log line: never the whole of an attacker's text.
fn short(text: &str) -> String {
    const LONGEST: usize = 80;
    let clean: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.len() < text.len() { format!("{clean}…") } else { clean }
}

#[cfg(test)]
mod tests {
    use crate::engine::event::{Body, Event};
    use rstest::rstest;
    use serde_json::{Value, json};

    fn read(source: &str, name: &str, more: Value) -> Event {
        let mut record = json!({
            "eventID": "e", "eventSource": source, "eventName": name, "eventTime": "2026-01-01T00:00:00Z",
            "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
        });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Event::from_record(&record).unwrap()
    }

    const SIGN_IN: &str = "signin.amazonaws.com";

    #[rstest]
    #[case::signed_in(SIGN_IN, "ConsoleLogin", json!({"ConsoleLogin": "Success"}), None)]
    #[case::refused(SIGN_IN, "ConsoleLogin", json!({"ConsoleLogin": "Failure"}), Some("ConsoleLogin"))]
    #[case::not_changed(SIGN_IN, "PasswordUpdated", json!({"PasswordUpdated": "Failure"}), Some("PasswordUpdated"))]
    #[case::another_event_s_word(SIGN_IN, "PasswordUpdated", json!({"ConsoleLogin": "Failure"}), None)]
    #[case::another_service_s_word("example.amazonaws.com", "ConsoleLogin", json!({"ConsoleLogin": "Failure"}), None)]
    #[case::no_answer(SIGN_IN, "ConsoleLogin", Value::Null, None)]
    fn a_sign_in_says_so_in_its_answer(
        #[case] source: &str,
        #[case] name: &str,
        #[case] response: Value,
        #[case] code: Option<&str>,
    ) {
        let event = read(source, name, json!({"responseElements": response}));
        assert_eq!(event.failure.map(|failure| failure.code).as_deref(), code);
    }

    #[test]
    fn a_message_alone_is_a_failure() {
        let event = read(SIGN_IN, "ConsoleLogin", json!({"errorMessage": "Failed authentication"}));
        assert_eq!(event.failure.unwrap().message, "Failed authentication");
    }

    #[test]
    fn what_is_odd_beside_the_answer_does_not_cost_the_event() {
        let additional = |value: Value| read(SIGN_IN, "ConsoleLogin", json!({"additionalEventData": value})).additional;
        assert_eq!(additional(json!(3)), Body::Null);
        assert_eq!(additional(json!({"MFAUsed": "No"})).text(&["MFAUsed"]), Some("No"));
        assert_eq!(additional(json!("{\"MFAUsed\": \"No\"}")).text(&["MFAUsed"]), Some("No"));
    }
}
