//! Where in a JSON value the records are, however many tools have wrapped them.
//!
//! Texts are looked into when they hold JSON, or base64 of it, packed or not: CloudWatch Logs packs what it delivers to
//! Lambda and Kinesis, queues and topics carry bodies as text, SIEMs keep the original beside their own fields. What is
//! found is a leaf: the parameters of a call may hold anything, and are never searched.

mod base64;
mod shapes;
#[cfg(test)]
mod tests;

use super::record::Delivery;
use serde_json::{Deserializer, Map, Value};
use shapes::{is_envelope, is_from_cloudtrail, is_insight, is_record, merged, rows_of_athena};

/// Levels of objects, lists and texts in each other. A record that a queue got from a topic, from a failed invocation, from
/// CloudWatch Logs lies under sixteen.
const DEEPEST: usize = 48;
/// Bytes of texts in texts, unpacked, that one object may hold.
const LARGEST: usize = 128 * 1024 * 1024;
/// Where tools keep the record as it came, beside fields of their own that are named like the record's.
const ORIGINALS: &[&str] =
    &["_raw", "@message", "message", "CloudTrailEvent", "eventJson", "event.original", "original"];

/// What was found in a value.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The records, each in its envelope; other things that EventBridge delivers as well.
    pub(crate) deliveries: Vec<Delivery>,
    /// Events of CloudTrail Insights: they say that calls were unusual, not what changed.
    pub(crate) insights: u64,
    /// What hides records, or may: a text that is cut off, a depth or a size that is beyond the bounds.
    pub(crate) lost: Option<String>,
}

/// Everything in the value that is an event.
pub(crate) fn find(value: Value) -> Found {
    find_within(value, LARGEST)
}

fn find_within(value: Value, most: usize) -> Found {
    let mut search = Search { found: Found::default(), most, left: most };
    search.value(value, 0);
    search.found
}

struct Search {
    found: Found,
    /// Bytes of texts that may be read.
    most: usize,
    /// What is left of them.
    left: usize,
}

impl Search {
    fn value(&mut self, value: Value, depth: usize) {
        if depth > DEEPEST {
            self.lost(format!("nested deeper than {DEEPEST} levels"));
            return;
        }
        match value {
            Value::Array(items) => match merged(&items) {
                // A row of a query's result, column by column.
                Some(row) => self.object(row, depth),
                None => items.into_iter().for_each(|item| self.value(item, depth + 1)),
            },
            Value::Object(map) => self.object(map, depth),
            Value::String(text) => self.text(&text, depth),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn object(&mut self, map: Map<String, Value>, depth: usize) {
        if is_envelope(&map) {
            return self.envelope(map, depth);
        }
        if is_insight(&map) {
            self.found.insights += 1;
            return;
        }
        if is_record(&map) {
            if !self.original(&map, depth) {
                self.found.deliveries.push(Delivery::of_record(map));
            }
            return;
        }
        if let Some(rows) = rows_of_athena(&map) {
            return rows.into_iter().for_each(|row| self.object(row, depth + 1));
        }
        // The same record under two keys (`message` and `event.original`) is one.
        let first = self.found.deliveries.len();
        for (_, inner) in map {
            let known = self.found.deliveries.len();
            self.value(inner, depth + 1);
            const FEW: usize = 64;
            if (1..=FEW).contains(&(known - first)) && self.found.deliveries.len() - known <= FEW {
                let more = self.found.deliveries.split_off(known);
                let known = self.found.deliveries.get(first..).unwrap_or_default();
                let more: Vec<Delivery> = more.into_iter().filter(|one| !known.contains(one)).collect();
                self.found.deliveries.extend(more);
            }
        }
    }

    fn envelope(&mut self, mut map: Map<String, Value>, depth: usize) {
        if let Some(Value::String(text)) = map.get("detail")
            && let Ok(detail @ Value::Object(_)) = serde_json::from_str(text)
        {
            map.insert("detail".to_owned(), detail);
        }
        let detail = map.get("detail").and_then(Value::as_object);
        if detail.is_some_and(is_insight) {
            self.found.insights += 1;
        } else if is_from_cloudtrail(&map) || detail.is_some_and(is_record) {
            self.found.deliveries.push(Delivery::of_envelope(map));
        } else {
            // Lambda's destinations hand a failed event to a bus in an envelope of their own.
            let known = self.found.deliveries.len();
            self.value(map.get("detail").cloned().unwrap_or_default(), depth + 1);
            if self.found.deliveries.len() == known {
                self.found.deliveries.push(Delivery::of_envelope(map));
            }
        }
    }

    /// Takes the record as it came, where a tool has kept it; false when it has not.
    fn original(&mut self, map: &Map<String, Value>, depth: usize) -> bool {
        let known = self.found.deliveries.len();
        ORIGINALS.iter().any(|key| {
            let Some(Value::String(text)) = map.get(*key) else { return false };
            self.text(text, depth + 1);
            self.found.deliveries.len() > known
        })
    }

    fn text(&mut self, text: &str, depth: usize) {
        let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        match text.bytes().next() {
            Some(b'{' | b'[' | b'"') => self.json(text, depth),
            Some(_) if base64::is_likely(text) => match base64::unpacked(text, self.left) {
                Ok(Some(inner)) => self.text(&inner, depth + 1),
                Ok(None) => {}
                Err(why) => self.lost(why.to_string()),
            },
            // A line of a log: `<134>1 2026-01-01T00:00:00Z host cloudtrail: {...}`
            Some(_) if shows_record(text) => {
                if let Some(start) = text.find('{') {
                    self.json(text.get(start..).unwrap_or_default(), depth);
                }
            }
            Some(_) | None => {}
        }
    }

    /// Values one after the other: Firehose puts lines together.
    fn json(&mut self, text: &str, depth: usize) {
        let Some(left) = self.left.checked_sub(text.len()) else {
            self.lost(format!("the texts in it are larger than {} bytes", self.most));
            return;
        };
        self.left = left;
        let known = self.found.deliveries.len();
        for value in Deserializer::from_str(text).into_iter::<Value>() {
            match value {
                // A text that is nothing but text ends here.
                Ok(Value::String(inner)) if inner.len() >= text.len() => break,
                Ok(value) => self.value(value, depth + 1),
                Err(error) => {
                    if shows_record(text) && self.found.deliveries.len() == known {
                        self.lost(format!("a text that holds a record is no whole JSON: {error}"));
                    }
                    break;
                }
            }
        }
    }

    fn lost(&mut self, why: String) {
        self.found.lost.get_or_insert(why);
    }
}

/// Whether a text names what every record has.
fn shows_record(text: &str) -> bool {
    text.contains("eventSource") || text.contains("eventsource")
}
