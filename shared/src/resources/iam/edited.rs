//! Describes the difference between two policy documents, for plans.

use iam_policy::json;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The most changes that are named, and the most entries of a list.
const NAMED: usize = 4;

/// The changes from what `stands` (nothing, where there is no document) to `document`: first what is taken out. None where either
/// cannot be read for sure, or where both say the same.
pub(crate) fn edited(stands: Option<&str>, document: &str) -> Vec<String> {
    let before = match stands {
        Some(text) => statements(text),
        None => Some(Vec::new()),
    };
    let (Some(mut gone), Some(mut new)) = (before, statements(document)) else { return Vec::new() };
    new.retain(|one| match gone.iter().position(|other| other == one) {
        Some(at) => {
            gone.remove(at);
            false
        }
        None => true,
    });
    let mut changes = Vec::new();
    let mut added = Vec::new();
    for statement in &new {
        match gone.iter().enumerate().find_map(|(at, other)| Some((at, difference(other, statement)?))) {
            Some((at, difference)) => {
                gone.remove(at);
                changes.push(difference);
            }
            None => added.push(format!("add {}", described(statement))),
        }
    }
    changes.extend(gone.iter().map(|statement| format!("remove {}", described(statement))));
    changes.append(&mut added);
    if let Some(more) = changes.len().checked_sub(NAMED).filter(|more| *more > 0) {
        changes.truncate(NAMED);
        changes.push(format!("and {more} more"));
    }
    changes
}

type Statement = Map<String, Value>;

fn statements(text: &str) -> Option<Vec<Statement>> {
    let Value::Object(document) = json::content(text) else { return None };
    let all = match member(&document, "Statement")? {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    };
    all.into_iter().map(|one| if let Value::Object(statement) = one { Some(statement) } else { None }).collect()
}

/// The names of elements are read whatever their case, as IAM reads them.
fn member<'a>(of: &'a Statement, name: &str) -> Option<&'a Value> {
    of.iter().find_map(|(own, value)| own.eq_ignore_ascii_case(name).then_some(value))
}

/// What one list of a statement lost or got, or how its condition changed, where nothing else of the statement differs.
fn difference(before: &Statement, after: &Statement) -> Option<String> {
    if let Some(changed) = condition_changed(before, after) {
        return Some(changed);
    }
    let mut differing = before.iter().filter(|(name, value)| after.get(*name) != Some(value));
    let (name, was) = differing.next()?;
    let is_alone = differing.next().is_none() && before.len() == after.len();
    let (was, is) = (strings(was)?, strings(after.get(name)?)?);
    let less = |these: &[&str], others: &[&str]| -> Vec<String> {
        these.iter().filter(|one| !others.contains(one)).map(|one| (*one).to_owned()).collect()
    };
    let (gone, new) = (less(&was, &is), less(&is, &was));
    match (is_alone, gone.is_empty(), new.is_empty()) {
        (true, false, true) => Some(format!("remove {} of {}", quoted(&gone), described(before))),
        (true, true, false) => Some(format!("add {} to {}", quoted(&new), described(before))),
        (_, _, _) => None,
    }
}

const CONDITION: &str = "Condition";

/// How the condition of a statement changed, where nothing else of it differs.
fn condition_changed(before: &Statement, after: &Statement) -> Option<String> {
    let split = |of: &Statement| -> (Statement, Option<Value>) {
        let (condition, rest): (Statement, Statement) =
            of.clone().into_iter().partition(|(name, _)| name.eq_ignore_ascii_case(CONDITION));
        (rest, condition.into_iter().next().map(|(_, value)| value))
    };
    let ((rest, was), (other, is)) = (split(before), split(after));
    if rest != other {
        return None;
    }
    let (was, is) = (keys(was.as_ref()), keys(is.as_ref()));
    let of = |these: &BTreeMap<String, Value>, is_such: &dyn Fn(&str, &Value) -> bool| -> Vec<String> {
        these.iter().filter(|(label, value)| is_such(label, value)).map(|(label, _)| label.clone()).collect()
    };
    let gone = of(&was, &|label, _| !is.contains_key(label));
    let new = of(&is, &|label, _| !was.contains_key(label));
    let other = of(&is, &|label, value| was.get(label).is_some_and(|before| before != value));
    let changes: Vec<String> = [("remove", gone), ("add", new), ("change the values of", other)]
        .into_iter()
        .filter(|(_, labels)| !labels.is_empty())
        .map(|(change, labels)| format!("{change} {}", labels.join(" and ")))
        .collect();
    (!changes.is_empty()).then(|| format!("in the condition of {}: {}", described(&rest), changes.join(", ")))
}

/// What a condition asks for, by operator and key: ``StringEquals `aws:SourceIp` ``.
fn keys(condition: Option<&Value>) -> BTreeMap<String, Value> {
    let Some(Value::Object(operators)) = condition else {
        return condition.map(|other| (format!("`{other}`"), Value::Null)).into_iter().collect();
    };
    let of = |(operator, keys): (&String, &Value)| match keys {
        Value::Object(keys) => {
            keys.iter().map(|(key, value)| (format!("{operator} `{key}`"), value.clone())).collect::<Vec<_>>()
        }
        other => vec![(operator.clone(), other.clone())],
    };
    operators.iter().flat_map(of).collect()
}

/// A list of strings, or the one that stands for a list.
fn strings(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(one) => Some(vec![one]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// ``Allow `s3:*` on `*` ``
fn described(statement: &Statement) -> String {
    let text = |name: &str| member(statement, name).and_then(Value::as_str);
    let element = |name: &str| member(statement, name).map(quoted_value);
    let actions = element("Action").or_else(|| element("NotAction").map(|but| format!("all but {but}")));
    let resources = element("Resource").or_else(|| element("NotResource").map(|but| format!("all but {but}")));
    let sid = text("Sid").map(|sid| format!(" (`{sid}`)")).unwrap_or_default();
    let condition = if member(statement, CONDITION).is_some() { " under a condition" } else { "" };
    let effect = text("Effect").unwrap_or("a statement");
    let on = resources.map(|resources| format!(" on {resources}")).unwrap_or_default();
    format!("{effect} {}{on}{condition}{sid}", actions.unwrap_or_else(|| "nothing".to_owned()))
}

fn quoted_value(value: &Value) -> String {
    match strings(value) {
        Some(list) => quoted(&list.into_iter().map(str::to_owned).collect::<Vec<_>>()),
        None => format!("`{value}`"),
    }
}

fn quoted(list: &[String]) -> String {
    let mut named: Vec<String> = list.iter().take(NAMED).map(|one| format!("`{one}`")).collect();
    named.extend(list.len().checked_sub(NAMED).filter(|more| *more > 0).map(|more| format!("{more} more")));
    match named.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn allow(actions: &Value) -> Value {
        json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
    }

    fn under(condition: &Value) -> Value {
        json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition})
    }

    #[rstest]
    #[case::a_statement_goes(json!([allow(&json!("*")), allow(&json!("s3:Get*"))]), json!([allow(&json!("s3:Get*"))]), &["remove Allow `*` on `*`"])]
    #[case::an_action_goes(json!(allow(&json!(["iam:PutUserPolicy", "s3:*"]))), json!([allow(&json!(["s3:*"]))]),
        &["remove `iam:PutUserPolicy` of Allow `iam:PutUserPolicy` and `s3:*` on `*`"])]
    #[case::an_action_comes_back(json!(allow(&json!("s3:*"))), json!(allow(&json!(["s3:*", "iam:*"]))), &["add `iam:*` to Allow `s3:*` on `*`"])]
    #[case::another_one_in_its_place(json!(allow(&json!("*"))), json!(allow(&json!("s3:*"))), &["remove Allow `*` on `*`", "add Allow `s3:*` on `*`"])]
    #[case::everything_else_is_said(json!([]), json!([{"Sid": "Far", "effect": "Deny", "NotAction": ["iam:*"], "Resource": ["a", "b"], "Condition": {}}]),
        &["add Deny all but `iam:*` on `a` and `b` under a condition (`Far`)"])]
    #[case::long_lists_are_cut(json!([]), json!(allow(&json!(["a:1", "a:2", "a:3", "a:4", "a:5", "a:6"]))),
        &["add Allow `a:1`, `a:2`, `a:3`, `a:4` and 2 more on `*`"])]
    #[case::another_condition(
        json!(under(&json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}))),
        json!(under(&json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))),
        &["in the condition of Allow `s3:*` on `*`: remove Bool `aws:MultiFactorAuthPresent` and StringEquals `aws:PrincipalOrgID`, add IpAddress `aws:SourceIp`"])]
    #[case::other_values(json!(under(&json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))), json!(under(&json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))),
        &["in the condition of Allow `s3:*` on `*`: change the values of IpAddress `aws:SourceIp`"])]
    #[case::the_condition_goes(json!(under(&json!({"Bool": {"aws:SecureTransport": "true"}}))), json!(allow(&json!("s3:*"))),
        &["in the condition of Allow `s3:*` on `*`: remove Bool `aws:SecureTransport`"])]
    #[case::a_condition_comes(json!(allow(&json!("s3:*"))), json!(under(&json!({"Bool": {"aws:SecureTransport": "true"}}))),
        &["in the condition of Allow `s3:*` on `*`: add Bool `aws:SecureTransport`"])]
    #[case::an_action_under_a_condition(
        json!([{"Effect": "Allow", "Action": ["a:b", "a:c"], "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]),
        json!([{"Effect": "Allow", "Action": ["a:b"], "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]),
        &["remove `a:c` of Allow `a:b` and `a:c` on `*` under a condition"])]
    #[case::the_same_otherwise_written(json!(allow(&json!("a:b"))), json!([allow(&json!("a:b"))]), &[])]
    fn what_goes_and_what_comes_is_said(#[case] before: Value, #[case] after: Value, #[case] said: &[&str]) {
        let document = |statements: &Value| json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        assert_eq!(edited(Some(&document(&before)), &document(&after)), said);
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed_at() {
        let document = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
        assert_eq!(edited(Some("{"), document), Vec::<String>::new());
        assert_eq!(edited(Some(document), "[]"), Vec::<String>::new());
        assert_eq!(edited(None, document), ["add Allow `s3:*` on `*`"]);
    }

    #[test]
    fn many_changes_are_counted() {
        let many: Vec<Value> = (0..6).map(|n| allow(&json!(format!("a:{n}")))).collect();
        let document = json!({"Statement": many}).to_string();
        let said = edited(Some(&document), r#"{"Statement": []}"#);
        assert_eq!((said.len(), said.last().unwrap().as_str()), (5, "and 2 more"));
    }
}
