//! The planned lens: the policy that a template or a plan would write.

use super::{Change, PolicyState, ResourcePolicy};
use crate::engine::observed::Observed;
use crate::engine::planned::document::reading;
use crate::engine::planned::{Open, PlannedResource, Seen, is_function, is_unresolved, unresolved_reason};
use crate::engine::unreadable::Unreadable;
use serde_json::{Map, Value, json};

/// What a resource of the file writes into the policies of its subjects.
pub(super) fn planned<P: ResourcePolicy>(resource: &PlannedResource<'_>) -> Vec<Seen<PolicyState<P::Subject>>> {
    let paths = P::PLANNED.iter().filter(|(kind, _)| *kind == resource.kind).map(|(_, path)| *path);
    let found: Vec<Result<Value, Unreadable>> = paths
        .flat_map(|path| if path.is_empty() { vec![P::stated(resource)] } else { documents(resource, path) })
        .collect();
    if found.is_empty() {
        return vec![Ok((with::<P>(Observed::Absent, Observed::Absent), None))];
    }
    found.into_iter().map(|document| state::<P>(resource, &document?)).collect()
}

fn with<P: ResourcePolicy>(document: Observed<String>, shield: Observed<String>) -> PolicyState<P::Subject> {
    let subject = P::Subject::default();
    PolicyState { subject, document, shield, setting: None, revision: None, felt: Vec::new() }
}

/// The documents at the path: none where the property is not there.
fn documents(resource: &PlannedResource<'_>, path: &str) -> Vec<Result<Value, Unreadable>> {
    match path.split_once('.') {
        Some((outer, rest)) => match resource.parts(outer) {
            Ok(parts) => parts.iter().flat_map(|part| documents(part, rest)).collect(),
            Err(why) => vec![Err(why)],
        },
        None => resource.properties.get(path).filter(|value| !value.is_null()).cloned().map(Ok).into_iter().collect(),
    }
}

fn state<P: ResourcePolicy>(resource: &PlannedResource<'_>, document: &Value) -> Seen<PolicyState<P::Subject>> {
    let unread = || Unreadable::from(unresolved_reason(document).unwrap_or_else(|| NO_DOCUMENT.to_owned()));
    let whole = of_member(document);
    // What is open as a whole has no parts that could be read.
    if whole.as_object().is_some_and(|parts| !parts.is_empty() && parts.keys().all(|key| is_function(key, true))) {
        return Err(unread());
    }
    // A block of the account or of another resource may make it ineffective, and may go: it is judged without.
    let shield = P::planned_shield(resource)?;
    let read = |document: &Value| match Change::of((), Some(document)).document {
        Observed::Unknown { .. } => Err(unread()),
        read @ (Observed::Known(_) | Observed::Absent) => Ok(with::<P>(read, shield.clone())),
    };
    let whole = on_anything(&whole);
    if !whole.get("Statement").is_some_and(is_unresolved) {
        return Ok((read(&whole)?, None));
    }
    let known = reading(&whole, false).ok_or_else(unread)?;
    let widest = reading(&whole, true).map(|widest| read(&widest)).transpose()?;
    let why = unresolved_reason(document).unwrap_or_default();
    Ok((read(&known)?, Some(Open { why, widest: widest.into_iter().collect() })))
}

/// The statement with a condition, where there is one.
pub(crate) fn with_condition(statement: Value, condition: Option<Value>) -> Value {
    match (statement, condition) {
        (Value::Object(mut members), Some(condition)) => {
            members.insert("Condition".to_owned(), condition);
            Value::Object(members)
        }
        (statement, _) => statement,
    }
}

/// How AWS writes the principal that a call or a property names: everyone, an account, or an ARN.
pub(crate) fn principal_of(named: &str) -> Value {
    let is_account = named.len() == 12 && named.bytes().all(|byte| byte.is_ascii_digit());
    match named {
        "*" => json!("*"),
        account if is_account => json!({"AWS": format!("arn:aws:iam::{account}:root")}),
        arn => json!({"AWS": arn}),
    }
}

const NO_DOCUMENT: &str = "the policy is no document that can be read before deployment";

/// The value with both branches of what depends on a condition that is known at deployment only: either may come.
fn either(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().flat_map(branches).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), of_part(key, value))).collect(),
        other => other.clone(),
    }
}

/// A condition is one of both, and not neither: it stays open.
fn of_part(key: &str, value: &Value) -> Value {
    if key == "Condition" { value.clone() } else { of_member(value) }
}

fn of_member(value: &Value) -> Value {
    match <[Value; 1]>::try_from(branches(value)) {
        Ok([one]) => one,
        Err(several) => Value::Array(several),
    }
}

fn branches(item: &Value) -> Vec<Value> {
    // A branch that is `AWS::NoValue` is not there any more.
    match item.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice) {
        Some([_, branch @ ..]) if !branch.is_empty() => branch.iter().flat_map(branches).collect(),
        _ => vec![either(item)],
    }
}

/// The document with `*` where a statement's resource is known at deployment only: on what it grants makes no difference to whom.
pub(crate) fn on_anything(document: &Value) -> Value {
    let Value::Object(document) = document else { return document.clone() };
    let statement = |statement: &Value| match statement {
        Value::Object(statement) => Value::Object(statement.iter().map(known_resource).collect::<Map<_, _>>()),
        other => other.clone(),
    };
    let part = |(key, value): (&String, &Value)| {
        let value = match (key.as_str(), value) {
            ("Statement", Value::Array(statements)) => statements.iter().map(statement).collect(),
            ("Statement", one) => statement(one),
            (_, other) => other.clone(),
        };
        (key.clone(), value)
    };
    document.iter().map(part).collect()
}

fn known_resource((key, value): (&String, &Value)) -> (String, Value) {
    let known = |value: &Value| match value {
        Value::Object(_) => Value::from("*"),
        other => other.clone(),
    };
    let value = match (key.as_str(), value) {
        ("Resource", Value::Array(all)) => all.iter().map(known).collect(),
        ("Resource", one) => known(one),
        // A name that is made up at deployment is no principal's.
        ("Sid", Value::Object(_)) => Value::from(""),
        (_, other) => other.clone(),
    };
    (key.clone(), value)
}
