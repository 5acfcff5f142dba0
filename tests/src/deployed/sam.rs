//! What SAM makes of the template: its functions and its layer are all that it transforms ("Generated CloudFormation resources", SAM developer guide).

use serde_json::{Map, Value, json};

/// What SAM puts behind the name of a layer: a hash of its content.
const HASH: &str = "0a1b2c3d4e";

/// The template as CloudFormation has it after the transform.
#[must_use]
pub fn processed(template: &Value) -> Value {
    let globals = &template["Globals"]["Function"];
    let mut resources = Map::new();
    for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
        match resource["Type"].as_str() {
            Some("AWS::Serverless::Function") => {
                let mut own = whole(globals, &resource["Properties"]);
                if let Some(mut failures) = own.remove("EventInvokeConfig") {
                    failures["FunctionName"] = json!({ "Ref": id });
                    failures["Qualifier"] = "$LATEST".into();
                    if let Some(target) =
                        failures.pointer_mut("/DestinationConfig/OnFailure").and_then(Value::as_object_mut)
                    {
                        target.remove("Type");
                    }
                    resources.insert(
                        format!("{id}EventInvokeConfig"),
                        with(resource, "AWS::Lambda::EventInvokeConfig", failures),
                    );
                }
                own.remove("CodeUri");
                own.remove("PropagateTags");
                if let Some(mode) = own.remove("Tracing") {
                    own.insert("TracingConfig".to_owned(), json!({ "Mode": mode }));
                }
                own.insert("Code".to_owned(), json!({"S3Bucket": "artifacts", "S3Key": "code.zip"}));
                resources.insert(id.clone(), with(resource, "AWS::Lambda::Function", own.into()));
            }
            Some("AWS::Serverless::LayerVersion") => {
                let layer = json!({"Content": {"S3Bucket": "artifacts", "S3Key": "layer.zip"}, "LayerName": id,
                    "CompatibleRuntimes": resource["Properties"]["CompatibleRuntimes"]});
                resources.insert(format!("{id}{HASH}"), with(resource, "AWS::Lambda::LayerVersion", layer));
            }
            _ => drop(resources.insert(id.clone(), resource.clone())),
        }
    }
    let layers = template["Resources"].as_object().into_iter().flatten();
    let layers: Vec<&String> =
        layers.filter(|(_, one)| one["Type"] == "AWS::Serverless::LayerVersion").map(|(id, _)| id).collect();
    let mut processed = json!({"Resources": resources});
    for part in ["Parameters", "Conditions", "Rules"] {
        processed[part] = template[part].clone();
    }
    renamed(&mut processed, &layers);
    processed
}

fn with(resource: &Value, kind: &str, properties: Value) -> Value {
    let mut made = json!({"Type": kind, "Properties": properties});
    if let Some(condition) = resource.get("Condition") {
        made["Condition"] = condition.clone();
    }
    made
}

/// A function's properties over those of all functions; variables are put together.
fn whole(globals: &Value, own: &Value) -> Map<String, Value> {
    let mut all = globals.as_object().cloned().unwrap_or_default();
    for (name, value) in own.as_object().into_iter().flatten() {
        match (name.as_str(), all.get_mut(name)) {
            ("Environment", Some(common)) => {
                for (name, value) in value["Variables"].as_object().into_iter().flatten() {
                    common["Variables"][name] = value.clone();
                }
            }
            _ => drop(all.insert(name.clone(), value.clone())),
        }
    }
    all
}

/// What refers to a layer refers to it by its new name.
fn renamed(value: &mut Value, layers: &[&String]) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(id)) = members.get_mut("Ref")
                && layers.contains(&&*id)
            {
                id.push_str(HASH);
            }
            members.values_mut().for_each(|value| renamed(value, layers));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| renamed(value, layers)),
        _ => {}
    }
}
