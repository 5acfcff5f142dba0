//! Regions: where something happens without a deployment that would see it.
//!
//! A sign of use is the last change that CloudTrail's event history has of a region: it costs nothing, and needs no trail.

use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call, of_iam};
use crate::doctor::deployed::Deployed;
use crate::doctor::line::{Check, Line, count};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
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
pub fn more(region: &str, stack: &str, answers: &Answers) -> Vec<Call> {
    let of = |region: String| [calls::describe_stacks(&region, stack), calls::lookup_events(&region)];
    enabled(region, answers).into_iter().flat_map(of).collect()
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
    let is_hub = deployed.iter().any(|one| one.holds("IsHub"));
    let (mut with, mut unused) = (0, 0);
    // A service control policy denies many at once: one line for each reason.
    let mut unseen: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for one in &all {
        match answers.of(&calls::describe_stacks(one, stack)) {
            Observed::Known(_) => {
                with += 1;
                continue;
            }
            Observed::Unknown { why } => {
                unseen.entry(why).or_default().push(one);
                continue;
            }
            Observed::Absent => {}
        }
        if served.contains(one) {
            with += 1;
        } else if one == global && !is_hub {
            const TODO: &str =
                "deploy the stack there as well: IAM, sign-ins and other global services record there only";
            check.fault(
                one,
                format!("there is no stack `{stack}`: the events of global services reach no function"),
                TODO,
            );
        } else {
            match answers.of(&calls::lookup_events(one)).map(last) {
                Observed::Known(Some((what, at))) if now.duration_since(at) < RECENT => {
                    let says = format!("in use without a deployment: the last change is `{what}` at {at}");
                    check.fault(
                        one,
                        says,
                        "deploy the stack there as well, or deny the region by a service control policy",
                    );
                }
                Observed::Unknown { why } => unseen.entry(why).or_default().push(one),
                Observed::Known(_) | Observed::Absent => unused += 1,
            }
        }
    }
    for (why, regions) in unseen {
        check.unknown(&regions.join(" "), why);
    }
    check.or_well(format!("{} with a deployment, {unused} without changes in seven days", count(with, "region")))
}

/// The last event: what, and when.
fn last(answer: &Answer) -> Option<(String, Timestamp)> {
    let event = answer.list("Events").first()?;
    let at = match event.get("EventTime")? {
        Value::Number(seconds) => seconds.as_f64().and_then(|seconds| format!("{seconds:.0}").parse().ok()),
        _ => None,
    };
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let by = text("Username").map(|user| format!("` by `{user}")).unwrap_or_default();
    Some((format!("{}{by}", text("EventName").unwrap_or("an event")), Timestamp::from_second(at?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::deployed::tests::{answer, deployed};
    use crate::doctor::line::State;
    use serde_json::json;

    const REGION: &str = "eu-west-1";

    fn now() -> Timestamp {
        Timestamp::from_second(1_000_000_000).unwrap()
    }

    fn known(body: Value) -> Observed<Answer> {
        Observed::Known(answer(body))
    }

    fn hub(is_hub: bool, spokes: &str) -> Deployed {
        let equals = if is_hub { "1" } else { "2" };
        let template = json!({"Parameters": {"Spokes": {"Type": "String", "Default": spokes}}, "Conditions": {"IsHub": {"Fn::Equals": ["1", equals]}},
            "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}});
        deployed(&template, &[("Topic", "t")])
    }

    fn event(seconds_ago: i64) -> Observed<Answer> {
        known(
            json!({"Events": [{"EventName": "RunInstances", "Username": "eve", "EventTime": now().as_second() - seconds_ago}]}),
        )
    }

    fn said(
        global: Observed<Answer>,
        third: Observed<Answer>,
        events: Observed<Answer>,
        own: Deployed,
    ) -> Vec<(State, String)> {
        let regions =
            json!({"regionInfo": [{"regionName": REGION}, {"regionName": "us-east-1"}, {"regionName": "ap-south-1"}]});
        let answers = Answers::default()
            .with(&calls::describe_regions(REGION), known(regions))
            .with(&calls::describe_stacks(REGION, "parapet"), known(json!({})))
            .with(&calls::describe_stacks("us-east-1", "parapet"), global)
            .with(&calls::describe_stacks("ap-south-1", "parapet"), third)
            .with(&calls::lookup_events("ap-south-1"), events);
        judge(REGION, "parapet", &[own], &answers, now()).into_iter().map(|line| (line.state, line.says)).collect()
    }

    #[test]
    fn a_region_in_use_without_a_deployment_is_named() {
        let (here, gone) = (|| known(json!({})), || Observed::Absent);
        let none = || known(json!({"Events": []}));
        let unknown = || Observed::Unknown { why: "the role lacks it".to_owned() };
        let alone = || hub(false, "");
        for (global, third, events, own, state, part) in [
            (here(), gone(), none(), alone(), State::Ok, "2 regions with a deployment, 1 without"),
            (here(), here(), none(), alone(), State::Ok, "3 regions"),
            (here(), gone(), event(3600), alone(), State::Fault, "`RunInstances` by `eve`"),
            (here(), gone(), event(3600), hub(false, "111122223333/ap-south-1"), State::Ok, "3 regions"),
            (here(), gone(), event(3600), hub(false, "999988887777/ap-south-1"), State::Fault, "RunInstances"),
            (here(), gone(), event(30 * 86_400), alone(), State::Ok, "1 without"),
            (gone(), gone(), none(), alone(), State::Fault, "global services"),
            (gone(), gone(), none(), hub(true, ""), State::Unknown, "not called"),
            (here(), unknown(), none(), alone(), State::Unknown, "lacks"),
            (here(), gone(), unknown(), alone(), State::Unknown, "lacks"),
        ] {
            let said = said(global, third, events, own);
            assert!(matches!(&*said, [(found, says)] if *found == state && says.contains(part)), "{part}: {said:?}");
        }
    }

    #[test]
    fn regions_that_are_not_known_are_not_none() {
        let seen = |answer: Observed<Answer>| {
            judge(REGION, "parapet", &[], &Answers::default().with(&calls::describe_regions(REGION), answer), now())
        };
        assert_eq!(seen(known(json!({})))[0].state, State::Unknown);
        assert_eq!(seen(Observed::Unknown { why: "x".to_owned() })[0].state, State::Unknown);
    }
}
