//! The fields of S3's records, and how findings name a bucket.
//!
//! Flags of the request's query stand bare beside everything else (`"publicAccessBlock": ""`), XML elements keep their capital letters,
//! one element of a list is an object and several are an array, and booleans may be texts ("Logging Amazon S3 API calls using AWS
//! CloudTrail", S3 user guide).

use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Place, Resource};
use serde_json::Value;

/// Where S3's calls are recorded, S3 Control's too.
pub(crate) const S3: &str = "s3.amazonaws.com";

/// The bucket that the call was about.
pub(crate) fn bucket_name(event: &Event) -> Result<String, Unlocatable> {
    let named = event.request.text(&["bucketName"]).filter(|name| !name.is_empty());
    named.map(str::to_owned).ok_or_else(|| Unlocatable::new(event, "the record does not name the bucket"))
}

/// How findings name a bucket.
pub(crate) fn bucket_resource(name: &str, place: &Place) -> Resource {
    let id = format!("arn:{}:s3:::{name}", place.partition);
    Resource { id, kind: "AwsS3Bucket", name: name.to_owned() }
}

/// The XML document `element` of the request. A flag that only says which kind of call it is (`""`) is none.
pub(crate) fn document<'a>(event: &'a Event, element: &str) -> Option<&'a Value> {
    event.request.at(&[element]).filter(|value| value.is_object())
}

/// A boolean, which may be written as a text.
pub(crate) fn flag(value: &Value, key: &str) -> Option<bool> {
    match value.get(key)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::String(_) | Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text that is not empty.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A list of elements: one is not in an array.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> Vec<&'a Value> {
    match value.get(key) {
        Some(Value::Array(list)) => list.iter().collect(),
        None | Some(Value::Null) => Vec::new(),
        Some(one) => vec![one],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_records_write_in_several_ways() {
        let block =
            json!({"BlockPublicAcls": "true", "IgnorePublicAcls": false, "Rule": {"Status": "Enabled"}, "None": ""});
        assert_eq!((flag(&block, "BlockPublicAcls"), flag(&block, "IgnorePublicAcls")), (Some(true), Some(false)));
        assert_eq!((flag(&block, "Missing"), text(&block, "None")), (None, None));
        assert_eq!((list(&block, "Rule").len(), list(&json!({"Rule": [1, 2]}), "Rule").len()), (1, 2));
        assert!(list(&block, "Missing").is_empty());
    }
}
