//! What CloudWatch counts, as lines in its embedded metric format, which the functions write to their log.
//!
//! Source: "Specification: Embedded metric format" in the Amazon CloudWatch user guide. Lambda hands a line of JSON with the
//! member `_aws` to CloudWatch, which makes metrics of it without a call.

use crate::engine::finding::{Finding, Outcome};
use crate::engine::verdict::VerdictKind;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Parapet";

/// What is open, or may be, that the policy wants closed: the alarm is on this one ([`Finding::stayed_open`]).
pub const STAYED_OPEN: &str = "StayedOpen";

/// A sweep that saw all there is: an alarm is on its absence.
pub const SWEEPS_COMPLETED: &str = "SweepsCompleted";

/// Whose metrics they are. Each combination of dimensions costs by the hours in which it is counted, so few are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The function's name, a dimension of all metrics.
    pub function: String,
    /// The stack, the one dimension of what alarms are on: an alarm for all functions costs as much as one for each of them.
    pub stack: Option<String>,
    /// Whether violations are counted by guardrail, too.
    pub by_guardrail: bool,
}

/// One event was taken up by the function.
#[must_use]
pub fn event(source: &Source, now: Timestamp) -> Value {
    line(
        now,
        &[Set { dimensions: &["Function"], metrics: &["Events"] }],
        &[("Function", &source.function)],
        &[("Events", "Count", 1.0)],
    )
}

/// A sweep of the function has seen everything. None where no stack is named: then nothing looks for it.
#[must_use]
pub fn sweep_completed(source: &Source, now: Timestamp) -> Option<Value> {
    let sets = [Set { dimensions: &["Stack"], metrics: &[SWEEPS_COMPLETED] }];
    let dimensions = [("Stack", source.stack.as_deref()?), ("Function", source.function.as_str())];
    Some(line(now, &sets, &dimensions, &[(SWEEPS_COMPLETED, "Count", 1.0)]))
}

/// What a finding counts for. None for what is compliant.
///
/// `ContainmentFromEvent` is the time from `eventTime` (to the second) to the answer of the closing call,
/// `ContainmentFromInvocation` from when the function got to know; both only where something was closed.
#[must_use]
pub fn finding(source: &Source, finding: &Finding, now: Timestamp) -> Option<Value> {
    let word = match finding.verdict {
        VerdictKind::Violation => "Violations",
        VerdictKind::Undetermined => "Undetermined",
        VerdictKind::Compliant => return None,
    };
    let mut metrics = vec![(word, "Count", 1.0)];
    metrics.extend(outcome(finding.outcome).map(|name| (name, "Count", 1.0)));
    metrics.extend(finding.stayed_open().then_some((STAYED_OPEN, "Count", 1.0)));
    if let Some(contained) = finding.times.contained {
        let milliseconds = |from: Timestamp| contained.duration_since(from).as_secs_f64().max(0.0) * 1_000.0;
        metrics.push(("ContainmentFromEvent", "Milliseconds", milliseconds(finding.times.event)));
        metrics.push(("ContainmentFromInvocation", "Milliseconds", milliseconds(finding.times.received)));
    }
    let names: Vec<&str> = metrics.iter().map(|(name, ..)| *name).collect();
    let mut sets = vec![Set { dimensions: &["Function"], metrics: &names }];
    let mut dimensions = vec![("Function", source.function.as_str()), ("Guardrail", finding.guardrail.name)];
    if let Some(stack) = &source.stack {
        dimensions.push(("Stack", stack));
        if finding.stayed_open() {
            sets.push(Set { dimensions: &["Stack"], metrics: &[STAYED_OPEN] });
        }
    }
    if source.by_guardrail && finding.verdict == VerdictKind::Violation {
        sets.push(Set { dimensions: &["Function", "Guardrail"], metrics: &["Violations"] });
    }
    let mut line = line(now, &sets, &dimensions, &metrics);
    if let Some(map) = line.as_object_mut() {
        // To find the other lines about it; no metric.
        map.insert("finding_id".to_owned(), finding.id.to_string().into());
    }
    Some(line)
}

fn outcome(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Remediated => Some("Remediations"),
        Outcome::Partial | Outcome::Failed => Some("Failures"),
        Outcome::BreakerOpen => Some("BreakerOpen"),
        Outcome::Flapping => Some("Feuds"),
        Outcome::AlreadyCompliant
        | Outcome::Gone
        | Outcome::Notified
        | Outcome::Exempt
        | Outcome::Skipped
        | Outcome::Undone => None,
    }
}

/// Some of a line's metrics, counted by these dimensions.
struct Set<'a> {
    dimensions: &'a [&'a str],
    metrics: &'a [&'a str],
}

fn line(now: Timestamp, sets: &[Set<'_>], dimensions: &[(&str, &str)], metrics: &[(&str, &str, f64)]) -> Value {
    let directive = |set: &Set<'_>| {
        let own = metrics.iter().filter(|(name, ..)| set.metrics.contains(name));
        let definitions: Vec<Value> = own.map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
        json!({ "Namespace": NAMESPACE, "Dimensions": [set.dimensions], "Metrics": definitions })
    };
    let directives: Vec<Value> = sets.iter().map(directive).collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": directives,
        }),
    );
    line.extend(dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())));
    line.extend(metrics.iter().map(|(name, _, value)| ((*name).to_owned(), (*value).into())));
    line.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::sample;
    use crate::policy::Mode;
    use rstest::rstest;

    /// "The embedded metric format specification": every metric and every dimension is a member of the root.
    fn is_whole(line: &Value) {
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
            let metrics = directive["Metrics"].as_array().unwrap();
            let is_there = |metric: &Value| line[metric["Name"].as_str().unwrap()].is_number();
            assert!(!metrics.is_empty() && metrics.iter().all(is_there), "{line}");
            for set in directive["Dimensions"].as_array().unwrap() {
                let set = set.as_array().unwrap();
                assert!(!set.is_empty() && set.iter().all(|name| line[name.as_str().unwrap()].is_string()), "{line}");
            }
        }
        assert!(line["_aws"]["Timestamp"].is_i64());
    }

    fn source(stack: Option<&str>, by_guardrail: bool) -> Source {
        Source { function: "parapet-security-group".to_owned(), stack: stack.map(str::to_owned), by_guardrail }
    }

    /// Each metric with its dimensions, as CloudWatch counts and bills them.
    fn counted(line: &Value) -> Vec<String> {
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap().iter();
        let mut all: Vec<String> = directives
            .flat_map(|directive| {
                let by = directive["Dimensions"].to_string();
                let metrics = directive["Metrics"].as_array().unwrap().iter();
                metrics.map(move |metric| format!("{} {by}", metric["Name"].as_str().unwrap())).collect::<Vec<_>>()
            })
            .collect();
        all.sort();
        all
    }

    #[test]
    fn a_guardrail_is_a_dimension_where_that_is_asked_for_and_of_violations_alone() {
        let denied = sample::denied();
        let of = |source: &Source| counted(&finding(source, &denied, denied.times.received).unwrap());
        let by_function =
            [r#"Failures [["Function"]]"#, r#"StayedOpen [["Function"]]"#, r#"Violations [["Function"]]"#];
        assert_eq!(of(&source(None, false)), by_function);
        let in_a_stack = of(&source(Some("parapet"), true));
        let beside: Vec<&String> = in_a_stack.iter().filter(|one| !by_function.contains(&one.as_str())).collect();
        assert_eq!(beside, [r#"StayedOpen [["Stack"]]"#, r#"Violations [["Function","Guardrail"]]"#]);
    }

    #[test]
    fn a_completed_sweep_counts_for_its_stack() {
        let now = sample::remediated().times.received;
        assert_eq!(sweep_completed(&source(None, false), now), None);
        let line = sweep_completed(&source(Some("parapet"), false), now).unwrap();
        is_whole(&line);
        assert_eq!(counted(&line), [r#"SweepsCompleted [["Stack"]]"#]);
        assert_eq!(line["Stack"], "parapet");
    }

    #[test]
    fn a_remediation_counts_with_its_times() {
        let remediated = sample::remediated();
        let line = finding(&source(Some("parapet"), true), &remediated, remediated.times.received).unwrap();
        is_whole(&line);
        assert_eq!((&line["Remediations"], &line["Violations"]), (&json!(1.0), &json!(1.0)));
        assert_eq!(line["ContainmentFromEvent"], 8_400.0);
        assert!((line["ContainmentFromInvocation"].as_f64().unwrap() - 300.0).abs() < 1.0);
    }

    /// Each way in which something stays open sets the alarm off, and nothing else does.
    #[rstest]
    #[case::failed(sample::denied(), true)]
    #[case::done_in_part(sample::partial(), true)]
    #[case::skipped(sample::skipped(), true)]
    #[case::suspended_by_the_breaker(Finding { outcome: Outcome::BreakerOpen, ..sample::denied() }, true)]
    #[case::suspended_by_flapping(Finding { outcome: Outcome::Flapping, ..sample::denied() }, true)]
    #[case::unknown_where_it_would_be_enforced(Finding { mode: Mode::Enforce, ..sample::undetermined() }, true)]
    #[case::unknown_where_nothing_would_be_done(Finding { mode: Mode::Notify, ..sample::undetermined() }, false)]
    #[case::remediated(sample::remediated(), false)]
    #[case::only_notified(sample::notified(), false)]
    #[case::exempt(sample::exempt(), false)]
    fn what_stays_open_sets_the_alarm_off(#[case] found: Finding, #[case] expected: bool) {
        let line = finding(&source(Some("parapet"), false), &found, found.times.received).unwrap();
        assert_eq!(line.get(STAYED_OPEN).is_some(), expected, "{line}");
        is_whole(&line);
    }

    #[test]
    fn what_failed_counts_and_what_is_compliant_does_not() {
        let denied = sample::denied();
        assert_eq!(finding(&source(Some("parapet"), false), &denied, denied.times.received).unwrap()["Failures"], 1.0);
        let mut compliant = sample::already_compliant();
        compliant.verdict = VerdictKind::Compliant;
        assert_eq!(finding(&source(Some("parapet"), false), &compliant, compliant.times.received), None);
        is_whole(&event(&source(None, false), denied.times.received));
    }
}
