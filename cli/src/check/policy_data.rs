//! Policy documents that a plan of Terraform reads after the deployment only (`data.aws_iam_policy_document`): what it knows of their statements.

use super::configuration::referred;
use crate::template::KNOWN_AFTER_APPLY;
use serde_json::{Map, Value, json};
use shared::engine::planned::is_unresolved;
use std::collections::BTreeMap;

/// The type of the data source.
pub(super) const POLICY_DOCUMENT: &str = "aws_iam_policy_document";

/// The documents of a plan by their addresses, their open parts as the calls that will answer them.
#[derive(Debug, Default)]
pub(super) struct PolicyData(BTreeMap<String, Value>);

impl PolicyData {
    /// Takes up a data source: `read` is what the plan knows of it.
    pub(super) fn add(&mut self, address: &str, read: &Value) {
        self.0.extend(document(read).map(|document| (address.to_owned(), document)));
    }

    /// Puts the documents in the place of the references to them, in what a resource of this address would be.
    pub(super) fn fill(&self, address: &str, value: &mut Value) {
        match value {
            Value::Object(map) => {
                let reference = map.get(KNOWN_AFTER_APPLY).and_then(Value::as_str);
                let document = reference.and_then(|reference| self.0.get(&referred(address, reference)?));
                match document {
                    Some(document) => *value = document.clone(),
                    None => map.values_mut().for_each(|value| self.fill(address, value)),
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.fill(address, item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// The document that the provider would write ("Data Source: aws_iam_policy_document", documentation of the AWS provider). None where others are merged into
/// it.
fn document(read: &Value) -> Option<Value> {
    const MERGED: [&str; 4] = ["source_json", "override_json", "source_policy_documents", "override_policy_documents"];
    if MERGED.iter().any(|other| !is_empty(read.get(other))) {
        return None;
    }
    let statements = match read.get("statement") {
        Some(Value::Array(statements)) => statements.iter().map(statement).collect::<Option<Vec<_>>>()?,
        Some(Value::Null) | None => Vec::new(),
        Some(_) => return None,
    };
    Some(json!({ "Version": "2012-10-17", "Statement": statements }))
}

fn statement(block: &Value) -> Option<Value> {
    let effect = block.get("effect").filter(|effect| !effect.is_null()).cloned().unwrap_or_else(|| json!("Allow"));
    let mut statement = Map::from_iter([("Effect".to_owned(), effect)]);
    for (written, name) in [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ] {
        statement.extend(listed(block, written).map(|value| (name.to_owned(), value.clone())));
    }
    for (written, name) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        statement.extend(listed(block, written).map(|blocks| (name.to_owned(), principals(blocks))));
    }
    statement.extend(listed(block, "condition").map(|blocks| ("Condition".to_owned(), conditions(blocks))));
    Some(Value::Object(statement)).filter(|_| block.is_object() && block.get(KNOWN_AFTER_APPLY).is_none())
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Object(_) | Value::Bool(_) | Value::Number(_)) => false,
    }
}

fn listed<'a>(block: &'a Value, name: &str) -> Option<&'a Value> {
    block.get(name).filter(|value| !is_empty(Some(value)))
}

/// `{"AWS": [...]}`, or the calls that will answer it.
fn principals(blocks: &Value) -> Value {
    let Some(blocks) = blocks.as_array() else { return blocks.clone() };
    let mut principals = Map::new();
    for block in blocks {
        match (block.get("type").and_then(Value::as_str), block.get("identifiers")) {
            (Some("*"), _) => return json!("*"),
            (Some(kind), Some(Value::Array(identifiers))) => {
                let of_kind = principals.entry(kind).or_insert_with(|| json!([]));
                of_kind.as_array_mut().into_iter().for_each(|all| all.extend(identifiers.iter().cloned()));
            }
            (Some(kind), Some(open)) => drop(principals.insert(kind.to_owned(), open.clone())),
            _ => return json!({ KNOWN_AFTER_APPLY: "" }),
        }
    }
    Value::Object(principals)
}

/// `{"StringEquals": {"aws:SourceAccount": [...]}}`, or a call where not even the names are known.
fn conditions(blocks: &Value) -> Value {
    let Some(blocks) = blocks.as_array() else { return blocks.clone() };
    let mut conditions = Map::new();
    for block in blocks {
        let text = |name: &str| block.get(name).and_then(Value::as_str);
        let (Some(test), Some(variable)) = (text("test"), text("variable")) else {
            return json!({ KNOWN_AFTER_APPLY: "" });
        };
        let values = block.get("values").cloned().unwrap_or_default();
        let of_test = conditions.entry(test).or_insert_with(|| json!({}));
        let Some(of_test) = of_test.as_object_mut() else { continue };
        match (of_test.get_mut(variable), values) {
            (Some(Value::Array(all)), Value::Array(more)) => all.extend(more),
            (Some(open), more) if is_unresolved(&more) => *open = more,
            (Some(_), _) => {}
            (None, values) => drop(of_test.insert(variable.to_owned(), values)),
        }
    }
    Value::Object(conditions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Value {
        json!({KNOWN_AFTER_APPLY: "aws_s3_bucket.b.arn"})
    }

    #[test]
    fn what_is_known_of_a_document_is_read() {
        let read = json!({"policy_id": null, "source_policy_documents": null, "statement": [
            {"sid": "a", "effect": null, "actions": ["s3:GetObject"], "not_actions": null, "resources": [open()], "not_resources": [],
             "principals": [{"type": "*", "identifiers": ["*"]}], "condition": []},
            {"effect": "Deny", "actions": ["s3:*"], "resources": open(),
             "principals": [{"type": "AWS", "identifiers": ["111122223333"]}, {"type": "AWS", "identifiers": [open()]},
                {"type": "Service", "identifiers": ["ec2.amazonaws.com"]}],
             "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]},
                {"test": "Bool", "variable": "aws:ViaAWSService", "values": open()}]},
        ]});
        let expected = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [open()], "Principal": "*"},
            {"Effect": "Deny", "Action": ["s3:*"], "Resource": open(),
             "Principal": {"AWS": ["111122223333", open()], "Service": ["ec2.amazonaws.com"]},
             "Condition": {"Bool": {"aws:SecureTransport": ["false"], "aws:ViaAWSService": open()}}},
        ]});
        assert_eq!(document(&read), Some(expected));
    }

    #[test]
    fn what_is_merged_or_made_by_a_dynamic_block_is_not_read() {
        let merged = json!({"statement": [], "source_policy_documents": ["{}"]});
        let dynamic = json!({"statement": {KNOWN_AFTER_APPLY: ""}});
        let in_it = json!({"statement": [{KNOWN_AFTER_APPLY: ""}]});
        for read in [merged, dynamic, in_it] {
            assert_eq!(document(&read), None, "{read}");
        }
        let unnamed = json!([{"test": open(), "variable": "v", "values": []}]);
        assert!(is_unresolved(&conditions(&unnamed)) && is_unresolved(&principals(&json!([{"type": open()}]))));
    }

    #[test]
    fn a_document_stands_where_it_is_referred_to_in_its_module() {
        let mut data = PolicyData::default();
        data.add("module.m.data.aws_iam_policy_document.p", &json!({"statement": []}));
        let reference = json!({"policy": {KNOWN_AFTER_APPLY: "data.aws_iam_policy_document.p.json"}});
        let filled = |address: &str| {
            let mut value = reference.clone();
            data.fill(address, &mut value);
            value
        };
        assert_eq!(filled("module.m.aws_s3_bucket_policy.b")["policy"]["Statement"], json!([]));
        assert_eq!(filled("aws_s3_bucket_policy.b"), reference);
    }
}
