//! What an expression knows of a record, by name.
//!
//! What a record does not have is not there: asking for it is an error of the evaluation, and the verdict undetermined. `has()` asks whether it is there.

use crate::engine::event::{ActorKind, Body, Event};
use cel::Value;
use cel::objects::Key;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// The variables.
pub(super) const NAMES: [&str; 8] =
    ["account", "actor", "record", "region", "request", "response", "settings", "trusted_accounts"];

/// The fields of `record`, as CloudTrail calls them.
pub(super) const RECORD: [&str; 11] = [
    "additionalEventData",
    "awsRegion",
    "eventID",
    "eventName",
    "eventSource",
    "eventTime",
    "eventType",
    "recipientAccountId",
    "requestID",
    "sourceIPAddress",
    "userAgent",
];

/// The fields of `actor`.
pub(super) const ACTOR: [&str; 10] = [
    "access_key_id",
    "account",
    "arn",
    "invoked_by",
    "is_aws",
    "is_cloudformation",
    "kind",
    "mfa",
    "name",
    "principal",
];

/// The variables of an event. A body that was too large for its record is none of them.
pub(super) fn of(event: &Event) -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("account", text(&event.account)),
        ("actor", actor(event)),
        ("record", record(event)),
        ("region", text(&event.region)),
    ];
    all.extend([("request", &event.request), ("response", &event.response)].into_iter().filter_map(|(name, body)| {
        let value = match body {
            Body::Present(value) => from_json(value),
            // The call had none, or the record of it has none: no field is there.
            Body::Null => map([]),
            Body::Omitted => return None,
        };
        Some((name, value))
    }));
    all
}

fn record(event: &Event) -> Value {
    let some = |text: &Option<String>| text.as_deref().map(self::text);
    map([
        ("additionalEventData", event.additional.value().map(from_json)),
        ("awsRegion", Some(text(&event.region))),
        ("eventID", Some(text(&event.id))),
        ("eventName", Some(text(&event.name))),
        ("eventSource", Some(text(&event.source))),
        ("eventTime", Some(text(&event.time.to_string()))),
        ("eventType", some(&event.kind)),
        ("recipientAccountId", Some(text(&event.account))),
        ("requestID", some(&event.request_id)),
        ("sourceIPAddress", some(&event.source_ip)),
        ("userAgent", some(&event.user_agent)),
    ])
}

fn actor(event: &Event) -> Value {
    let actor = &event.actor;
    let some = |text: &Option<String>| text.as_deref().map(self::text);
    let kind = match actor.kind {
        ActorKind::Root => "root",
        ActorKind::IamUser => "iam-user",
        ActorKind::RoleSession => "role-session",
        ActorKind::Federated => "federated",
        ActorKind::Account => "account",
        ActorKind::AwsService => "aws-service",
        ActorKind::Unknown => "unknown",
    };
    map([
        ("access_key_id", some(&actor.access_key_id)),
        ("account", some(&actor.account)),
        ("arn", some(&actor.arn)),
        ("invoked_by", some(&actor.invoked_by)),
        ("is_aws", Some(Value::Bool(actor.is_aws()))),
        ("is_cloudformation", Some(Value::Bool(actor.is_cloudformation()))),
        ("kind", Some(text(kind))),
        ("mfa", actor.mfa.map(Value::Bool)),
        ("name", some(&actor.name)),
        ("principal", Some(text(&actor.principal()))),
    ])
}

fn text(text: &str) -> Value {
    Value::String(Arc::new(text.to_owned()))
}

fn map<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((Key::from(name), value?)));
    Value::from(members.collect::<HashMap<Key, Value>>())
}

/// A list of texts.
pub(super) fn texts(all: &[String]) -> Value {
    Value::List(Arc::new(all.iter().map(|one| text(one)).collect()))
}

/// JSON as CEL has it. A whole number is an `int`, as those of an expression are.
pub(super) fn from_json(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(whole)) => Value::UInt(whole),
            (None, None) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(value) => text(value),
        Json::Array(items) => Value::List(Arc::new(items.iter().map(from_json).collect())),
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| (Key::from(name.as_str()), from_json(value)));
            Value::from(members.collect::<HashMap<Key, Value>>())
        }
    }
}
