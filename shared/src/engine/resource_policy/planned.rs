//! The planned lens: the policy that a template or a plan would write.

use super::{Change, PolicyState, ResourcePolicy};
use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use serde_json::{Map, Value};

/// The state of a planned resource. None of a type that carries no such policy.
pub(super) fn planned<P: ResourcePolicy>(
    kind: &str,
    properties: &Value,
) -> Option<Result<PolicyState<P::Subject>, Unreadable>> {
    let (_, property) = P::PLANNED.iter().find(|(planned, _)| *planned == kind)?;
    let document = match properties.get(*property) {
        None | Some(Value::Null) => Observed::Absent,
        Some(document) => Change::of((), Some(&on_anything(document))).document,
    };
    if let Observed::Unknown { .. } = document {
        return Some(Err("the policy is no document that can be read before deployment".into()));
    }
    let subject = P::Subject::default();
    // A block of the account or of another resource may make it ineffective, and may go: it is judged without.
    let shield = Observed::Absent;
    Some(Ok(PolicyState { subject, document, shield, setting: None, revision: None, felt: Vec::new() }))
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
