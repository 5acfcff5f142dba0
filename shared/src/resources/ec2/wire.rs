//! The ways in which EC2's records write the same thing: camel case or capitals, a list as `items`, `item`, an array or
//! one object, nothing as `{}` or `""`, numbers and flags as text, and texts that look like flags as flags.

use crate::engine::event::Body;
use crate::engine::unreadable::Unreadable;
use serde_json::Value;

/// What stands behind `wrapper`, the newer calls' `FooRequest` or `FooResponse`; the whole body without one.
pub(crate) fn unwrapped<'a>(body: &'a Body, wrapper: &str) -> Option<&'a Value> {
    let value = body.value()?;
    Some(value.get(wrapper).unwrap_or(value))
}

/// A field in camel case (`subnetId`) or with a capital (`SubnetId`), unless it is null.
pub(crate) fn field<'a>(fields: &'a Value, key: &str) -> Option<&'a Value> {
    let found = fields.get(key).or_else(|| {
        let mut letters = key.chars();
        let capital: String = letters.next()?.to_uppercase().chain(letters).collect();
        fields.get(capital)
    });
    found.filter(|value| !value.is_null())
}

/// A text, also where it was taken for a number or a flag.
pub(crate) fn text(fields: &Value, key: &str) -> Option<String> {
    field(fields, key).and_then(plain)
}

/// `true`, `"true"` or `{"value": true}`.
pub(crate) fn flag(fields: &Value, key: &str) -> Option<bool> {
    let value = field(fields, key)?;
    let value = field(value, "value").unwrap_or(value);
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number, also as text; none where there is none.
///
/// # Errors
/// What stands there instead.
pub(crate) fn number(fields: &Value, key: &str) -> Result<Option<i64>, Unreadable> {
    match field(fields, key) {
        None => Ok(None),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(number) => Ok(Some(number)),
            None => Err(format!("`{key}` is no whole number").into()),
        },
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(cause) => Err(Unreadable::Number { key: key.to_owned(), cause }),
        },
        Some(_) => Err(format!("`{key}` is no number").into()),
    }
}

/// The elements of a list.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(all) => all.iter().collect(),
        Value::Object(map) if map.is_empty() => Vec::new(),
        Value::Object(map) => map.get("items").or_else(|| map.get("item")).map_or_else(|| vec![value], list),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => vec![value],
        Value::Null => Vec::new(),
    }
}

/// A text that stands bare or as `{"tag": 1, "content": …}`.
pub(crate) fn content(value: &Value) -> Option<String> {
    plain(field(value, "content").unwrap_or(value))
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_in_every_way_that_records_write_one() {
        let contents = |value: Value| list(&value).into_iter().filter_map(content).collect::<Vec<_>>();
        assert_eq!(contents(json!({"tag": 1, "content": "fl-1"})), ["fl-1"]);
        assert_eq!(contents(json!([{"tag": 1, "content": "fl-1"}, {"tag": 2, "content": "fl-2"}])), ["fl-1", "fl-2"]);
        assert_eq!(contents(json!({"item": "fl-1"})), ["fl-1"]);
        assert_eq!(contents(json!({"item": ["fl-1", "fl-2"]})), ["fl-1", "fl-2"]);
        assert_eq!(contents(json!({"items": ["fl-1"]})), ["fl-1"]);
        assert_eq!(contents(json!(["fl-1"])), ["fl-1"]);
        for nothing in [json!({}), json!(""), json!(null), json!([])] {
            assert!(list(&nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_flag_in_every_way_that_records_write_one() {
        for yes in [json!(true), json!("true"), json!({"value": true}), json!({"Value": "true"})] {
            assert_eq!(flag(&json!({"mapPublicIpOnLaunch": yes}), "mapPublicIpOnLaunch"), Some(true));
        }
        assert_eq!(flag(&json!({"MapPublicIpOnLaunch": {"value": false}}), "mapPublicIpOnLaunch"), Some(false));
        assert_eq!(flag(&json!({"mapPublicIpOnLaunch": {}}), "mapPublicIpOnLaunch"), None);
    }

    #[test]
    fn texts_and_numbers_that_changed_places() {
        assert_eq!(text(&json!({"value": true}), "value").as_deref(), Some("true"));
        assert_eq!(number(&json!({"from": "22"}), "from"), Ok(Some(22)));
        assert_eq!(number(&json!({"from": ""}), "from"), Ok(None));
        assert!(number(&json!({"from": "ssh"}), "from").is_err());
    }
}
