//! Values of a template or a plan that are known at deployment only.
//!
//! They stand as the call that will answer them: `{"Fn::GetAtt": [...]}` in CloudFormation, [`KNOWN_AFTER_APPLY`] in a plan of Terraform.

use serde_json::{Map, Value};

/// Stands where a Terraform plan does not know a value yet: no function of CloudFormation, and never answered.
pub const KNOWN_AFTER_APPLY: &str = "Fn::Terraform";

/// Whether the key of a mapping calls a function. `Condition` is also a key of IAM statements, with a mapping.
#[must_use]
pub fn is_function(key: &str, of_text: bool) -> bool {
    key == "Ref" || key.starts_with("Fn::") || (key == "Condition" && of_text)
}

/// The function and its argument, when the value is a call that was left open.
pub(super) fn open_call(map: &Map<String, Value>) -> Option<(&String, &Value)> {
    let (key, argument) = map.iter().next()?;
    (map.len() == 1 && is_function(key, argument.is_string())).then_some((key, argument))
}

/// Whether something in the value is known at deployment only.
#[must_use]
pub fn is_unresolved(value: &Value) -> bool {
    match value {
        Value::Object(map) => open_call(map).is_some() || map.values().any(is_unresolved),
        Value::Array(items) => items.iter().any(is_unresolved),
        Value::String(text) => text.contains("{{resolve:"),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// What in the value is known at deployment only, for a person.
#[must_use]
pub fn unresolved_reason(value: &Value) -> Option<String> {
    match value {
        Value::Object(map) => match open_call(map) {
            Some((name, argument)) if name == KNOWN_AFTER_APPLY => Some(match argument.as_str() {
                Some(reference) if !reference.is_empty() => {
                    format!("`{reference}` is known after `terraform apply` only")
                }
                Some(_) | None => "a value is known after `terraform apply` only".to_owned(),
            }),
            Some((name, argument)) => Some(format!("`{name} {}` is known at deployment only", brief(argument))),
            None => map.values().find_map(unresolved_reason),
        },
        Value::Array(items) => items.iter().find_map(unresolved_reason),
        Value::String(text) if text.contains("{{resolve:") => Some(format!("`{text}` is known at deployment only")),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn brief(argument: &Value) -> String {
    const LONGEST: usize = 60;
    let text = scalar_text(argument).unwrap_or_else(|| match argument.as_array() {
        Some(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(".")
        }
        Some(_) | None => argument.to_string(),
    });
    let short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

/// A text, a number or a flag as a text.
#[must_use]
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
