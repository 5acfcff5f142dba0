//! The planned lens: the policy that a template or a plan would write.

use super::{Change, PolicyState, ResourcePolicy};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedResource, unresolved_reason};
use crate::engine::unreadable::Unreadable;
use serde_json::{Map, Value};

/// What a resource of the file writes into the policy of its subject.
pub(super) fn planned<P: ResourcePolicy>(
    resource: &PlannedResource<'_>,
) -> Result<Option<PolicyState<P::Subject>>, Unreadable> {
    let Some((_, property)) = P::PLANNED.iter().find(|(kind, _)| *kind == resource.kind) else { return Ok(None) };
    let document = match resource.properties.get(*property) {
        None | Some(Value::Null) => Observed::Absent,
        Some(document) => {
            let document = of_member(document);
            let unread = || unresolved_reason(&document).unwrap_or_else(|| NO_DOCUMENT.to_owned());
            match Change::of((), Some(&on_anything(&document))).document {
                Observed::Unknown { .. } => return Err(unread().into()),
                read @ (Observed::Known(_) | Observed::Absent) => read,
            }
        }
    };
    let subject = P::Subject::default();
    // A block of the account or of another resource may make it ineffective, and may go: it is judged without.
    let shield = Observed::Absent;
    Ok(Some(PolicyState { subject, document, shield, setting: None, revision: None, felt: Vec::new() }))
}

const NO_DOCUMENT: &str = "the policy is no document that can be read before deployment";

/// The value with both branches of what depends on a condition that is known at deployment only: either may come.
fn either(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().flat_map(branches).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), of_member(value))).collect(),
        other => other.clone(),
    }
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
fn on_anything(document: &Value) -> Value {
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
