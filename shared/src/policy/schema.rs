//! The JSON Schema of the policy file, for editors: it takes what the reader takes.

use crate::policy::Policy;
use serde_json::{Map, Value, json};

/// The JSON Schema of the policy file, draft 2020-12.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Policy).to_value();
    as_read(&mut schema);
    schema
}

/// YAML has quotes to choose, and its reader takes a number or a switch in quotes, and a text that looks like a number without.
fn as_read(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(as_read);
            widen(members);
        }
        Value::Array(items) => items.iter_mut().for_each(as_read),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn widen(members: &mut Map<String, Value>) {
    let types: Vec<String> = match members.get("type") {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(names)) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        _ => return,
    };
    let has = |name: &str| types.iter().any(|known| known == name);
    if let (true, Some(Value::Array(values))) = (has("integer"), members.get_mut("enum")) {
        // A choice of numbers: the version.
        let texts: Vec<Value> = values.iter().map(|value| json!(value.to_string())).collect();
        values.extend(texts);
        members.insert("type".to_owned(), json!(["integer", "string"]));
        return;
    }
    let is_free =
        !["enum", "const", "pattern", "format", "anyOf", "oneOf"].iter().any(|key| members.contains_key(*key));
    let (more, pattern): (&[&str], _) = if has("integer") {
        (&["string"], Some("^(0|[1-9][0-9]*)$"))
    } else if has("boolean") {
        (&["string"], Some(SWITCH))
    } else if has("string") && is_free {
        (&["number", "boolean"], None)
    } else if members.get("pattern").is_some_and(|pattern| pattern == ACCOUNT) {
        // With a zero in front it is another number for most readers of YAML.
        members.extend([
            ("minimum".to_owned(), json!(100_000_000_000_u64)),
            ("maximum".to_owned(), json!(999_999_999_999_u64)),
        ]);
        (&["integer"], None)
    } else {
        return;
    };
    let all: Vec<String> = types.into_iter().chain(more.iter().map(|&name| name.to_owned())).collect();
    members.insert("type".to_owned(), json!(all));
    if let Some(pattern) = pattern {
        members.insert("pattern".to_owned(), json!(pattern));
    }
}

/// An account id.
pub(super) const ACCOUNT: &str = "^[0-9]{12}$";
/// The words that YAML 1.1 has for true and false, in any case.
const SWITCH: &str = "^([Yy]([Ee][Ss])?|[Nn][Oo]?|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Oo]([Nn]|[Ff][Ff]))$";
