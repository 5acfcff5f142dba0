//! Signs of life: the last heartbeat, the sweeps, and the alarms that wait for them.

use super::rules::plain;
use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call};
use crate::doctor::deployed::Deployed;
use crate::doctor::line::{Check, DEPLOY, Line};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::engine::count::counted;
use shared::engine::planned::scalar_text;
use shared::engine::request::Answer;

const ALARM: &str = "AWS::CloudWatch::Alarm";
const GROUP: &str = "AWS::Scheduler::ScheduleGroup";
const SCHEDULE: &str = "AWS::Scheduler::Schedule";

/// The template's alarm fires after an hour: a heartbeat is written every half.
const HEARTBEAT: SignedDuration = SignedDuration::from_hours(1);
/// How far the clocks of two machines may be apart, as AWS allows it to those who sign requests.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);
/// Two days without a sweep of each function, as the template's alarm has it.
const SWEEPS: SignedDuration = SignedDuration::from_hours(48);

/// The ledger's table.
fn ledger(deployed: &Deployed) -> Option<&str> {
    deployed.of("AWS::DynamoDB::Table").map(|(_, name, _)| name).next()
}

fn sweeps(deployed: &Deployed, now: Timestamp) -> Call {
    // Whole minutes: the same call in the same run.
    let until = now.as_second() / 60 * 60;
    calls::sweeps_completed(&deployed.place.region, &deployed.stack, (until - SWEEPS.as_secs(), until))
}

fn group_of(part: &Value) -> &str {
    part["GroupName"].as_str().unwrap_or("default")
}

/// What is asked.
#[must_use]
pub fn asks(deployed: &Deployed, now: Timestamp) -> Vec<Call> {
    let region = &deployed.place.region;
    let alarms = deployed.of(ALARM).map(|(_, name, _)| calls::describe_alarm(region, name));
    let heartbeat = ledger(deployed).map(|table| calls::get_heartbeat(region, table));
    let groups = deployed.of(GROUP).map(|(_, name, _)| calls::get_schedule_group(region, name));
    let schedules =
        deployed.of(SCHEDULE).map(|(_, name, part)| calls::get_schedule(region, group_of(&part.properties), name));
    alarms.chain(heartbeat).chain(groups).chain(schedules).chain([sweeps(deployed, now)]).collect()
}

/// An attribute of the heartbeat's item.
#[must_use]
pub fn said_by_heartbeat<'a>(deployed: &Deployed, answers: &'a Answers, name: &str) -> Option<&'a str> {
    let call = calls::get_heartbeat(&deployed.place.region, ledger(deployed)?);
    answers.of(&call).known().copied()?.at(&["Item", name, "S"])?.as_str()
}

/// The heartbeat's lines. `version` is that of the command.
#[must_use]
pub fn heartbeat(deployed: &Deployed, answers: &Answers, now: Timestamp, version: &str) -> Vec<Line> {
    const LOOK: &str = "the log of the function `self` says why (`no heartbeat: ...`); the first one follows the confirmation of the subscription";
    let region = &deployed.place.region;
    let mut check = Check::new("heartbeat", region);
    let Some(table) = ledger(deployed) else {
        check.fault(&deployed.stack, "there is no ledger that it could be in", DEPLOY);
        return check.lines();
    };
    if check.need(answers, &calls::get_heartbeat(region, table), table).is_none() {
        return check.lines();
    }
    let Some(written) = said_by_heartbeat(deployed, answers, "written") else {
        check.fault(table, "no heartbeat was ever written", LOOK);
        return check.lines();
    };
    let Ok(at) = written.parse::<Timestamp>() else {
        check.unknown(table, format!("`{written}` is no time"));
        return check.lines();
    };
    let old = now.duration_since(at);
    if old > HEARTBEAT {
        check.fault(table, format!("the last heartbeat is of {at}, {} ago", age(old)), LOOK);
    } else if old < -CLOCKS {
        let says = format!("the last heartbeat is of {at}, and here it is {now}: how old it is cannot be said");
        check.unsure(table, says, "set the clock of this machine, and look again");
    }
    match said_by_heartbeat(deployed, answers, "version") {
        Some(theirs) if theirs != version => {
            let says = format!("the functions are of version {theirs}, this command is of {version}");
            check.fault(table, says, "deploy the version that this command is of, or use the command of that version");
        }
        Some(_) => {}
        None => check.unsure(
            table,
            "the last heartbeat does not say of which version the functions are",
            "deploy a version whose heartbeats say it",
        ),
    }
    check.or_well(format!("the last one is {} old, of version {version}", age(old.max(SignedDuration::ZERO))))
}

fn age(of: SignedDuration) -> String {
    match of.as_mins() {
        minutes @ ..120 => format!("{minutes} min"),
        minutes @ ..2_880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    }
}

/// The lines of the sweeps: their schedules, and whether they were completed.
#[must_use]
pub fn sweep(deployed: &Deployed, answers: &Answers, now: Timestamp) -> Vec<Line> {
    let region = &deployed.place.region;
    let mut check = Check::new("sweep", region);
    for (_, name, _) in deployed.of(GROUP) {
        if let Some(found) = check.need(answers, &calls::get_schedule_group(region, name), name)
            && found.text("State") != Some("ACTIVE")
        {
            check.fault(name, "the group of schedules is not active: nothing can be deferred", DEPLOY);
        }
    }
    let mut all: u32 = 0;
    for (_, name, part) in deployed.of(SCHEDULE) {
        all += 1;
        let call = calls::get_schedule(region, group_of(&part.properties), name);
        if let Some(found) = check.need(answers, &call, name) {
            schedule(&mut check, name, &part.properties, found);
        }
    }
    if all == 0 {
        check.fault(
            &deployed.stack,
            "no sweep is scheduled: violations that no event reported are not found",
            "set the stack's `SweepSchedule`",
        );
        return check.lines();
    }
    let Some(answer) = check.need(answers, &sweeps(deployed, now), &deployed.stack) else { return check.lines() };
    let days = match completed(answer) {
        Ok(days) => days,
        Err(why) => {
            check.unknown(&deployed.stack, why);
            return check.lines();
        }
    };
    let scheduled = counted(all, "sweep");
    // Not `sum`: that of nothing is -0.
    let [best, sum] =
        [f64::max, |sum, day| sum + day].map(|of: fn(f64, f64) -> f64| days.iter().copied().fold(0.0, of));
    match deployed.holds("HasDailySweep") {
        // Another schedule than the daily one says nothing about a day.
        Some(false) => {
            let schedule = deployed.parameter("SweepSchedule").unwrap_or_default();
            return check.or_well(format!("{scheduled} scheduled by `{schedule}`, {sum} completed in two days"));
        }
        None => check.unknown(&deployed.stack, "whether the stack sweeps daily is not known: its condition is not"),
        Some(true) => {}
    }
    let is_behind = best < f64::from(all);
    let is_new = deployed.created.is_some_and(|created| now.duration_since(created) < SWEEPS);
    if is_behind && !is_new {
        let says = format!("on neither of the last two days did all {scheduled} complete: {best} at most");
        check.fault(&deployed.stack, says, "search the functions' logs for `a step of a sweep`");
    }
    let new = if is_behind { "; the stack is new, and the first ones are due within two days" } else { "" };
    check.or_well(format!("{scheduled} scheduled, {best} completed on the better of the last two days{new}"))
}

/// The sweeps that were completed on each day: a day on which none was has no value.
fn completed(answer: &Answer) -> Result<Vec<f64>, String> {
    let hidden = || "the answer does not show how many sweeps were completed".to_owned();
    let [result] = answer.list("MetricDataResults") else { return Err(hidden()) };
    // "GetMetricData", CloudWatch API reference: `PartialData` and `InternalError` are half an answer.
    match result["StatusCode"].as_str() {
        Some("Complete") => {}
        status => return Err(format!("{}: its status is `{}`", hidden(), status.unwrap_or("missing"))),
    }
    // An empty list is none where an answer leaves out what is empty.
    let values = result["Values"].as_array().map_or(&[][..], Vec::as_slice);
    values.iter().map(|value| value.as_f64().ok_or_else(hidden)).collect()
}

fn schedule(check: &mut Check, name: &str, wanted: &Value, found: &Answer) {
    if found.text("State") != Some("ENABLED") {
        check.fault(name, "the schedule is disabled: its function does not sweep", DEPLOY);
    }
    let [is, should] = [found.text("ScheduleExpression"), wanted["ScheduleExpression"].as_str()];
    if check.is_resolved(name, "its schedule", &wanted["ScheduleExpression"]) && is != should {
        let says =
            format!("its schedule is `{}`, the template says `{}`", is.unwrap_or_default(), should.unwrap_or_default());
        check.fault(name, says, DEPLOY);
    }
    let [is, should] = [found.at(&["Target"]).unwrap_or(&Value::Null), &wanted["Target"]];
    if check.is_resolved(name, "its target", should)
        && ["Arn", "RoleArn", "Input"].iter().any(|key| plain(&is[*key]) != plain(&should[*key]))
    {
        check.fault(name, "its target is not the template's", DEPLOY);
    }
}

/// The lines of the alarms.
#[must_use]
pub fn alarms(deployed: &Deployed, answers: &Answers) -> Vec<Line> {
    let region = &deployed.place.region;
    let mut check = Check::new("alarms", region);
    let mut all = 0;
    for (id, name, part) in deployed.of(ALARM) {
        all += 1;
        let Some(found) = check.need(answers, &calls::describe_alarm(region, name), name) else { continue };
        let Some(alarm) = found.list("MetricAlarms").first() else {
            check.fault(name, "it does not exist", DEPLOY);
            continue;
        };
        if alarm["ActionsEnabled"] == false {
            check.fault(name, "its actions are switched off: no notification is sent", DEPLOY);
        }
        let wanted = &part.properties["AlarmActions"];
        if check.is_resolved(name, "its topics", wanted) && plain(wanted) != plain(&alarm["AlarmActions"]) {
            check.fault(name, "it does not notify the topics of the template", DEPLOY);
        }
        settings(&mut check, name, &part.properties, alarm);
        match alarm["StateValue"].as_str() {
            Some("OK") => {}
            Some("ALARM") => {
                check.fault(name, format!("`{id}` is in alarm"), "docs/operating.md says what each alarm means")
            }
            // Of a metric that is counted only when something happens, and of a stack that is minutes old.
            Some("INSUFFICIENT_DATA") => {}
            _ => check.unknown(name, "the answer does not show its state"),
        }
    }
    check.or_all_well(&deployed.stack, (all, "alarm"), ", none is in alarm")
}

/// What decides when an alarm of one metric goes off.
const SETTINGS: [&str; 9] = [
    "Namespace",
    "MetricName",
    "Dimensions",
    "Statistic",
    "Period",
    "EvaluationPeriods",
    "ComparisonOperator",
    "Threshold",
    "TreatMissingData",
];

fn settings(check: &mut Check, name: &str, wanted: &Value, found: &Value) {
    for key in SETTINGS {
        let Some(should) = wanted.get(key) else { continue };
        if check.is_resolved(name, &format!("its `{key}`"), should) && !is_same(should, &found[key]) {
            let says = format!("its `{key}` is {}, the template says {}", plain(&found[key]), plain(should));
            check.fault(name, says, DEPLOY);
        }
    }
}

/// A threshold is `23` in a template, `23.0` in an answer.
fn is_same(one: &Value, other: &Value) -> bool {
    let number = |value: &Value| scalar_text(value).and_then(|text| text.parse::<f64>().ok());
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => plain(one) == plain(other),
    }
}

#[cfg(test)]
mod tests;
