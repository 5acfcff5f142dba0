//! Makes a finding's JSON fit into a message: what is least missed goes first, and what went is named.

use crate::notify::escape::shorten;
use serde_json::{Value, json};

/// How short texts (in characters) and lists get, one after the other. Ids and captions are shorter than the last.
const CUTS: [(usize, usize); 3] = [(2_048, 200), (512, 50), (64, 5)];
/// No object of ours has as many keys: what has more holds names that a stranger chose, such as tags.
const KEYS: usize = 64;

/// Where the states stand, what else is cut, and how bytes are counted.
#[derive(Clone, Copy)]
struct Place {
    /// A JSON pointer to the object that holds `before`, `after` and `truncated`.
    home: &'static str,
    length: fn(&str) -> usize,
}

/// The event as text of at most `most` bytes, counted as SNS counts it: as a JSON string within JSON.
///
/// First the states after and before the change give way, then long texts and lists. A command line is taken out whole,
/// for half of one could be run. `unmapped.truncated` names what is missing. Whatever happens it is valid JSON.
#[must_use]
pub fn fit(event: Value, most: usize) -> String {
    cut(event, most, Place { home: "/unmapped", length: quoted_length })
}

/// The same for a finding in the ledger: as plain text, with `truncated` beside the states.
#[must_use]
pub fn fit_finding(finding: Value, most: usize) -> String {
    cut(finding, most, Place { home: "", length: str::len })
}

/// The same for what a notice says, as SNS counts it.
#[must_use]
pub fn fit_notice(notice: Value, most: usize) -> String {
    cut(notice, most, Place { home: "", length: quoted_length })
}

fn cut(mut event: Value, most: usize, place: Place) -> String {
    let mut gone = Vec::new();
    for state in ["after", "before"] {
        if fits(&event, most, place) {
            return event.to_string();
        }
        if let Some(state) = event.pointer_mut(&format!("{}/{state}", place.home)) {
            *state = json!({ "truncated": true, "bytes": weight(state) });
        }
        gone.push(state);
        note(&mut event, &gone, place);
    }
    gone.push("texts");
    for (length, elements) in CUTS {
        if fits(&event, most, place) {
            break;
        }
        shrink(&mut event, length, elements);
        note(&mut event, &gone, place);
    }
    event.to_string()
}

/// Most of what does not fit is seen by its weight, without being written down.
fn fits(event: &Value, most: usize, place: Place) -> bool {
    weight(event) <= most && (place.length)(&event.to_string()) <= most
}

/// The bytes of all keys and texts: less than what the JSON takes.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(weight).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + weight(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// The bytes that `text` takes as a JSON string, its quotes included.
#[must_use]
pub fn quoted_length(text: &str) -> usize {
    Value::from(text).to_string().len()
}

fn note(event: &mut Value, gone: &[&str], place: Place) {
    if let Some(home) = event.pointer_mut(place.home).and_then(Value::as_object_mut) {
        home.insert("truncated".to_owned(), json!(gone));
    }
}

fn shrink(value: &mut Value, length: usize, elements: usize) {
    match value {
        Value::String(text) => *text = shorten(text, length),
        Value::Array(list) => {
            list.truncate(elements);
            list.iter_mut().for_each(|element| shrink(element, length, elements));
        }
        Value::Object(map) => {
            let too_many: Vec<String> = map.keys().skip(KEYS).cloned().collect();
            for key in too_many {
                map.remove(&key);
            }
            for (key, value) in map.iter_mut() {
                let bytes = value.as_str().filter(|_| is_command(key)).map(str::len);
                match bytes.filter(|bytes| *bytes > length) {
                    Some(bytes) => *value = format!("(too long: {bytes} bytes)").into(),
                    None => shrink(value, length, elements),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_command(key: &str) -> bool {
    matches!(key, "command" | "undo_command")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn event(state: usize, text: usize) -> Value {
        json!({
            "uid": "99362bc6-fbb5-5bcf-b032-df4b9ead0f26",
            "unmapped": {
                "before": "b".repeat(state),
                "after": "a".repeat(state),
                "steps": [{ "command": "c".repeat(text), "action": "\u{0}".repeat(text) }],
            },
        })
    }

    #[rstest]
    #[case::small(event(10, 10), None)]
    #[case::one_state_too_many(event(3_000, 10), Some(json!(["after"])))]
    #[case::large_states(event(10_000, 10), Some(json!(["after", "before"])))]
    #[case::large_texts(event(10, 10_000), Some(json!(["after", "before", "texts"])))]
    #[case::a_megabyte_everywhere(event(1 << 20, 1 << 20), Some(json!(["after", "before", "texts"])))]
    fn what_is_least_missed_goes_first(#[case] event: Value, #[case] truncated: Option<Value>) {
        const MOST: usize = 5_000;
        let text = fit(event, MOST);
        assert!(quoted_length(&text) <= MOST);
        let fitted: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(fitted.pointer("/unmapped/truncated").cloned(), truncated);
        assert_eq!(fitted["uid"], "99362bc6-fbb5-5bcf-b032-df4b9ead0f26");
    }

    #[test]
    fn names_that_a_stranger_chose_are_cut_too() {
        let tags: serde_json::Map<String, Value> = (0..10_000).map(|n| (format!("tag-{n}"), "x".into())).collect();
        let mut event = event(10, 10);
        event["resources"] = json!([{ "labels": tags }]);
        let text = fit(event, 5_000);
        assert!(quoted_length(&text) <= 5_000, "{}", text.len());
        let fitted: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(fitted["unmapped"]["truncated"], json!(["after", "before", "texts"]));
    }

    #[test]
    fn a_finding_for_the_ledger_names_what_is_missing_at_its_top() {
        let finding = json!({ "id": "f", "before": "b".repeat(3_000), "after": "a", "reasons": ["r".repeat(5_000)] });
        let text = fit_finding(finding, 2_500);
        assert!(text.len() <= 2_500);
        let fitted: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(fitted["truncated"], json!(["after", "before", "texts"]));
        assert_eq!(fitted["before"]["bytes"], 3_000);
        assert_eq!(fitted["id"], "f");
    }

    #[test]
    fn a_state_that_is_left_out_says_how_large_it_was_and_a_command_is_never_halved() {
        let fitted: Value = serde_json::from_str(&fit(event(10_000, 10_000), 2_000)).unwrap();
        assert_eq!(fitted["unmapped"]["before"], json!({ "truncated": true, "bytes": 10_000 }));
        assert_eq!(fitted["unmapped"]["steps"][0]["command"], "(too long: 10000 bytes)");
        assert!(fitted["unmapped"]["steps"][0]["action"].as_str().unwrap().ends_with("..."));
    }
}
