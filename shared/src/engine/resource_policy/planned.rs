//! The planned lens: the policy that a template or a plan would write.

use super::{Change, PolicyState, ResourcePolicy};
use crate::engine::observed::Observed;
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
    let Parts { known, widest, why } = Parts::of(document);
    let unread = || unresolved_reason(document).unwrap_or_else(|| NO_DOCUMENT.to_owned());
    // What is open as a whole has no parts that could be read.
    if known.as_object().is_some_and(|parts| !parts.is_empty() && parts.keys().all(|key| is_function(key, true))) {
        return Err(unread().into());
    }
    // A block of the account or of another resource may make it ineffective, and may go: it is judged without.
    let shield = P::planned_shield(resource)?;
    let says_nothing =
        |document: &Value| document.get("Statement").and_then(Value::as_array).is_some_and(Vec::is_empty);
    let read = |document: &Value| match Change::of((), Some(&on_anything(document))).document {
        _ if says_nothing(document) => Ok(with::<P>(Observed::Absent, shield.clone())),
        Observed::Unknown { .. } => Err(Unreadable::from(unread())),
        read @ (Observed::Known(_) | Observed::Absent) => Ok(with::<P>(read, shield.clone())),
    };
    let widest = widest.map(|widest| read(&widest)).transpose()?;
    let open = why.map(|why| Open { why, widest: widest.into_iter().collect() });
    Ok((read(&known)?, open))
}

/// A document of a template, with both branches of what depends on a condition of the template.
struct Parts {
    /// With as little as its open statements may allow.
    known: Value,
    /// With as much; none where that cannot be said.
    widest: Option<Value>,
    /// What is open.
    why: Option<String>,
}

impl Parts {
    fn of(document: &Value) -> Self {
        let is_open = |statement: &Value| {
            statement
                .as_object()
                .is_some_and(|parts| OPEN.iter().any(|part| parts.get(*part).is_some_and(is_unresolved)))
        };
        let statements = document.get("Statement").map(branches_of_list).unwrap_or_default();
        if !statements.iter().any(is_open) {
            return Self { known: of_member(document), widest: None, why: None };
        }
        let (mut known, mut widest, mut why) = (Vec::new(), Some(Vec::new()), None);
        for statement in statements {
            let whole = without_branches(&statement);
            let Some(open) = OPEN.iter().find(|part| whole.get(**part).is_some_and(is_unresolved)) else {
                known.push(whole.clone());
                widest.iter_mut().for_each(|widest| widest.push(whole.clone()));
                continue;
            };
            why = why.or_else(|| whole.get(*open).and_then(unresolved_reason));
            let is_allow = whole.get("Effect").and_then(Value::as_str) == Some("Allow");
            let is_deny = whole.get("Effect").and_then(Value::as_str) == Some("Deny");
            match (*open, is_allow, is_deny) {
                ("Condition", true, false) => widest.iter_mut().for_each(|widest| widest.push(unconditional(&whole))),
                ("Condition", false, true) => known.push(unconditional(&whole)),
                // Whom or what it is about is not known.
                _ => widest = None,
            }
        }
        let with = |statements: Vec<Value>| {
            let mut document = document.as_object().cloned().unwrap_or_default();
            document.insert("Statement".to_owned(), statements.into());
            Value::Object(document)
        };
        Self { known: with(known), widest: widest.map(with), why }
    }
}

/// The parts of a statement that decide to whom it grants what.
const OPEN: [&str; 6] = ["Condition", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"];

/// The statements, each of both branches where a condition of the template decides whether it is there.
fn branches_of_list(statements: &Value) -> Vec<Value> {
    let each = |item: &Value| match item.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice) {
        Some([_, branch @ ..]) if !branch.is_empty() => branch.iter().flat_map(branches_of_list).collect(),
        _ => vec![item.clone()],
    };
    match statements {
        Value::Array(items) => items.iter().flat_map(each).collect(),
        one => each(one),
    }
}

/// A statement with both branches of what its parts depend on, but for its condition: that is limited by one of both, and not by neither.
fn without_branches(statement: &Value) -> Value {
    let Value::Object(parts) = statement else { return statement.clone() };
    let part = |(key, value): (&String, &Value)| {
        let value = if key == "Condition" { value.clone() } else { of_member(value) };
        (key.clone(), value)
    };
    parts.iter().map(part).collect()
}

fn unconditional(statement: &Value) -> Value {
    let Value::Object(parts) = statement else { return statement.clone() };
    parts.iter().filter(|(key, _)| *key != "Condition").map(|(key, value)| (key.clone(), value.clone())).collect()
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
