//! The fields of records of RDS, DynamoDB and Elastic Load Balancing.
//!
//! RDS writes its names with a small first letter alone (`dBInstanceIdentifier`, `iAMDatabaseAuthenticationEnabled`), and
//! DocumentDB and Neptune record as RDS does: keys are found in any case.

use super::protection::Made;
pub(super) use crate::engine::event::in_any_case as field_of;
use crate::engine::event::{Body, Event};
use crate::engine::family::Unlocatable;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The source of the records of RDS, DocumentDB and Neptune.
pub(super) const RDS: &str = "rds.amazonaws.com";

/// The field `key` in any case; null is none.
pub(super) fn field<'a>(body: &'a Body, key: &str) -> Option<&'a Value> {
    body.in_any_case(key)
}

/// A text that is not empty.
pub(super) fn text<'a>(body: &'a Body, key: &str) -> Option<&'a str> {
    field(body, key)?.as_str().filter(|text| !text.is_empty())
}

/// A flag, which may be written as a text.
pub(super) fn flag(body: &Body, key: &str) -> Option<bool> {
    as_flag(field(body, key)?)
}

/// A value as a flag.
pub(super) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::String(_) | Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An identifier of RDS: kept in lower case whatever the request writes; a whole ARN names it too. An automated
/// snapshot's holds a colon.
pub(super) fn identifier(text: &str) -> String {
    let is_arn = text.starts_with("arn:");
    let id = if is_arn { text.splitn(7, ':').nth(6).unwrap_or(text) } else { text };
    id.to_ascii_lowercase()
}

/// A list in any of the ways that records write one: `[...]`, `{"items": [...]}`, one value, `{}` or `""` for none.
pub(super) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) if map.is_empty() => Vec::new(),
        Value::Object(map) => map.get("items").map_or_else(|| vec![value], list),
        Value::Null => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => vec![value],
    }
}

/// An event of ours that does not name its resource.
pub(super) fn unlocatable(event: &Event, what: &str) -> Unlocatable {
    let why = match event.request {
        Body::Omitted => format!("the record leaves its request out, and its response names no {what}"),
        Body::Null => format!("the record carries no request, and its response names no {what}"),
        Body::Present(_) => format!("neither the request nor the response names the {what}"),
    };
    Unlocatable::new(event, why)
}

/// What a record that does not show something says of it.
pub(super) fn unread(what: &str) -> String {
    format!("the record does not show {what}: a read is needed")
}

/// The identifiers to look at after a change that may rename: the old one, and the new one when it holds at once.
pub(super) fn named(event: &Event, key: &str) -> Vec<String> {
    let old = text(&event.request, key).or_else(|| text(&event.response, key)).map(identifier);
    let is_at_once = flag(&event.request, "applyImmediately") == Some(true);
    let new = text(&event.request, &format!("new{key}")).filter(|_| is_at_once).map(identifier);
    let mut names: Vec<String> = old.into_iter().chain(new).collect();
    names.dedup();
    names
}

/// Whether the call gave a resource that was made within the hour all of its settings: it sets others beside `what`, and the
/// response shows when the resource was made. A protection that is off then has not been lost.
pub(super) fn is_being_set_up(event: &Event, what: &str, own: &[&str], made: Option<&Value>) -> bool {
    let sets = event.request.value().and_then(Value::as_object).into_iter().flatten();
    let sets_more = sets.filter(|(key, value)| {
        let is_own = own.iter().chain([&what]).any(|own| key.eq_ignore_ascii_case(own));
        !is_own && !value.is_null()
    });
    let made = made.and_then(time).map(|at| Made { at, seen: event.time });
    sets_more.count() > 0 && made.is_some_and(|made| made.is_new())
}

/// A moment as records write it: ISO 8601, seconds, or `Mar 2, 2026 9:14:07 AM`.
fn time(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_f64() {
        // Whole seconds are enough, and all that a record of today can hold.
        return Timestamp::from_duration(SignedDuration::try_from_secs_f64(seconds).ok()?).ok();
    }
    let text = value.as_str()?;
    let words = || TimeZone::UTC.to_timestamp(DateTime::strptime("%b %d, %Y %I:%M:%S %p", text).ok()?).ok();
    text.parse().ok().or_else(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::as_it_is("orders", "orders")]
    #[case::in_capitals("Orders-DB", "orders-db")]
    #[case::an_arn("arn:aws:rds:eu-west-1:111122223333:db:orders", "orders")]
    #[case::an_automated_snapshot("arn:aws:rds:eu-west-1:111122223333:snapshot:rds:orders-1", "rds:orders-1")]
    fn an_identifier(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(identifier(text), expected);
    }

    #[test]
    fn keys_are_found_in_any_case_and_flags_in_words() {
        let body =
            Body::Present(json!({"dBInstanceIdentifier": "orders", "PubliclyAccessible": "true", "other": null}));
        assert_eq!(text(&body, "DBInstanceIdentifier"), Some("orders"));
        assert_eq!(flag(&body, "publiclyAccessible"), Some(true));
        assert_eq!(field(&body, "other"), None);
        assert_eq!(flag(&Body::Omitted, "publiclyAccessible"), None);
    }

    #[rstest]
    #[case::iso(json!("2026-03-02T09:14:07Z"))]
    #[case::in_words(json!("Mar 2, 2026 9:14:07 AM"))]
    #[case::seconds(json!(1_772_442_847.0))]
    fn moments_of_every_shape(#[case] value: Value) {
        assert_eq!(time(&value), Some("2026-03-02T09:14:07Z".parse().unwrap()));
    }

    #[test]
    fn lists_of_every_shape() {
        for (value, length) in [
            (json!(["1", "2"]), 2),
            (json!({"items": ["1"]}), 1),
            (json!("all"), 1),
            (json!({}), 0),
            (json!(""), 0),
            (json!(null), 0),
        ] {
            assert_eq!(list(&value).len(), length, "{value}");
        }
    }
}
