//! What writing one policy document in place of another takes out and puts in, in a few words each: for the person who reads a plan.

use iam_policy::json;
use serde_json::{Map, Value};

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
        match gone.iter().enumerate().find_map(|(at, other)| Some((at, cut(other, statement)?))) {
            Some((at, cut)) => {
                gone.remove(at);
                changes.push(cut);
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

/// What one list of a statement lost or got, where nothing else of the statement differs.
fn cut(before: &Statement, after: &Statement) -> Option<String> {
    let mut differing = before.iter().filter(|(name, value)| after.get(*name) != Some(value));
    let (name, was) = differing.next()?;
    let is_alone = differing.next().is_none() && before.len() == after.len();
    let (was, is) = (texts(was)?, texts(after.get(name)?)?);
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

/// A list of strings, or the one that stands for a list.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(one) => Some(vec![one]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// ``Allow `s3:*` on `*` ``
fn described(statement: &Statement) -> String {
    let text = |name: &str| member(statement, name).and_then(Value::as_str);
    let named = |name: &str| member(statement, name).map(words);
    let actions = named("Action").or_else(|| named("NotAction").map(|but| format!("all but {but}")));
    let resources = named("Resource").or_else(|| named("NotResource").map(|but| format!("all but {but}")));
    let sid = text("Sid").map(|sid| format!(" (`{sid}`)")).unwrap_or_default();
    let condition = if member(statement, "Condition").is_some() { " under a condition" } else { "" };
    let effect = text("Effect").unwrap_or("a statement");
    let on = resources.map(|resources| format!(" on {resources}")).unwrap_or_default();
    format!("{effect} {}{on}{condition}{sid}", actions.unwrap_or_else(|| "nothing".to_owned()))
}

fn words(value: &Value) -> String {
    match texts(value) {
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
