//! A document of a template, with parts that are known at deployment only.
//!
//! It is read twice: as granting as little as it may, and as much. A violation of the first is one whatever will stand there, and what complies with
//! the second complies.

use super::{is_function, is_unresolved, unresolved_reason};
use crate::engine::verdict::Verdict;
use serde_json::{Map, Value, json};

/// What a judge says of a document, whatever is known of it.
pub(crate) fn judged(text: &str, judge: impl Fn(&str) -> Verdict) -> Verdict {
    let Some(document) = of_template(text) else { return judge(text) };
    let reading = |is_wide| reading(&document, is_wide).map(|document| judge(&document.to_string()));
    if let Some(violation @ Verdict::Violation(_)) = reading(false) {
        return violation;
    }
    match reading(true) {
        Some(Verdict::Compliant) => Verdict::Compliant,
        Some(Verdict::Violation(_) | Verdict::Undetermined { .. }) | None => {
            Verdict::Undetermined { why: unresolved_reason(&document).unwrap_or_default() }
        }
    }
}

/// Stands beside the statements of a document with open parts. IAM takes no document with such an element, so that no record can carry one: a caller
/// that wrote what looks like a call, as the name of a condition's key, would not have its document judged less strictly.
const MARK: &str = "Fn::Template";

/// The text of a document of a template.
pub(crate) fn marked(document: &Map<String, Value>) -> String {
    let mut document = document.clone();
    if document.values().any(is_unresolved) {
        document.insert(MARK.to_owned(), true.into());
    }
    Value::Object(document).to_string()
}

/// The document, where something in it is known at deployment only.
fn of_template(text: &str) -> Option<Value> {
    let mut document: Value = text.contains(MARK).then(|| serde_json::from_str(text).ok()).flatten()?;
    document.as_object_mut()?.remove(MARK)?;
    Some(document)
}

/// The document with as little or as much as its open parts may grant; none where that cannot be said.
pub(crate) fn reading(document: &Value, is_wide: bool) -> Option<Value> {
    let mut document = document.as_object()?.clone();
    document.remove("Id");
    let read = match document.get("Statement")? {
        Value::Array(all) => {
            all.iter().map(|one| statements(one, is_wide)).collect::<Option<Vec<_>>>()?.concat().into()
        }
        one => match <[Value; 1]>::try_from(statements(one, is_wide)?) {
            Ok([one]) => one,
            Err(several) => several.into(),
        },
    };
    document.insert("Statement".to_owned(), read);
    Some(Value::Object(document)).filter(|document| !is_unresolved(document))
}

/// A statement, or each of the two that depend on a condition: either may come, or not.
fn statements(value: &Value, is_wide: bool) -> Option<Vec<Value>> {
    match call(value) {
        Some(("Fn::If", Value::Array(parts))) => {
            let branches = parts.iter().skip(1).filter(|branch| branch.is_object());
            branches.map(|branch| Some(statement(branch.as_object()?, is_wide, true))).collect()
        }
        Some(_) => None,
        None => Some(vec![statement(value.as_object()?, is_wide, false)]),
    }
}

/// What grants nothing, and keeps the place of another statement. Of a resource's policy each statement has a principal.
fn nothing(of: &Map<String, Value>) -> Value {
    if of.contains_key("Principal") || of.contains_key("NotPrincipal") {
        return json!({"Effect": "Deny", "Principal": "*", "Action": "sts:GetCallerIdentity", "Resource": "*"});
    }
    json!({"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"})
}

fn statement(whole: &Map<String, Value>, is_wide: bool, may_be_missing: bool) -> Value {
    let nothing = || nothing(whole);
    let mut of = whole.clone();
    of.remove("Sid");
    if !may_be_missing && !of.values().any(is_unresolved) {
        return Value::Object(of);
    }
    let grows = match of.get("Effect").and_then(Value::as_str) {
        Some("Allow") => is_wide,
        Some("Deny") => !is_wide,
        Some(_) | None => {
            return if is_wide { json!({"Effect": "Allow", "Action": "*", "Resource": "*"}) } else { nothing() };
        }
    };
    let names: Vec<String> =
        of.iter().filter(|(_, value)| is_unresolved(value)).map(|(name, _)| name.clone()).collect();
    if !grows && (may_be_missing || names.iter().any(|name| name.starts_with("Not") || name == "Condition")) {
        return nothing();
    }
    for name in names {
        let value = of.remove(&name).unwrap_or_default();
        let read = match name.as_str() {
            "Principal" if grows => Some(Value::from("*")),
            "Principal" => known_principals(&value),
            "Action" | "Resource" if grows => Some(items(&value).iter().flat_map(widest).collect()),
            "Action" | "Resource" => some(items(&value).into_iter().filter(|item| !is_unresolved(item)).collect()),
            // What is not excepted is granted, and a condition that is not there holds.
            _ => {
                let whole = name.strip_prefix("Not").map(|name| (name.to_owned(), Value::from("*")));
                of.extend(whole);
                continue;
            }
        };
        let Some(read) = read else { return nothing() };
        of.insert(name, read);
    }
    Value::Object(of)
}

fn some(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then(|| items.into())
}

fn items(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

fn call(value: &Value) -> Option<(&str, &Value)> {
    let (name, argument) = value.as_object()?.iter().next()?;
    is_function(name, argument.is_string()).then_some((name.as_str(), argument))
}

fn known_principals(value: &Value) -> Option<Value> {
    let kinds = value.as_object().filter(|_| call(value).is_none())?;
    let known = kinds.iter().filter_map(|(kind, of)| {
        Some((kind.clone(), some(items(of).into_iter().filter(|item| !is_unresolved(item)).collect())?))
    });
    let known: Map<String, Value> = known.collect();
    (!known.is_empty()).then_some(Value::Object(known))
}

/// Everything that an action or a resource may come to name.
fn widest(item: &Value) -> Vec<Value> {
    let text = match call(item) {
        Some(("Fn::If", Value::Array(parts))) => {
            return parts.iter().skip(1).flat_map(items).flat_map(|item| widest(&item)).collect();
        }
        Some(("Fn::Sub", Value::Array(parts))) => parts.first().and_then(Value::as_str),
        Some(("Fn::Sub", text)) => text.as_str(),
        Some(_) => None,
        None if is_unresolved(item) => None,
        None => return vec![item.clone()],
    };
    vec![text.map_or_else(|| "*".to_owned(), any_name).into()]
}

/// `*` for each `${Name}`.
fn any_name(text: &str) -> String {
    let mut parts = text.split("${");
    let mut read = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        read += "*";
        read += part.split_once('}').map_or("", |(_, rest)| rest);
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> Value {
        nothing(&Map::new())
    }

    fn read(statement: &Value, is_wide: bool) -> Value {
        reading(&json!({"Statement": [statement]}), is_wide).unwrap()["Statement"][0].clone()
    }

    #[test]
    fn what_is_open_in_an_allow_grants_nothing_or_everything() {
        let open = json!({"Effect": "Allow", "Action": "s3:*", "Resource": [{"Fn::GetAtt": ["B", "Arn"]}, {"Fn::Sub": "arn:aws:s3:::${B}/x"}]});
        assert_eq!(read(&open, true)["Resource"], json!(["*", "arn:aws:s3:::*/x"]));
        assert_eq!(read(&open, false), none());
        let some = json!({"Effect": "Allow", "Action": ["s3:*", {"Ref": "P"}], "Resource": "*"});
        assert_eq!(read(&some, false)["Action"], json!(["s3:*"]));
        let pinned =
            json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": {"Ref": "P"}}}});
        assert_eq!(read(&pinned, true), json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        assert_eq!(read(&pinned, false), none());
        let except = json!({"Effect": "Allow", "NotAction": {"Ref": "P"}, "Resource": "*"});
        assert_eq!(read(&except, true)["Action"], "*");
        let effect = json!({"Effect": {"Ref": "P"}, "Action": "s3:*", "Resource": "*"});
        assert_eq!((&read(&effect, true)["Action"], read(&effect, false)), (&json!("*"), none()));
    }

    #[test]
    fn what_is_open_in_a_deny_counts_the_other_way_round() {
        let open = json!({"Effect": "Deny", "Action": "iam:*", "Resource": {"Ref": "P"}});
        assert_eq!(read(&open, false)["Resource"], json!(["*"]));
        assert_eq!(read(&open, true), none());
        let pinned =
            json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": {"Ref": "P"}}}});
        assert_eq!(read(&pinned, false), json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    }

    #[test]
    fn a_statement_that_depends_on_a_condition_may_come() {
        let branch = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        let open = json!({"Fn::If": ["C", branch, {"Ref": "AWS::NoValue"}]});
        let document = |is_wide| reading(&json!({"Statement": [open]}), is_wide).unwrap();
        assert_eq!(document(true)["Statement"][0], branch);
        assert_eq!(document(false)["Statement"][0], none());
        assert_eq!(reading(&json!({"Statement": {"Ref": "P"}}), true), None);
    }

    #[test]
    fn what_looks_like_a_call_in_a_record_is_none() {
        let document = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"Fn::Sub": "x"}}}]});
        assert_eq!(of_template(&document.to_string()), None);
        let marked = marked(document.as_object().unwrap());
        assert_eq!(of_template(&marked), Some(document));
    }

    #[test]
    fn of_principals_those_that_are_known_stay() {
        let open = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ["*", {"Ref": "P"}], "Federated": {"Ref": "P"}}});
        assert_eq!(read(&open, false)["Principal"], json!({"AWS": ["*"]}));
        assert_eq!(read(&open, true)["Principal"], "*");
        let unknown = json!({"Effect": "Allow", "Action": "s3:GetObject", "Principal": {"AWS": {"Ref": "P"}}});
        assert_eq!(
            (&read(&unknown, false)["Effect"], &read(&unknown, false)["Principal"]),
            (&json!("Deny"), &json!("*"))
        );
    }
}
