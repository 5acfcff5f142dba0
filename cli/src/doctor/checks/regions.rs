//! Regions: where something happens without a deployment that would see it.
//!
//! A sign of use is the last change that CloudTrail's event history has of a region: it costs nothing, and needs no trail.

use super::stack;
use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call, of_iam};
use crate::doctor::deployed::Deployed;
use crate::doctor::line::{Check, Line, State};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::engine::count::counted;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;
use std::collections::{BTreeMap, BTreeSet};

/// What changed longer ago is no use of the region.
const RECENT: SignedDuration = SignedDuration::from_hours(24 * 7);

/// What is asked: of one region which others there are.
#[must_use]
pub fn asks(region: &str) -> Vec<Call> {
    vec![calls::describe_regions(region)]
}

/// The regions that are enabled; none where that is not known.
#[must_use]
pub fn enabled(region: &str, answers: &Answers) -> Vec<String> {
    let call = calls::describe_regions(region);
    answers.of(&call).known().map(|answer| answer.texts("regionInfo", "regionName")).unwrap_or_default()
}

/// What is asked of each of them.
#[must_use]
pub fn stacks(region: &str, stack: &str, answers: &Answers) -> Vec<Call> {
    enabled(region, answers).iter().map(|one| calls::describe_stacks(one, stack)).collect()
}

/// What is asked of those that have no such stack.
#[must_use]
pub fn events(region: &str, stack: &str, answers: &Answers, now: Timestamp) -> Vec<Call> {
    let is_without = |one: &String| matches!(answers.of(&calls::describe_stacks(one, stack)), Observed::Absent);
    enabled(region, answers).iter().filter(|one| is_without(one)).map(|one| changes(one, now)).collect()
}

fn changes(region: &str, now: Timestamp) -> Call {
    calls::lookup_events(region, now.as_second() - RECENT.as_secs())
}

/// Why it is not known in which regions the stack is; none where every region said whether it has it.
#[must_use]
pub fn unseen(region: &str, stack: &str, answers: &Answers) -> Option<String> {
    let all = enabled(region, answers);
    if all.is_empty() {
        return Some(match answers.of(&calls::describe_regions(region)) {
            Observed::Unknown { why } => why,
            Observed::Known(_) | Observed::Absent => "no answer shows which regions are enabled".to_owned(),
        });
    }
    all.iter().find_map(|one| match answers.of(&calls::describe_stacks(one, stack)) {
        Observed::Unknown { why } => Some(format!("{one}: {why}")),
        Observed::Known(_) | Observed::Absent => None,
    })
}

/// Regions whose events or sweeps a hub serves: those of its own account.
fn served(deployed: &[Deployed]) -> BTreeSet<String> {
    let of = |deployed: &Deployed| {
        let spokes = deployed.parameter("Spokes").unwrap_or_default().to_owned();
        let own = format!("{}/", deployed.place.account);
        spokes.split(',').filter_map(|one| one.trim().strip_prefix(&own).map(str::to_owned)).collect::<Vec<_>>()
    };
    deployed.iter().flat_map(of).collect()
}

/// The status of the stack that a region shows.
fn status(answer: &Answer) -> Result<&str, String> {
    let status = answer.list("Stacks").first().and_then(|one| one.get("StackStatus")).and_then(Value::as_str);
    status.ok_or_else(|| "the answer does not show the stack's status".to_owned())
}

/// Its lines, for a stack of this name that was looked at in these regions.
#[must_use]
pub fn judge(region: &str, stack: &str, deployed: &[Deployed], answers: &Answers, now: Timestamp) -> Vec<Line> {
    let mut check = Check::new("regions", region);
    let (_, global) = of_iam(region);
    if check.need(answers, &calls::describe_regions(region), region).is_none() {
        return check.lines();
    }
    let all = enabled(region, answers);
    if all.is_empty() {
        check.unknown(region, "the answer shows no region");
        return check.lines();
    }
    let served = served(deployed);
    let (mut with, mut unused) = (0, 0);
    // A service control policy denies many at once: one line for each reason.
    let mut unseen: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for one in &all {
        match answers.of(&calls::describe_stacks(one, stack)) {
            // Of one that was looked at, the check `stack` says how it is.
            Observed::Known(_) if deployed.iter().any(|looked_at| looked_at.place.region == *one) => with += 1,
            Observed::Known(found) => match status(found).map(|status| (status, stack::state(status))) {
                Ok((_, State::Ok)) => with += 1,
                Ok((status, State::Fault)) => {
                    let todo = "see its events in CloudFormation, and deploy it again; `--region` looks at it";
                    check.fault(one, format!("the last deployment of its stack `{stack}` failed (`{status}`)"), todo);
                }
                Ok((status, State::Unknown)) => {
                    let says = format!("its stack `{stack}` is being changed (`{status}`)");
                    check.unsure(one, says, "look again when that is done");
                }
                Err(why) => unseen.entry(why).or_default().push(one),
            },
            Observed::Unknown { why } => unseen.entry(why).or_default().push(one),
            Observed::Absent if served.contains(one) => check.unsure(
                one,
                "it is swept from the hub; whether its events are forwarded was not checked",
                "see that the hub's `Spokes` are deployed there (docs/multi-account.md)",
            ),
            Observed::Absent if one == global => check.fault(
                one,
                format!("there is no stack `{stack}`: the events of global services reach no function"),
                "deploy the stack there as well: IAM, sign-ins and other global services record there only",
            ),
            Observed::Absent => match last(answers.of(&changes(one, now))) {
                Ok(Some(what)) => check.fault(
                    one,
                    format!("in use without a deployment: the last change is {what}"),
                    "deploy the stack there as well, or deny the region by a service control policy",
                ),
                Ok(None) => unused += 1,
                Err(why) => unseen.entry(why).or_default().push(one),
            },
        }
    }
    for (why, regions) in unseen {
        check.unknown(&regions.join(" "), why);
    }
    check.or_well(format!("{} with a deployment, {unused} without changes in seven days", counted(with, "region")))
}

/// The last change: what, by whom, and when.
fn last(answer: Observed<&Answer>) -> Result<Option<String>, String> {
    let found = match answer {
        Observed::Known(answer) => answer.body.get("Events").and_then(Value::as_array),
        Observed::Unknown { why } => return Err(why),
        Observed::Absent => None,
    };
    let Some(event) = found.ok_or("the answer does not show the last changes")?.first() else { return Ok(None) };
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let by = text("Username").map(|user| format!(" by `{user}`")).unwrap_or_default();
    let at = event.get("EventTime").and_then(Value::as_f64).map(SignedDuration::try_from_secs_f64);
    let at = at.and_then(Result::ok).and_then(|since| Timestamp::from_duration(since).ok());
    match (text("EventName"), at) {
        (Some(name), Some(at)) => Ok(Some(format!("`{name}`{by} at {at}"))),
        _ => Err("the last change cannot be read".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tests::{deployed, is_said, known, said, unknown};
    use serde_json::json;

    const REGION: &str = "eu-west-1";
    const GLOBAL: &str = "us-east-1";
    const THIRD: &str = "ap-south-1";

    fn now() -> Timestamp {
        Timestamp::from_second(1_000_000_000).unwrap()
    }

    fn hub(spokes: &str) -> Deployed {
        let template = json!({"Parameters": {"Spokes": {"Type": "String", "Default": spokes}},
            "Conditions": {"IsHub": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Spokes"}, ""]}]}},
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}});
        deployed(&template, &[("Topic", "t")])
    }

    fn of_status(status: &str) -> Observed<Answer> {
        known(json!({"Stacks": [{"StackName": "parapet", "StackStatus": status}]}))
    }

    fn event(change: impl Fn(&mut Value)) -> Observed<Answer> {
        let mut event = json!({"EventName": "RunInstances", "Username": "eve", "EventTime": now().as_second() - 3_600});
        change(&mut event);
        known(json!({"Events": [event]}))
    }

    fn regions() -> Answers {
        let regions = json!({"regionInfo": [{"regionName": REGION}, {"regionName": GLOBAL}, {"regionName": THIRD}]});
        Answers::default().with(&calls::describe_regions(REGION), known(regions))
    }

    /// What is answered of the stack where global services record and in a third region, and of the third one's changes.
    fn judged(seen: [Observed<Answer>; 3], own: Deployed) -> Vec<(State, String)> {
        let [global, third, events] = seen;
        let answers = regions()
            .with(&calls::describe_stacks(REGION, "parapet"), of_status("UPDATE_ROLLBACK_COMPLETE"))
            .with(&calls::describe_stacks(GLOBAL, "parapet"), global)
            .with(&calls::describe_stacks(THIRD, "parapet"), third)
            .with(&changes(THIRD, now()), events);
        said(judge(REGION, "parapet", &[own], &answers, now()))
    }

    #[test]
    fn a_region_in_use_without_a_deployment_is_named() {
        let (here, gone) = (|| of_status("CREATE_COMPLETE"), || Observed::Absent);
        let (none, used) = (|| known(json!({"Events": []})), || event(|_| {}));
        let alone = || hub("");
        for (seen, own, state, part) in [
            ([here(), gone(), none()], alone(), State::Ok, "2 regions with a deployment, 1 without"),
            ([here(), here(), none()], alone(), State::Ok, "3 regions"),
            ([here(), gone(), used()], alone(), State::Fault, "`RunInstances` by `eve` at 2001-09-09T00:46:40Z"),
            ([here(), gone(), used()], hub("111122223333/ap-south-1"), State::Unknown, "forwarded was not checked"),
            ([here(), gone(), used()], hub("999988887777/ap-south-1"), State::Fault, "RunInstances"),
            ([gone(), gone(), none()], alone(), State::Fault, "global services"),
            // A hub that serves another region does not serve this one.
            ([gone(), here(), none()], hub("111122223333/eu-north-1"), State::Fault, "global services"),
            ([gone(), here(), none()], hub("111122223333/us-east-1"), State::Unknown, "forwarded was not checked"),
            ([here(), unknown(), none()], alone(), State::Unknown, "lacks"),
            ([here(), gone(), unknown()], alone(), State::Unknown, "lacks"),
            ([here(), gone(), known(json!({}))], alone(), State::Unknown, "does not show the last changes"),
            (
                [here(), gone(), event(|all| all["EventTime"] = "soon".into())],
                alone(),
                State::Unknown,
                "cannot be read",
            ),
            ([here(), gone(), event(|all| all["EventName"] = Value::Null)], alone(), State::Unknown, "cannot be read"),
            ([here(), of_status("ROLLBACK_COMPLETE"), none()], alone(), State::Fault, "`ROLLBACK_COMPLETE`"),
            ([here(), of_status("REVIEW_IN_PROGRESS"), none()], alone(), State::Unknown, "`REVIEW_IN_PROGRESS`"),
            ([of_status("DELETE_IN_PROGRESS"), here(), none()], alone(), State::Unknown, "`DELETE_IN_PROGRESS`"),
            ([here(), known(json!({})), none()], alone(), State::Unknown, "the stack's status"),
        ] {
            is_said(&judged(seen, own), state, part);
        }
    }

    #[test]
    fn changes_are_asked_for_only_where_there_is_no_stack() {
        let answers = regions()
            .with(&calls::describe_stacks(REGION, "parapet"), of_status("CREATE_COMPLETE"))
            .with(&calls::describe_stacks(GLOBAL, "parapet"), unknown())
            .with(&calls::describe_stacks(THIRD, "parapet"), Observed::Absent);
        let asked = events(REGION, "parapet", &answers, now());
        assert_eq!(asked, [calls::lookup_events(THIRD, now().as_second() - 7 * 86_400)]);
    }

    #[test]
    fn regions_that_are_not_known_are_not_none() {
        let seen = |answer: Observed<Answer>| {
            let answers = Answers::default().with(&calls::describe_regions(REGION), answer);
            assert!(unseen(REGION, "parapet", &answers).is_some());
            said(judge(REGION, "parapet", &[], &answers, now()))
        };
        is_said(&seen(known(json!({}))), State::Unknown, "no region");
        is_said(&seen(unknown()), State::Unknown, "lacks");
    }
}
