use super::*;
use crate::doctor::deployed::tests::{answer, deployed};
use crate::doctor::line::State;
use serde_json::json;
use shared::engine::observed::Observed;

fn now() -> Timestamp {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

fn stack(daily: bool) -> Deployed {
    let equals = if daily { "1" } else { "2" };
    let schedule = json!({"ScheduleExpression": "rate(1 day)", "GroupName": "parapet", "Target": {"Arn": "f", "RoleArn": "r", "Input": "{}"}});
    let template = json!({
        "Conditions": {"HasDailySweep": {"Fn::Equals": ["1", equals]}},
        "Resources": {
            "Ledger": {"Type": "AWS::DynamoDB::Table"}, "Schedules": {"Type": GROUP}, "ASweep": {"Type": SCHEDULE, "Properties": schedule},
            "Alarm": {"Type": ALARM, "Properties": {"AlarmActions": ["topic"]}},
        },
    });
    deployed(
        &template,
        &[("Ledger", "table"), ("Schedules", "parapet"), ("ASweep", "parapet-ASweep-1"), ("Alarm", "alarm-1")],
    )
}

fn known(body: Value) -> Observed<Answer> {
    Observed::Known(answer(body))
}

fn unknown() -> Observed<Answer> {
    Observed::Unknown { why: "the role lacks it".to_owned() }
}

fn said(lines: Vec<Line>) -> Vec<(State, String)> {
    lines.into_iter().map(|line| (line.state, line.says)).collect()
}

fn is_said(said: &[(State, String)], state: State, part: &str) {
    assert!(matches!(said, [(found, says)] if *found == state && says.contains(part)), "{part}: {said:?}");
}

#[test]
fn a_heartbeat_is_young_old_or_missing() {
    let of = |written: &str, version: Option<&str>| {
        let mut item = json!({"id": {"S": "heartbeat"}, "written": {"S": written}});
        if let Some(version) = version {
            item["version"] = json!({ "S": version });
        }
        known(json!({ "Item": item }))
    };
    for (seen, state, part) in [
        (of("2026-03-10T11:45:00Z", Some("1.0.0")), State::Ok, "15 min old"),
        (of("2026-03-10T10:30:00Z", Some("1.0.0")), State::Fault, "90 min ago"),
        (of("2026-03-01T10:30:00Z", Some("1.0.0")), State::Fault, "9 days ago"),
        (of("2026-03-10T11:45:00Z", Some("0.9.0")), State::Fault, "version 0.9.0"),
        (of("2026-03-10T11:45:00Z", None), State::Unknown, "of which version"),
        (of("soon", Some("1.0.0")), State::Unknown, "no time"),
        (known(json!({})), State::Fault, "ever written"),
        (unknown(), State::Unknown, "lacks"),
        (Observed::Absent, State::Fault, "does not exist"),
    ] {
        let answers = Answers::default().with(&calls::get_heartbeat("eu-west-1", "table"), seen);
        is_said(&said(heartbeat(&stack(true), &answers, now(), "1.0.0")), state, part);
    }
}

/// What is answered of the group, the schedule and the metric.
fn swept(stack: &Deployed, seen: [Observed<Answer>; 3]) -> Vec<(State, String)> {
    let calls = [
        calls::get_schedule_group("eu-west-1", "parapet"),
        calls::get_schedule("eu-west-1", "parapet", "parapet-ASweep-1"),
        sweeps(stack, now()),
    ];
    let answers = calls.iter().zip(seen).fold(Answers::default(), |all, (call, answer)| all.with(call, answer));
    said(sweep(stack, &answers, now()))
}

fn group() -> Observed<Answer> {
    known(json!({"State": "ACTIVE"}))
}

fn schedule_with(name: &str, value: Value) -> Observed<Answer> {
    let mut all = json!({"State": "ENABLED", "ScheduleExpression": "rate(1 day)", "Target": {"Arn": "f", "RoleArn": "r", "Input": "{}", "RetryPolicy": {}}});
    all[name] = value;
    known(all)
}

fn counted(values: Value) -> Observed<Answer> {
    known(json!({"MetricDataResults": [{"Id": "sweeps", "Values": values}]}))
}

#[test]
fn sweeps_are_scheduled_and_completed_or_not() {
    let good = || schedule_with("State", "ENABLED".into());
    for (seen, state, part) in [
        ([group(), good(), counted(json!([1.0, 1.0]))], State::Ok, "2 completed"),
        ([group(), good(), counted(json!([]))], State::Fault, "0 of 1"),
        ([group(), good(), known(json!({"MetricDataResults": []}))], State::Unknown, "how many sweeps"),
        ([group(), good(), unknown()], State::Unknown, "lacks"),
        ([known(json!({"State": "DELETING"})), good(), counted(json!([1.0]))], State::Fault, "not active"),
        ([group(), schedule_with("State", "DISABLED".into()), counted(json!([1.0]))], State::Fault, "disabled"),
        (
            [group(), schedule_with("ScheduleExpression", "rate(9 days)".into()), counted(json!([1.0]))],
            State::Fault,
            "rate(9 days)",
        ),
        (
            [
                group(),
                schedule_with("Target", json!({"Arn": "mine", "RoleArn": "r", "Input": "{}"})),
                counted(json!([1.0])),
            ],
            State::Fault,
            "target",
        ),
        ([group(), Observed::Absent, counted(json!([1.0]))], State::Fault, "does not exist"),
    ] {
        is_said(&swept(&stack(true), seen), state, part);
    }
    let mut young = stack(true);
    young.created = Some("2026-03-10T00:00:00Z".parse().unwrap());
    is_said(&swept(&young, [group(), good(), counted(json!([]))]), State::Ok, "the stack is new");
    is_said(&swept(&stack(false), [group(), good(), counted(json!([]))]), State::Ok, "0 completed");
    let mut without = stack(true);
    without.parts.remove("ASweep");
    is_said(&swept(&without, [group(), good(), counted(json!([]))]), State::Fault, "no sweep is scheduled");
}

#[test]
fn an_alarm_is_silent_ringing_or_mute() {
    let of = |name: &str, value: Value| {
        let mut alarm = json!({"StateValue": "OK", "ActionsEnabled": true, "AlarmActions": ["topic"]});
        alarm[name] = value;
        known(json!({ "MetricAlarms": [alarm] }))
    };
    for (seen, state, part) in [
        (of("StateValue", "OK".into()), State::Ok, "1 alarm"),
        (of("StateValue", "INSUFFICIENT_DATA".into()), State::Ok, "1 alarm"),
        (of("StateValue", "ALARM".into()), State::Fault, "`Alarm` is in alarm"),
        (of("StateValue", Value::Null), State::Unknown, "state"),
        (of("ActionsEnabled", false.into()), State::Fault, "switched off"),
        (of("AlarmActions", json!([])), State::Fault, "topics"),
        (known(json!({"MetricAlarms": []})), State::Fault, "does not exist"),
        (unknown(), State::Unknown, "lacks"),
    ] {
        let answers = Answers::default().with(&calls::describe_alarm("eu-west-1", "alarm-1"), seen);
        is_said(&said(alarms(&stack(true), &answers)), state, part);
    }
}
