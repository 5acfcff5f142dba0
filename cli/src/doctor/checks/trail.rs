//! Trails: EventBridge receives API calls of a region only if a trail there logs management events that write, and it logs ("AWS service events delivered via AWS
//! CloudTrail", EventBridge user guide). IAM's and other global services' arrive in one region of the partition.

use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call};
use crate::doctor::line::{Check, Line};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::resources::cloudtrail::trail::selectors::Selectors;

/// What is asked of a region.
#[must_use]
pub fn asks(region: &str) -> Vec<Call> {
    vec![calls::describe_trails(region)]
}

/// What is asked of the trails that were found: where they are from.
#[must_use]
pub fn more(region: &str, answers: &Answers) -> Vec<Call> {
    let Some(listed) = answers.of(&calls::describe_trails(region)).known().copied() else { return Vec::new() };
    let of = |trail: &Value| {
        let (arn, home) = place(trail)?;
        Some([calls::get_trail_status(home, arn), calls::get_event_selectors(home, arn)])
    };
    listed.list("trailList").iter().filter_map(of).flatten().collect()
}

fn place(trail: &Value) -> Option<(&str, &str)> {
    let arn = trail.get("TrailARN").and_then(Value::as_str)?;
    Some((arn, trail.get("HomeRegion").and_then(Value::as_str).or_else(|| arn.split(':').nth(3))?))
}

/// Why a trail does not bring what the guardrails wait for.
enum Short {
    Is(String),
    MayBe(String),
}

/// The lines of a region. `is_global` where the events of global services arrive.
#[must_use]
pub fn judge(region: &str, is_global: bool, answers: &Answers) -> Vec<Line> {
    let mut check = Check::new("trail", region);
    let call = calls::describe_trails(region);
    let Some(listed) = check.need(answers, &call, region) else { return check.lines() };
    let Some(trails) = listed.body.get("trailList").and_then(Value::as_array) else {
        check.unknown(region, "the answer shows no list of trails");
        return check.lines();
    };
    let mut short = Vec::new();
    for trail in trails {
        let Some((arn, home)) = place(trail) else {
            short.push((region, Short::MayBe("the answer shows a trail without its ARN".to_owned())));
            continue;
        };
        match shortcoming(trail, (home, arn), is_global, answers) {
            None => {
                let global = if is_global { ", those of global services too" } else { "" };
                return check.or_well(format!("`{arn}` logs the management events of {region}{global}"));
            }
            Some(why) => short.push((arn, why)),
        }
    }
    const MEND: &str = "start its logging, and let it log all management events, or make a multi-region trail: without one no event arrives";
    if trails.is_empty() {
        check.fault(
            region,
            "no trail logs here: EventBridge receives no API call",
            "make a multi-region trail that logs management events",
        );
    }
    // One that may do is not known to: what is known of the others is no fault then.
    let may_be = short.iter().any(|(_, why)| matches!(why, Short::MayBe(_)));
    for (arn, why) in short {
        match why {
            Short::MayBe(why) => check.unknown(arn, why),
            Short::Is(why) if may_be => check.unsure(arn, why, MEND),
            Short::Is(why) => check.fault(arn, why, MEND),
        }
    }
    check.lines()
}

fn shortcoming(trail: &Value, (home, arn): (&str, &str), is_global: bool, answers: &Answers) -> Option<Short> {
    if is_global && trail.get("IncludeGlobalServiceEvents").and_then(Value::as_bool) == Some(false) {
        return Some(Short::Is("it does not log the events of global services (IAM, sign-ins)".to_owned()));
    }
    let gone = || Some(Short::Is("it was deleted meanwhile".to_owned()));
    let status = match answers.of(&calls::get_trail_status(home, arn)) {
        Observed::Known(status) => status,
        Observed::Absent => return gone(),
        Observed::Unknown { why } => return Some(Short::MayBe(why)),
    };
    match status.body.get("IsLogging").and_then(Value::as_bool) {
        Some(true) => {}
        Some(false) => return Some(Short::Is("its logging is stopped".to_owned())),
        None => return Some(Short::MayBe("the answer does not show whether it logs".to_owned())),
    }
    if let Some(error) = status.text("LatestDeliveryError").filter(|error| !error.is_empty()) {
        return Some(Short::Is(format!("CloudTrail cannot deliver its log files (`{error}`)")));
    }
    let selectors = match answers.of(&calls::get_event_selectors(home, arn)) {
        Observed::Known(answer) => Selectors::read(&answer.body),
        Observed::Absent => return gone(),
        Observed::Unknown { why } => return Some(Short::MayBe(why)),
    };
    let Some(selectors) = selectors else {
        return Some(Short::MayBe("the answer does not show its event selectors".to_owned()));
    };
    let writes =
        json!({"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true, "ExcludeManagementEventSources": []});
    let missing = selectors.missing(&Selectors { basic: vec![writes], advanced: Vec::new() });
    let what = || format!("it does not log all management events that write: {selectors}");
    (!missing.is_empty()).then(|| Short::Is(what()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::line::State;
    use crate::doctor::tests::answer;
    use shared::engine::request::Answer;

    const ARN: &str = "arn:aws:cloudtrail:us-east-1:111122223333:trail/all";
    const REGION: &str = "eu-west-1";

    fn trail() -> Value {
        json!({"TrailARN": ARN, "HomeRegion": "us-east-1", "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": true})
    }

    fn seen(trails: &[Value], status: Observed<Answer>, selectors: Observed<Answer>) -> Vec<(State, String)> {
        let answers = Answers::default()
            .with(&calls::describe_trails(REGION), Observed::Known(answer(json!({"trailList": trails}))))
            .with(&calls::get_trail_status("us-east-1", ARN), status)
            .with(&calls::get_event_selectors("us-east-1", ARN), selectors);
        judge(REGION, true, &answers).into_iter().map(|line| (line.state, line.says)).collect()
    }

    fn status(body: Value) -> Observed<Answer> {
        Observed::Known(answer(body))
    }

    fn basic(selector: Value) -> Observed<Answer> {
        Observed::Known(answer(json!({"EventSelectors": [selector]})))
    }

    fn all() -> Observed<Answer> {
        basic(json!({"ReadWriteType": "All", "IncludeManagementEvents": true}))
    }

    fn unknown() -> Observed<Answer> {
        Observed::Unknown { why: "the role lacks it".to_owned() }
    }

    #[test]
    fn a_trail_that_logs_what_is_needed_is_enough() {
        let logging = || status(json!({"IsLogging": true}));
        let writes = basic(json!({"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}));
        let advanced = Observed::Known(answer(json!({"AdvancedEventSelectors": [
            {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]})));
        for selectors in [all(), writes, advanced] {
            let said = seen(&[trail()], logging(), selectors);
            assert!(matches!(&*said, [(State::Ok, says)] if says.contains(ARN)), "{said:?}");
        }
    }

    #[test]
    fn each_way_to_bring_no_event_is_named() {
        let logging = || status(json!({"IsLogging": true}));
        let without_global = {
            let mut one = trail();
            one["IncludeGlobalServiceEvents"] = false.into();
            one
        };
        let reads = basic(json!({"ReadWriteType": "ReadOnly", "IncludeManagementEvents": true}));
        let data = basic(json!({"ReadWriteType": "All", "IncludeManagementEvents": false}));
        let without_kms = basic(
            json!({"ReadWriteType": "All", "IncludeManagementEvents": true, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}),
        );
        let broken = status(json!({"IsLogging": true, "LatestDeliveryError": "AccessDenied"}));
        for (trails, status, selectors, state, part) in [
            (vec![], logging(), all(), State::Fault, "no trail logs here"),
            (vec![without_global], logging(), all(), State::Fault, "global services"),
            (vec![trail()], status(json!({"IsLogging": false})), all(), State::Fault, "stopped"),
            (vec![trail()], broken, all(), State::Fault, "AccessDenied"),
            (vec![trail()], logging(), reads, State::Fault, "that write"),
            (vec![trail()], logging(), data, State::Fault, "that write"),
            (vec![trail()], logging(), without_kms, State::Fault, "that write"),
            (vec![trail()], Observed::Absent, all(), State::Fault, "deleted"),
            (vec![trail()], unknown(), all(), State::Unknown, "lacks"),
            (vec![trail()], status(json!({})), all(), State::Unknown, "does not show"),
            (vec![trail()], logging(), unknown(), State::Unknown, "lacks"),
            (vec![trail()], logging(), status(json!({})), State::Unknown, "selectors"),
            (vec![json!({})], logging(), all(), State::Unknown, "without its ARN"),
        ] {
            let said = seen(&trails, status, selectors);
            assert!(matches!(&*said, [(found, says)] if *found == state && says.contains(part)), "{part}: {said:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_one_trail_does_not_count_where_another_may_do() {
        let other =
            json!({"TrailARN": "arn:aws:cloudtrail:us-east-1:999988887777:trail/org", "HomeRegion": "us-east-1"});
        let said = seen(&[trail(), other], status(json!({"IsLogging": false})), all());
        assert!(said.iter().all(|(state, _)| *state == State::Unknown) && said.len() == 2, "{said:?}");
    }

    #[test]
    fn the_home_region_of_each_trail_is_asked() {
        let listed = Observed::Known(answer(json!({"trailList": [trail()]})));
        let asked = more(REGION, &Answers::default().with(&calls::describe_trails(REGION), listed));
        assert_eq!(asked, [calls::get_trail_status("us-east-1", ARN), calls::get_event_selectors("us-east-1", ARN)]);
        assert!(more(REGION, &Answers::default()).is_empty());
    }
}
