//! What CloudWatch counts, as lines in its embedded metric format, which the functions write to their log.
//!
//! Source: "Specification: Embedded metric format" in the Amazon CloudWatch user guide. Lambda hands a line of JSON with the
//! member `_aws` to CloudWatch, which makes metrics of it without a call.

use crate::finding::{Finding, Outcome};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Parapet";

/// What is open, or may be, that the policy wants closed: the alarm is on this one ([`Finding::stayed_open`]).
pub const STAYED_OPEN: &str = "StayedOpen";

/// One event was taken up by the function.
#[must_use]
pub fn event(function: &str, now: Timestamp) -> Value {
    line(now, &[&["Function"]], &[("Function", function)], &[("Events", "Count", 1.0)])
}

/// What a finding counts for. None for what is compliant.
///
/// `ContainmentFromEvent` is the time from `eventTime` (to the second) to the answer of the closing call,
/// `ContainmentFromInvocation` from when the function got to know; both only where something was closed.
#[must_use]
pub fn finding(function: &str, finding: &Finding, now: Timestamp) -> Option<Value> {
    let word = match finding.verdict {
        "violation" => "Violations",
        "undetermined" => "Undetermined",
        _ => return None,
    };
    let mut metrics = vec![(word, "Count", 1.0)];
    metrics.extend(outcome(finding.outcome).map(|name| (name, "Count", 1.0)));
    metrics.extend(finding.stayed_open().then_some((STAYED_OPEN, "Count", 1.0)));
    if let Some(contained) = finding.times.contained {
        let milliseconds = |from: Timestamp| contained.duration_since(from).as_secs_f64().max(0.0) * 1_000.0;
        metrics.push(("ContainmentFromEvent", "Milliseconds", milliseconds(finding.times.event)));
        metrics.push(("ContainmentFromInvocation", "Milliseconds", milliseconds(finding.times.received)));
    }
    let dimensions = [("Function", function), ("Guardrail", finding.guardrail.name)];
    let mut line = line(now, &[&["Function"], &["Function", "Guardrail"]], &dimensions, &metrics);
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
        Outcome::Feud => Some("Feuds"),
        Outcome::AlreadyCompliant
        | Outcome::Gone
        | Outcome::Notified
        | Outcome::Exempt
        | Outcome::Skipped
        | Outcome::Undone => None,
    }
}

fn line(now: Timestamp, sets: &[&[&str]], dimensions: &[(&str, &str)], metrics: &[(&str, &str, f64)]) -> Value {
    let definitions: Vec<Value> = metrics.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": sets, "Metrics": definitions }],
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
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let metrics = directive["Metrics"].as_array().unwrap();
        assert!(!metrics.is_empty() && metrics.iter().all(|metric| line[metric["Name"].as_str().unwrap()].is_number()));
        for set in directive["Dimensions"].as_array().unwrap() {
            assert!(set.as_array().unwrap().iter().all(|name| line[name.as_str().unwrap()].is_string()));
        }
        assert!(line["_aws"]["Timestamp"].is_i64());
    }

    #[test]
    fn a_remediation_counts_with_its_times() {
        let remediated = sample::remediated();
        let line = finding("parapet-security-group", &remediated, remediated.times.received).unwrap();
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
    #[case::suspended_by_flapping(Finding { outcome: Outcome::Feud, ..sample::denied() }, true)]
    #[case::unknown_where_it_would_be_enforced(Finding { mode: Mode::Enforce, ..sample::undetermined() }, true)]
    #[case::unknown_where_nothing_would_be_done(Finding { mode: Mode::Notify, ..sample::undetermined() }, false)]
    #[case::remediated(sample::remediated(), false)]
    #[case::only_notified(sample::notified(), false)]
    #[case::exempt(sample::exempt(), false)]
    fn what_stays_open_sets_the_alarm_off(#[case] found: Finding, #[case] expected: bool) {
        let line = finding("f", &found, found.times.received).unwrap();
        assert_eq!(line.get(STAYED_OPEN).is_some(), expected, "{line}");
        is_whole(&line);
    }

    #[test]
    fn what_failed_counts_and_what_is_compliant_does_not() {
        let denied = sample::denied();
        assert_eq!(finding("f", &denied, denied.times.received).unwrap()["Failures"], 1.0);
        let mut compliant = sample::already_compliant();
        compliant.verdict = "compliant";
        assert_eq!(finding("f", &compliant, compliant.times.received), None);
        is_whole(&event("f", denied.times.received));
    }
}
