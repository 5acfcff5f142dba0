//! An event as far as patterns look at it: nothing else has to be written out for the matcher.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// The fields that some pattern looks at, and within them; nothing within what is looked at as a whole.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<String, Keys>);

impl Keys {
    /// Takes in what a pattern looks at.
    pub(super) fn take(&mut self, pattern: &Value) {
        for (key, value) in pattern.as_object().into_iter().flatten() {
            match value {
                Value::Array(branches) if key == "$or" => branches.iter().for_each(|branch| self.take(branch)),
                inner => self.0.entry(key.clone()).or_default().take(inner),
            }
        }
    }

    /// The event's text, with these fields alone.
    pub(super) fn view(&self, event: &Value) -> Vec<u8> {
        serde_json::to_vec(&View { value: event, keys: self }).unwrap_or_default()
    }
}

struct View<'a> {
    value: &'a Value,
    keys: &'a Keys,
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = match self.value {
            Value::Object(fields) if !self.keys.0.is_empty() => fields,
            whole => return whole.serialize(serializer),
        };
        let mut map = serializer.serialize_map(None)?;
        for (key, keys) in &self.keys.0 {
            if let Some(value) = fields.get(key) {
                map.serialize_entry(key, &View { value, keys })?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_no_pattern_looks_at_is_left_out() {
        let mut keys = Keys::default();
        keys.take(&json!({"$or": [{"detail": {"$or": [{"a": ["1"]}, {"b": {"c": ["1"]}}]}}, {"d": ["1"]}]}));
        let event = json!({"detail": {"a": "2", "b": {"c": {"y": 1}, "x": 1}, "e": [1]}, "d": null, "f": {"g": 1}});
        let view = |keys: &Keys, event: &Value| serde_json::from_slice::<Value>(&keys.view(event)).unwrap();
        assert_eq!(view(&keys, &event), json!({"detail": {"a": "2", "b": {"c": {"y": 1}}}, "d": null}));
        // A list may hold what is looked at.
        let listed = json!({"detail": {"b": [{"c": "1", "x": 1}]}});
        assert_eq!(view(&keys, &listed), listed);
        assert_eq!(view(&keys, &json!([1])), json!([1]));
        keys.take(&json!({"f": ["1"], "detail": {"e": ["1"], "b": ["1"]}}));
        assert_eq!(view(&keys, &event)["f"], json!({"g": 1}));
    }
}
