//! What has changed about a resource since it was remediated, for the person that undoes it.

use crate::engine::observed::Observed;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What differs between the state that was seen after acting and the state now.
pub(super) fn differences<S: Serialize>(after: Option<&Value>, now: &Observed<S>) -> Vec<String> {
    let now = match now {
        Observed::Known(state) => match serde_json::to_value(state) {
            Ok(state) => state,
            Err(error) => return vec![format!("it cannot be compared: {error}")],
        },
        Observed::Absent => Value::Null,
        Observed::Unknown { why } => return vec![format!("it is unknown: {why}")],
    };
    match after {
        // What was deleted stays away until the undo restores it.
        None if now.is_null() => Vec::new(),
        None => vec!["its state after the remediation was not recorded".to_owned()],
        Some(after) => {
            let mut found = Vec::new();
            compare("", after, &now, &mut found);
            found
        }
    }
}

fn compare(path: &str, then: &Value, now: &Value, found: &mut Vec<String>) {
    /// A person reads this: more than these say that it is another resource by now.
    const MOST: usize = 20;
    if found.len() >= MOST || then == now {
        return;
    }
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (then, now) {
        (Value::Object(then), Value::Object(now)) => {
            let keys: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
            for key in keys {
                let side = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                compare(&below(key), &side(then), &side(now), found);
            }
        }
        (Value::Array(then), Value::Array(now)) => {
            let only = |mine: &[Value], other: &[Value]| -> Vec<String> {
                mine.iter().filter(|item| !other.contains(item)).map(short).collect()
            };
            found.extend(only(then, now).into_iter().map(|item| format!("{path}: {item} was removed")));
            found.extend(only(now, then).into_iter().map(|item| format!("{path}: {item} is new")));
        }
        _ => found.push(format!("{path}: {} was {}", short(now), short(then))),
    }
}

fn short(value: &Value) -> String {
    const LONGEST: usize = 400;
    let text = value.to_string();
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain("...".chars()).collect() }
}
