//! Makes a finding's JSON fit into a message: what is least missed goes first, and what went is named.

use super::escape::shorten;
use serde_json::{Value, json};

/// How short texts (in characters) and lists get, one after the other. Ids and captions are shorter than the last.
const CUTS: [(usize, usize); 3] = [(2_048, 200), (512, 50), (64, 5)];

/// The event as text of at most `most` bytes, counted as SNS counts it: as a JSON string within JSON.
///
/// First the states after and before the change give way, then long texts and lists. A command line is taken out whole,
/// for half of one could be run. `unmapped.truncated` names what is missing. Whatever happens it is valid JSON.
#[must_use]
pub fn fit(mut event: Value, most: usize) -> String {
    let mut gone = Vec::new();
    for state in ["after", "before"] {
        if fits(&event, most) {
            return event.to_string();
        }
        if let Some(state) = event.pointer_mut(&format!("/unmapped/{state}")) {
            *state = json!({ "truncated": true, "bytes": weight(state) });
        }
        gone.push(state);
        note(&mut event, &gone);
    }
    gone.push("texts");
    for (length, elements) in CUTS {
        if fits(&event, most) {
            break;
        }
        shrink(&mut event, length, elements);
        note(&mut event, &gone);
    }
    event.to_string()
}

/// Most of what does not fit is seen by its weight, without being written down.
fn fits(event: &Value, most: usize) -> bool {
    weight(event) <= most && quoted_length(&event.to_string()) <= most
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

fn note(event: &mut Value, gone: &[&str]) {
    if let Some(unmapped) = event.get_mut("unmapped").and_then(Value::as_object_mut) {
        unmapped.insert("truncated".to_owned(), json!(gone));
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
    fn a_state_that_is_left_out_says_how_large_it_was_and_a_command_is_never_halved() {
        let fitted: Value = serde_json::from_str(&fit(event(10_000, 10_000), 2_000)).unwrap();
        assert_eq!(fitted["unmapped"]["before"], json!({ "truncated": true, "bytes": 10_000 }));
        assert_eq!(fitted["unmapped"]["steps"][0]["command"], "(too long: 10000 bytes)");
        assert!(fitted["unmapped"]["steps"][0]["action"].as_str().unwrap().ends_with("..."));
    }
}
