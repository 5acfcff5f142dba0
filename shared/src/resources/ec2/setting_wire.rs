//! What the records of EC2's settings look like: newer calls stand in a `<Call>Request` or `<Call>Response` with capital
//! letters, older ones bare; booleans come as text too, an empty request as `""`.

use crate::engine::event::{Body, Event};
use serde_json::Value;

/// A field of the request, named as the API does (`HttpTokens`).
pub(crate) fn asked<'a>(event: &'a Event, name: &str) -> Option<&'a Value> {
    field(&event.request, &format!("{}Request", event.name), name)
}

/// A field of the response.
pub(crate) fn answered<'a>(event: &'a Event, name: &str) -> Option<&'a Value> {
    field(&event.response, &format!("{}Response", event.name), name)
}

fn field<'a>(body: &'a Body, wrapper: &str, name: &str) -> Option<&'a Value> {
    let whole = body.value()?;
    let within = member(whole, wrapper).unwrap_or(whole);
    member(within, name).filter(|value| !value.is_null())
}

/// A member by its name, whichever case its first letter has.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let small = || {
        let mut letters = name.chars();
        let first = letters.next()?.to_ascii_lowercase();
        Some(format!("{first}{}", letters.as_str()))
    };
    value.get(name).or_else(|| value.get(small()?))
}

/// Text that is not empty.
pub(crate) fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|text| !text.is_empty())
}

/// True or false, as JSON or as text.
pub(crate) fn flag(value: Option<&Value>) -> Option<bool> {
    let value = value?;
    value.as_bool().or_else(|| value.as_str()?.parse().ok())
}

/// A number, as JSON or as text.
pub(crate) fn number(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A list: `{"items": […]}`, bare, or one object alone; `{}` and `""` are empty.
pub(crate) fn items(value: &Value) -> Vec<&Value> {
    let listed = value.get("items").or_else(|| value.get("item")).unwrap_or(value);
    match listed {
        Value::Array(items) => items.iter().collect(),
        Value::Object(one) if !one.is_empty() => vec![listed],
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrapped_or_bare_capital_or_small() {
        for request in [
            json!({"ACallRequest": {"HttpTokens": "optional"}}),
            json!({"aCallRequest": {"httpTokens": "optional"}}),
            json!({"httpTokens": "optional"}),
            json!({"HttpTokens": "optional"}),
        ] {
            let body = Body::Present(request.clone());
            assert_eq!(text(field(&body, "ACallRequest", "HttpTokens")), Some("optional"), "{request}");
        }
        for request in [json!({"ACallRequest": ""}), json!({}), json!({"HttpTokens": null}), json!({"HttpTokens": ""})]
        {
            assert_eq!(text(field(&Body::Present(request), "ACallRequest", "HttpTokens")), None);
        }
    }

    #[test]
    fn booleans_numbers_and_lists_in_every_shape() {
        assert_eq!(flag(Some(&json!("true"))), Some(true));
        assert_eq!(flag(Some(&json!(false))), Some(false));
        assert_eq!(flag(Some(&json!("yes"))), None);
        assert_eq!(number(Some(&json!("-1"))), Some(-1));
        assert_eq!(items(&json!({"items": [{"a": 1}, {"a": 2}]})).len(), 2);
        assert_eq!(items(&json!({"items": {"a": 1}})).len(), 1);
        assert_eq!(items(&json!({})).len(), 0);
        assert_eq!(items(&json!("")).len(), 0);
    }
}
