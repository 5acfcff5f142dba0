//! The manifest of the stack's parts, which the function carries that guards them: from the text of the template itself.

use crate::{Error, Function, itself};
use parapet::template::Node;
use serde_json::{Map, Value, json};

/// Where it is.
pub(crate) const FILE: &str = "shared/src/resources/parapet/manifest.json";

/// The properties that hold names.
const NAMES: [&str; 3] = ["RoleName", "LogGroupName", "Name"];

/// The manifest of this template.
///
/// # Errors
/// The template cannot be read, or a rule lacks something.
pub(crate) fn text(template: &str, functions: &[Function]) -> Result<String, Error> {
    let template = Node::parse(template).map_err(|error| Error::Functions(error.to_string()))?;
    let (mut parts, mut named, mut rules) = (Map::new(), Map::new(), Map::new());
    for resource in template.get("Resources").map(Node::entries).unwrap_or_default() {
        let (id, body) = (resource.key.clone(), resource.value.to_value());
        let member = |name: &str| body.get(name).cloned().unwrap_or_default();
        let (kind, properties) = (member("Type"), member("Properties"));
        if kind == "AWS::Events::Rule" {
            // One that notifies by itself leads to no function, and is a part like any other.
            let leads_to_a_topic = properties.pointer("/Targets/0/Arn/Ref").is_some_and(|topic| topic == "Topic");
            let rule = rule(&properties, &member("Condition"));
            match rule {
                Some(rule) => rules.extend([(id.clone(), rule)]),
                None if leads_to_a_topic => {}
                None => return Err(Error::Functions(format!("`{id}` has no pattern or no function"))),
            }
        }
        named.extend(name(&properties).map(|name| (id.clone(), name.into())));
        parts.insert(id, kind);
    }
    let own = functions.iter().find(|function| function.hears_itself);
    let listed: Vec<String> =
        own.map(|own| itself::listed(own, functions).into_iter().map(|(id, _)| id).collect()).unwrap_or_default();
    let whole = json!({"parts": parts, "named": named, "listed": listed, "rules": rules});
    let mut text = serde_json::to_string_pretty(&whole).map_err(|error| Error::Functions(error.to_string()))?;
    text.push('\n');
    Ok(text)
}

/// A name that is made of the stack's.
fn name(properties: &Value) -> Option<String> {
    let value = NAMES.iter().find_map(|name| properties.get(*name))?;
    let value = value.get("Fn::If").and_then(|choice| choice.get(1)).unwrap_or(value);
    if value.get("Ref").is_some_and(|name| name == "AWS::StackName") {
        return Some("${AWS::StackName}".to_owned());
    }
    value.get("Fn::Sub").and_then(Value::as_str).filter(|text| text.contains("${AWS::StackName}")).map(str::to_owned)
}

fn rule(properties: &Value, condition: &Value) -> Option<Value> {
    let target = properties.get("Targets")?.get(0)?;
    Some(json!({
        "condition": condition,
        "bus": properties.get("EventBusName").and_then(|bus| bus.get("Ref")),
        "description": properties.get("Description")?,
        "pattern": properties.get("EventPattern")?,
        "schedule": properties.get("ScheduleExpression"),
        "function": target.get("Arn")?.get("Fn::GetAtt")?.get(0)?,
        "retry": target.get("RetryPolicy")?,
    }))
}
