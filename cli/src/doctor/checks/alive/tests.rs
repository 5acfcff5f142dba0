use super::*;
use crate::doctor::line::State;
use crate::doctor::tests::{answers, deployed, is_said, known, said, unknown};
use serde_json::json;
use shared::engine::observed::Observed;

fn now() -> Timestamp {
    "2026-03-10T12:00:00Z".parse().unwrap()
}

fn alarm() -> Value {
    json!({"AlarmActions": ["topic"], "Namespace": "Parapet", "MetricName": "StayedOpen", "Dimensions": [{"Name": "Stack", "Value": "parapet"}],
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold", "Threshold": "0",
        "TreatMissingData": "notBreaching"})
}

fn stack(daily: bool) -> Deployed {
    let equals = if daily { "1" } else { "2" };
    let schedule = json!({"ScheduleExpression": "rate(1 day)", "GroupName": "parapet", "Target": {"Arn": "f", "RoleArn": "r", "Input": "{}"}});
    let template = json!({
        "Conditions": {"HasDailySweep": {"Fn::Equals": ["1", equals]}},
        "Resources": {
            "Ledger": {"Type": "AWS::DynamoDB::Table"}, "Schedules": {"Type": GROUP}, "ASweep": {"Type": SCHEDULE, "Properties": schedule},
            "Alarm": {"Type": ALARM, "Properties": alarm()},
        },
    });
    deployed(
        &template,
        &[("Ledger", "table"), ("Schedules", "parapet"), ("ASweep", "parapet-ASweep-1"), ("Alarm", "alarm-1")],
    )
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
        (of("2026-03-10T12:04:00Z", Some("1.0.0")), State::Ok, "0 min old"),
        (of("2026-03-10T12:06:00Z", Some("1.0.0")), State::Unknown, "how old it is cannot be said"),
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
    said(sweep(stack, &answers(&calls, seen), now()))
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
    of_metric("Complete", values)
}

fn of_metric(status: &str, values: Value) -> Observed<Answer> {
    known(json!({"MetricDataResults": [{"Id": "sweeps", "StatusCode": status, "Values": values}]}))
}

#[test]
fn sweeps_are_scheduled_and_completed_or_not() {
    let good = || schedule_with("State", "ENABLED".into());
    for (seen, state, part) in [
        ([group(), good(), counted(json!([1.0, 1.0]))], State::Ok, "1 completed on the better"),
        // Today's sweeps are not done yet.
        ([group(), good(), counted(json!([1.0, 0.0]))], State::Ok, "1 completed on the better"),
        ([group(), good(), counted(json!([]))], State::Fault, "0 at most"),
        ([group(), good(), of_metric("PartialData", json!([1.0]))], State::Unknown, "`PartialData`"),
        ([group(), good(), counted(json!(["many"]))], State::Unknown, "how many sweeps"),
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
    let two = {
        let mut stack = stack(true);
        let one = stack.parts["ASweep"].clone();
        stack.parts.insert("BSweep".to_owned(), one);
        stack
    };
    let of_two = |values: Value| swept(&two, [group(), schedule_with("State", "ENABLED".into()), counted(values)]);
    is_said(&of_two(json!([1.0, 1.0])), State::Fault, "all 2 sweeps complete: 1 at most");
    is_said(&of_two(json!([2.0])), State::Ok, "2 completed on the better");
    let open = |name: &str, value: Value| {
        let mut stack = stack(true);
        stack.parts.get_mut("ASweep").unwrap().properties[name] = value;
        swept(&stack, [group(), schedule_with("State", "ENABLED".into()), counted(json!([1.0]))])
    };
    is_said(&open("ScheduleExpression", json!({"Ref": "Gone"})), State::Unknown, "what its schedule should be");
    is_said(&open("Target", json!({"Arn": {"Ref": "Gone"}})), State::Unknown, "what its target should be");
    let mut young = stack(true);
    young.created = Some("2026-03-10T00:00:00Z".parse().unwrap());
    is_said(&swept(&young, [group(), good(), counted(json!([]))]), State::Ok, "the stack is new");
    is_said(&swept(&stack(false), [group(), good(), counted(json!([]))]), State::Ok, "0 completed in two days");
    is_said(&swept(&stack(false), [group(), good(), counted(json!([1.0, 2.0]))]), State::Ok, "3 completed in two days");
    let unsure = deployed(
        &json!({"Resources": {"ASweep": {"Type": SCHEDULE, "Properties": stack(true).parts["ASweep"].properties}}}),
        &[("ASweep", "parapet-ASweep-1")],
    );
    is_said(&swept(&unsure, [group(), good(), counted(json!([1.0]))]), State::Unknown, "sweeps daily is not known");
    let mut without = stack(true);
    without.parts.remove("ASweep");
    is_said(&swept(&without, [group(), good(), counted(json!([]))]), State::Fault, "no sweep is scheduled");
}

#[test]
fn an_alarm_is_silent_ringing_or_mute() {
    let of = |name: &str, value: Value| {
        let mut alarm = alarm();
        (alarm["StateValue"], alarm["ActionsEnabled"], alarm["Threshold"]) = ("OK".into(), true.into(), 0.0.into());
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
        (of("Namespace", "Mine".into()), State::Fault, "`Namespace`"),
        (of("MetricName", "Mine".into()), State::Fault, "`MetricName`"),
        (of("Dimensions", json!([])), State::Fault, "`Dimensions`"),
        (of("Statistic", "Minimum".into()), State::Fault, "`Statistic`"),
        (of("Period", 3_600.into()), State::Fault, "`Period`"),
        (of("EvaluationPeriods", 9.into()), State::Fault, "`EvaluationPeriods`"),
        (of("ComparisonOperator", "LessThanThreshold".into()), State::Fault, "`ComparisonOperator`"),
        (of("Threshold", 1_000.into()), State::Fault, "`Threshold` is \"1000\", the template says \"0\""),
        (of("TreatMissingData", Value::Null), State::Fault, "`TreatMissingData`"),
        (known(json!({"MetricAlarms": []})), State::Fault, "does not exist"),
        (unknown(), State::Unknown, "lacks"),
    ] {
        let answers = Answers::default().with(&calls::describe_alarm("eu-west-1", "alarm-1"), seen);
        is_said(&said(alarms(&stack(true), &answers)), state, part);
    }
    let mut open = stack(true);
    open.parts.get_mut("Alarm").unwrap().properties["AlarmActions"] = json!([{"Ref": "Gone"}]);
    let seen = [of("StateValue", "OK".into())];
    let answers = answers(&[calls::describe_alarm("eu-west-1", "alarm-1")], seen);
    is_said(&said(alarms(&open, &answers)), State::Unknown, "what its topics should be");
    open.parts.remove("Alarm");
    is_said(&said(alarms(&open, &answers)), State::Fault, "the stack has no alarm");
}
