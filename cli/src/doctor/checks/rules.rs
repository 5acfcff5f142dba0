//! EventBridge rules: enabled, about what the template says, with its targets and no other.

use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call};
use crate::doctor::deployed::{Deployed, first_unresolved};
use crate::doctor::line::{Check, DEPLOY, Line};
use serde_json::Value;
use shared::engine::planned::scalar_text;
use shared::resources::parapet::manifest::in_order;
use shared::resources::parapet::rule::reads::pattern;
use std::collections::BTreeMap;

const RULE: &str = "AWS::Events::Rule";
const DEFAULT: &str = "default";

/// The bus and the name of a rule, as CloudFormation writes them.
fn place(name: &str) -> (&str, &str) {
    name.split_once('|').unwrap_or((DEFAULT, name))
}

fn of_rule(region: &str, name: &str) -> [Call; 2] {
    let (bus, rule) = place(name);
    [calls::describe_rule_on(region, bus, rule), calls::list_targets_on(region, bus, rule)]
}

/// What is asked.
#[must_use]
pub fn asks(deployed: &Deployed) -> Vec<Call> {
    deployed.of(RULE).flat_map(|(_, name, _)| of_rule(&deployed.place.region, name)).collect()
}

/// Its lines.
#[must_use]
pub fn judge(deployed: &Deployed, answers: &Answers) -> Vec<Line> {
    let region = &deployed.place.region;
    let mut check = Check::new("rules", region);
    let mut all = 0;
    for (_, name, part) in deployed.of(RULE) {
        all += 1;
        let [describe, targets] = of_rule(region, name);
        if let Some(found) = check.need(answers, &describe, name) {
            rule(&mut check, name, &part.properties, &found.body);
            if let Some(found) = check.need(answers, &targets, name) {
                self::targets(&mut check, name, &part.properties, &found.body);
            }
        }
    }
    let says = " enabled, with the pattern, schedule and targets of the template";
    check.or_all_well(&deployed.stack, (all, "rule"), says)
}

fn rule(check: &mut Check, name: &str, wanted: &Value, found: &Value) {
    match found.get("State").and_then(Value::as_str) {
        None => check.unknown(name, "the answer does not show its state"),
        // The template says so where a rule begins disabled.
        Some(state) if state.starts_with("DISABLED") && wanted["State"] != state => {
            check.fault(name, "it is disabled: its events reach no function", DEPLOY);
        }
        Some(_) => {}
    }
    if check.is_resolved(name, "its pattern", &wanted["EventPattern"]) {
        let is = found.get("EventPattern").and_then(Value::as_str).and_then(pattern);
        if wanted.get("EventPattern").map(in_order) != is.as_ref().map(in_order) {
            check.fault(name, "its pattern is not the template's: events may reach no function", DEPLOY);
        }
    }
    let text = |value: &Value| value.get("ScheduleExpression").and_then(Value::as_str).map(str::to_owned);
    if check.is_resolved(name, "its schedule", &wanted["ScheduleExpression"]) && text(wanted) != text(found) {
        let says = format!("its schedule is {}, the template says {}", shown(text(found)), shown(text(wanted)));
        check.fault(name, says, DEPLOY);
    }
}

fn shown(text: Option<String>) -> String {
    text.map_or_else(|| "missing".to_owned(), |text| format!("`{text}`"))
}

/// With scalars as texts and lists in one order: a template writes numbers in both ways.
pub(super) fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        Value::Array(list) => in_order(&list.iter().map(plain).collect()),
        other => scalar_text(other).map_or(Value::Null, Value::String),
    }
}

fn targets(check: &mut Check, name: &str, wanted: &Value, found: &Value) {
    let Some(found) = found.get("Targets").and_then(Value::as_array) else {
        check.unknown(name, "the answer does not show its targets");
        return;
    };
    let by_id = |list: &[Value]| -> BTreeMap<String, Value> {
        list.iter().map(|one| (one["Id"].as_str().unwrap_or_default().to_owned(), plain(one))).collect()
    };
    let (found, wanted) = (by_id(found), by_id(wanted["Targets"].as_array().map_or(&[][..], Vec::as_slice)));
    for (id, target) in &wanted {
        match (found.get(id), first_unresolved(target)) {
            (None, _) => {
                check.fault(name, format!("its target `{id}` is missing: its events reach no function"), DEPLOY)
            }
            (Some(_), Some(unresolved)) => {
                check.unknown(name, format!("what its target `{id}` should be is not known: {unresolved}"))
            }
            (Some(is), None) if is != target => {
                check.fault(name, format!("its target `{id}` is not the template's"), DEPLOY)
            }
            (Some(_), None) => {}
        }
    }
    for id in found.keys().filter(|id| !wanted.contains_key(*id)) {
        check.fault(name, format!("it has a target `{id}` that the template does not have"), DEPLOY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::line::State;
    use crate::doctor::tests::{deployed, is_said, known, said, unknown};
    use serde_json::json;
    use shared::engine::observed::Observed;
    use shared::engine::request::Answer;

    fn stack() -> Deployed {
        let rule = json!({"Type": RULE, "Properties": {"EventPattern": {"source": ["aws.ec2", "aws.iam"]},
            "Targets": [{"Id": "function", "Arn": {"Fn::GetAtt": ["F", "Arn"]}, "RetryPolicy": {"MaximumRetryAttempts": 185}}]}});
        let template = json!({"Resources": {"R": rule, "F": {"Type": "AWS::Lambda::Function"}}});
        deployed(&template, &[("R", "parapet-R-1"), ("F", "parapet-F-1")])
    }

    const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:parapet-F-1";

    fn found() -> Value {
        json!({"Name": "parapet-R-1", "State": "ENABLED", "EventPattern": r#"{"source": ["aws.iam", "aws.ec2"]}"#})
    }

    fn target() -> Value {
        json!({"Id": "function", "Arn": FUNCTION, "RetryPolicy": {"MaximumRetryAttempts": 185}})
    }

    fn judged(rule: Observed<Answer>, targets: Observed<Answer>) -> Vec<(State, String)> {
        let [describe, list] = of_rule("eu-west-1", "parapet-R-1");
        let answers = Answers::default().with(&describe, rule).with(&list, targets);
        said(judge(&stack(), &answers))
    }

    #[test]
    fn a_rule_as_the_template_says_is_well() {
        is_said(&judged(known(found()), known(json!({"Targets": [target()]}))), State::Ok, "1 rule enabled");
    }

    #[test]
    fn what_the_template_leaves_open_is_unknown() {
        let gone = json!({"Ref": "Gone"});
        for (properties, part) in [
            (json!({"EventPattern": {"source": [gone]}, "Targets": []}), "its pattern"),
            (json!({"ScheduleExpression": gone, "Targets": []}), "its schedule"),
        ] {
            let template = json!({"Resources": {"R": {"Type": RULE, "Properties": properties}}});
            let stack = deployed(&template, &[("R", "parapet-R-1")]);
            let [describe, list] = of_rule("eu-west-1", "parapet-R-1");
            let answers = Answers::default()
                .with(&describe, known(json!({"State": "ENABLED"})))
                .with(&list, known(json!({"Targets": []})));
            is_said(&said(judge(&stack, &answers)), State::Unknown, part);
        }
        let none = deployed(&json!({"Resources": {"F": {"Type": "AWS::Lambda::Function"}}}), &[("F", "parapet-F-1")]);
        is_said(&said(judge(&none, &Answers::default())), State::Fault, "the stack has no rule");
    }

    #[test]
    fn what_differs_is_named() {
        let with = |name: &str, value: &str| {
            let mut rule = found();
            rule[name] = value.into();
            known(rule)
        };
        let targets = |list: Value| known(json!({ "Targets": list }));
        let good = || targets(json!([target()]));
        let elsewhere = json!([{"Id": "function", "Arn": "arn:aws:lambda:eu-west-1:111122223333:function:mine"}]);
        for (rule, targets, state, part) in [
            (with("State", "DISABLED"), good(), State::Fault, "disabled"),
            (with("EventPattern", r#"{"source": ["none"]}"#), good(), State::Fault, "pattern"),
            (with("ScheduleExpression", "rate(9 days)"), good(), State::Fault, "rate(9 days)"),
            (known(found()), targets(json!([])), State::Fault, "`function` is missing"),
            (known(found()), targets(elsewhere), State::Fault, "not the template's"),
            (known(found()), targets(json!([target(), {"Id": "more", "Arn": "x"}])), State::Fault, "`more`"),
            (Observed::Absent, good(), State::Fault, "does not exist"),
            (unknown(), good(), State::Unknown, "lacks"),
            (known(json!({"EventPattern": found()["EventPattern"]})), good(), State::Unknown, "state"),
            (known(found()), known(json!({})), State::Unknown, "targets"),
        ] {
            is_said(&judged(rule, targets), state, part);
        }
    }

    #[test]
    fn a_rule_on_another_bus_is_asked_for_there() {
        assert_eq!(place("members|parapet-R-1"), ("members", "parapet-R-1"));
        assert_eq!(asks(&stack()).len(), 2);
    }
}
