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

/// What the answers show of a rule that is there.
///
/// # Errors
/// What an answer does not show.
pub fn view(rule: &Value, targets: &Answer) -> Result<View, String> {
    let text = |member: &str| rule.get(member).and_then(Value::as_str).map(str::to_owned);
    let name = text("Name").unwrap_or_default();
    let hidden = |what: &str| format!("the answer does not show {what} of rule `{name}`");
    let state = text("State").ok_or_else(|| hidden("the state"))?;
    let pattern = match text("EventPattern") {
        None => None,
        Some(pattern) => Some(serde_json::from_str(&pattern).unwrap_or(Value::String(pattern))),
    };
    let list = targets.body.get("Targets").and_then(Value::as_array).ok_or_else(|| hidden("the targets"))?;
    Ok(View {
        enabled: Some(state != "DISABLED"),
        content: Some(Content {
            pattern,
            schedule: text("ScheduleExpression"),
            description: text("Description"),
            role: text("RoleArn"),
        }),
        targets: Some(Targets::All(list.clone())),
    })
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
}
