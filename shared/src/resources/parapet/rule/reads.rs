//! Reading rules: which requests, and what their answers show.

use super::state::{Content, RuleRef, Targets, View};
use crate::engine::request::{Answer, Request};
use serde_json::{Value, json};

/// The rule.
#[must_use]
pub fn describe(rule: &RuleRef) -> Request {
    Request::named("DescribeRule", json!({ "Name": rule.name })).member("EventBusName", rule.bus.as_deref())
}

/// Its targets: a rule has five at most, so that one page has all.
#[must_use]
pub fn targets(rule: &RuleRef) -> Request {
    Request::named("ListTargetsByRule", json!({ "Rule": rule.name })).member("EventBusName", rule.bus.as_deref())
}

/// The rules of the default bus, from this page on.
#[must_use]
pub fn list(from: Option<&str>) -> Request {
    Request::named("ListRules", json!({})).member("NextToken", from)
}

/// The rules of a bus whose names begin like this, from this page on; none for the default bus.
#[must_use]
pub fn list_of(prefix: &str, bus: Option<&str>, from: Option<&str>) -> Request {
    list(from).member("NamePrefix", Some(prefix)).member("EventBusName", bus)
}

/// A pattern, as its text says it. A name that stands twice in one place is read in one way here and perhaps in another by EventBridge: such a text stays a text,
/// which is no pattern of the manifest's. None where it is no JSON.
#[must_use]
pub fn pattern(text: &str) -> Option<Value> {
    let pattern: Value = serde_json::from_str(text).ok()?;
    let is_plain = names_in(text) == names_of(&pattern);
    Some(if is_plain { pattern } else { Value::String(text.to_owned()) })
}

/// How many names of members stand in a JSON text: each has a colon behind it, outside of the strings.
fn names_in(text: &str) -> usize {
    let (mut names, mut is_text, mut is_escaped) = (0, false, false);
    for c in text.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            ':' if !is_text => names += 1,
            _ => {}
        }
    }
    names
}

fn names_of(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len() + members.values().map(names_of).sum::<usize>(),
        Value::Array(list) => list.iter().map(names_of).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// What an answer shows of a rule, but for its targets.
///
/// # Errors
/// It does not show the state.
pub fn shown(rule: &Value) -> Result<View, String> {
    let text = |member: &str| rule.get(member).and_then(Value::as_str).map(str::to_owned);
    let name = text("Name").unwrap_or_default();
    let state = text("State").ok_or_else(|| format!("the answer does not show the state of rule `{name}`"))?;
    let pattern = text("EventPattern").map(|text| pattern(&text).unwrap_or(Value::String(text)));
    let content = Content {
        pattern,
        schedule: text("ScheduleExpression"),
        description: text("Description"),
        role: text("RoleArn"),
    };
    Ok(View { enabled: Some(state != "DISABLED"), content: Some(content), targets: None })
}

/// What the answers show of a rule that is there.
///
/// # Errors
/// What an answer does not show.
pub fn view(rule: &Value, targets: &Answer) -> Result<View, String> {
    let view = shown(rule)?;
    let list = targets.body.get("Targets").and_then(Value::as_array).ok_or_else(|| {
        let name = rule.get("Name").and_then(Value::as_str).unwrap_or_default();
        format!("the answer does not show the targets of rule `{name}`")
    })?;
    Ok(View { targets: Some(Targets::All(list.clone())), ..view })
}

/// The rules of an answer, and where the next page begins.
///
/// # Errors
/// It shows no list.
pub fn listed(answer: &Answer) -> Result<(&[Value], Option<&str>), String> {
    let rules = answer.body.get("Rules").and_then(Value::as_array).ok_or("the answer shows no list of rules")?;
    Ok((rules, answer.text("NextToken")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_show_a_rule() {
        let answer = |body: Value| Answer { body, request_id: None };
        let rule = json!({"Name": "x", "State": "ENABLED", "EventPattern": "{\"source\":[\"aws.ec2\"]}"});
        let shown = view(&rule, &answer(json!({"Targets": [{"Id": "function"}]}))).unwrap();
        assert_eq!(shown.content.unwrap().pattern, Some(json!({"source": ["aws.ec2"]})));
        assert!(view(&rule, &answer(json!({}))).unwrap_err().contains("the targets"), "no list is not an empty one");
        assert!(view(&json!({}), &answer(json!({"Targets": []}))).unwrap_err().contains("the state"));
        assert!(listed(&answer(json!({}))).is_err());
    }

    #[test]
    fn a_name_that_stands_twice_makes_no_pattern() {
        let plain = r#"{"source":["aws.ec2"],"detail":{"x":["a:b","\":"]}}"#;
        assert!(pattern(plain).unwrap().is_object());
        let twice = r#"{"source":["none"],"detail":{"x":[{"exists":false}]},"source":["aws.ec2"]}"#;
        assert_eq!(pattern(twice), Some(Value::String(twice.to_owned())));
        assert_eq!(pattern(r#"{"source":["aws"#), None, "it was cut");
    }
}
