//! What a configuration recorder records: which types of resources, and how often.
//!
//! Sources: "RecordingGroup", "RecordingStrategy", "RecordingMode" (AWS Config API reference): a strategy decides where there is one; older recorders say
//! `allSupported` or list types.

use serde_json::Value;
use std::collections::BTreeSet;

/// Which types.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Types {
    /// All but these.
    AllBut(BTreeSet<String>),
    /// These.
    Only(BTreeSet<String>),
}

fn texts(value: &Value) -> BTreeSet<String> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn types(recorder: &Value) -> Types {
    let group = &recorder["recordingGroup"];
    // "By default, records all supported types".
    if group.is_null() || group["allSupported"].as_bool() == Some(true) {
        return Types::AllBut(BTreeSet::new());
    }
    match group.pointer("/recordingStrategy/useOnly").and_then(Value::as_str) {
        Some("ALL_SUPPORTED_RESOURCE_TYPES") => Types::AllBut(BTreeSet::new()),
        Some("EXCLUSION_BY_RESOURCE_TYPES") => {
            Types::AllBut(texts(group.pointer("/exclusionByResourceTypes/resourceTypes").unwrap_or(&Value::Null)))
        }
        _ => Types::Only(texts(&group["resourceTypes"])),
    }
}

/// Types that are recorded once a day alone; none where that is all of them.
fn daily(recorder: &Value) -> (bool, BTreeSet<String>) {
    let mode = &recorder["recordingMode"];
    let overrides = mode["recordingModeOverrides"].as_array().map_or(&[][..], Vec::as_slice);
    let of_day = overrides.iter().filter(|one| one["recordingFrequency"].as_str() == Some("DAILY"));
    (
        mode["recordingFrequency"].as_str() == Some("DAILY"),
        of_day.flat_map(|one| texts(&one["resourceTypes"])).collect(),
    )
}

/// What `now` records less than `before`, for a person.
#[must_use]
pub fn missing(before: &Value, now: &Value) -> Vec<String> {
    let list = |types: Vec<&String>| types.into_iter().map(|one| format!("it does not record `{one}`")).collect();
    let mut found: Vec<String> = match (types(before), types(now)) {
        (Types::AllBut(_), Types::Only(kept)) => {
            vec![format!("it records {} types instead of all", kept.len())]
        }
        (Types::AllBut(out), Types::AllBut(now)) => list(now.difference(&out).collect()),
        (Types::Only(kept), Types::Only(now)) => list(kept.difference(&now).collect()),
        (Types::Only(kept), Types::AllBut(out)) => list(kept.intersection(&out).collect()),
    };
    let is_global = |recorder: &Value| {
        recorder.pointer("/recordingGroup/includeGlobalResourceTypes").and_then(Value::as_bool) == Some(true)
    };
    let still_all = matches!(types(now), Types::AllBut(_));
    if is_global(before) && !is_global(now) && still_all {
        found.push("it does not record the types of global resources".to_owned());
    }
    let ((was_daily, of_before), (is_daily, of_now)) = (daily(before), daily(now));
    if is_daily && !was_daily {
        found.push("it records once a day instead of each change".to_owned());
    } else if !is_daily {
        found.extend(of_now.difference(&of_before).map(|one| format!("it records `{one}` once a day")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn all() -> Value {
        json!({"name": "default", "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": true}})
    }

    fn only(types: &[&str]) -> Value {
        json!({"recordingGroup": {"allSupported": false, "resourceTypes": types}})
    }

    fn all_but(types: &[&str]) -> Value {
        json!({"recordingGroup": {"allSupported": false, "exclusionByResourceTypes": {"resourceTypes": types},
            "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}, "includeGlobalResourceTypes": true}})
    }

    #[rstest]
    #[case::the_same(all(), all(), 0)]
    #[case::one_type(all(), only(&["AWS::EC2::Instance"]), 1)]
    #[case::more_types(only(&["A"]), only(&["A", "B"]), 0)]
    #[case::one_less(only(&["A", "B"]), only(&["A"]), 1)]
    #[case::all_instead(only(&["A", "B"]), all(), 0)]
    #[case::but_one(all(), all_but(&["AWS::IAM::Role"]), 1)]
    #[case::but_one_of_mine(only(&["A", "B"]), all_but(&["B", "C"]), 1)]
    #[case::as_before(all_but(&["A"]), all_but(&["A"]), 0)]
    #[case::no_global(all(), json!({"recordingGroup": {"allSupported": true}}), 1)]
    #[case::daily(all(), json!({"recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": true},
        "recordingMode": {"recordingFrequency": "DAILY"}}), 1)]
    #[case::one_daily(all(), json!({"recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": true},
        "recordingMode": {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides":
            [{"recordingFrequency": "DAILY", "resourceTypes": ["AWS::IAM::Role"]}]}}), 1)]
    fn what_is_recorded_less(#[case] before: Value, #[case] now: Value, #[case] less: usize) {
        assert_eq!(missing(&before, &now).len(), less, "{:?}", missing(&before, &now));
    }
}
