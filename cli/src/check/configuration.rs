//! The configuration that a plan of Terraform carries: which attributes were written, and what they refer to.
//!
//! The plan itself marks an attribute that is not written as known after apply where the provider computes it: that there are no metadata options, or no inline
//! rules, shows in the configuration only ("Configuration Representation", JSON output format, Terraform's documentation).

use crate::template::KNOWN_AFTER_APPLY;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::engine::planned::module_of;
use std::collections::BTreeMap;

/// A module as it was written.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Module {
    #[serde(default)]
    resources: Vec<Written>,
    #[serde(default)]
    module_calls: BTreeMap<String, Call>,
}

#[derive(Debug, Deserialize)]
struct Written {
    #[serde(default)]
    address: String,
    #[serde(default)]
    expressions: Value,
}

#[derive(Debug, Deserialize)]
struct Call {
    module: Option<Module>,
}

/// The expressions of each resource, by its address without the keys of `count` and `for_each`.
pub(super) struct Configuration<'a> {
    expressions: BTreeMap<String, &'a Value>,
}

impl<'a> Configuration<'a> {
    pub(super) fn of(root: Option<&'a Module>) -> Self {
        let mut configuration = Self { expressions: BTreeMap::new() };
        if let Some(root) = root {
            configuration.read(root, "");
        }
        configuration
    }

    fn read(&mut self, module: &'a Module, path: &str) {
        for Written { address, expressions } in &module.resources {
            self.expressions.insert(format!("{path}{address}"), expressions);
        }
        for (name, call) in &module.module_calls {
            if let Some(module) = &call.module {
                self.read(module, &format!("{path}module.{name}."));
            }
        }
    }

    /// The expressions of one resource; none where the plan does not carry them.
    fn written(&self, address: &str) -> Option<&'a Value> {
        self.expressions.get(&without_keys(address)).copied()
    }

    /// The address of the resource that an attribute refers to, as the plan would name it. None where it refers to none, or to one of several that
    /// `for_each` tells apart.
    pub(super) fn refers(&self, address: &str, attribute: &str) -> Option<String> {
        let expression = self.written(address)?.get(attribute)?;
        let reference = reference(expression)?;
        let resource = reference.rsplit_once('.').map(|(resource, _)| resource)?;
        Some(format!("{}{resource}", module_of(address)))
    }

    /// What would be there: with a call that cannot be answered wherever a value is known after the deployment only, and without what is not written.
    pub(super) fn planned(&self, address: &str, after: Value, unknown: &Value) -> Value {
        let written: Option<Vec<&Value>> = self.written(address).map(|written| vec![written]);
        with_unknown(after, unknown, written.as_deref())
    }
}

/// The attribute of a resource or a module that an expression refers to, where it is one of this configuration: `aws_vpc.main.id`.
fn reference(expression: &Value) -> Option<&str> {
    const OF_EACH: [&str; 5] = ["each.", "count.", "local.", "var.", "path."];
    let mut references = expression.get("references")?.as_array()?.iter().filter_map(Value::as_str);
    let first = references.next()?;
    // What it refers to by a key is one of several.
    let is_one = !OF_EACH.iter().any(|of| first.starts_with(of)) && references.all(|other| first.starts_with(other));
    (is_one && first.matches('.').count() >= 2).then_some(first)
}

/// The address as the configuration says it once for all that `count` or `for_each` makes.
fn without_keys(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    let (mut quoted, mut depth) = (false, 0_usize);
    for c in address.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// `written` holds the expressions of what is at hand, one for each block of the same name: which of them became which block is not said. None where it is
/// not known what was written.
fn with_unknown(after: Value, unknown: &Value, written: Option<&[&Value]>) -> Value {
    match (after, unknown) {
        (_, Value::Bool(true)) => json!({ KNOWN_AFTER_APPLY: argument(written) }),
        (Value::Object(map), Value::Object(marks)) => Value::Object(members(map, marks, written)),
        (Value::Array(items), Value::Array(marks)) => {
            let marks = marks.iter().chain(std::iter::repeat(&Value::Bool(false)));
            items.into_iter().zip(marks).map(|(item, mark)| with_unknown(item, mark, written)).collect()
        }
        (value, _) => value,
    }
}

fn members(mut map: Map<String, Value>, marks: &Map<String, Value>, written: Option<&[&Value]>) -> Map<String, Value> {
    for (key, mark) in marks {
        let value = map.remove(key).unwrap_or_default();
        let of_it = written.map(|written| written.iter().flat_map(|block| blocks(block, key)).collect::<Vec<_>>());
        // It is not written: the provider computes it, and AWS's default holds.
        if *mark == Value::Bool(true) && of_it.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        // A block that `dynamic` makes is not in the configuration: what was written in it is not known.
        let of_it = of_it.filter(|of_it| !of_it.is_empty());
        map.insert(key.clone(), with_unknown(value, mark, of_it.as_deref()));
    }
    map
}

/// What was written under a name: a value, or blocks.
fn blocks<'a>(block: &'a Value, key: &str) -> Vec<&'a Value> {
    match block.get(key) {
        Some(Value::Array(blocks)) => blocks.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

fn argument(written: Option<&[&Value]>) -> String {
    match written {
        Some([one]) => reference(one).unwrap_or_default().to_owned(),
        Some(_) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(root: &Module, address: &str, after: Value, unknown: &Value) -> Value {
        Configuration::of(Some(root)).planned(address, after, unknown)
    }

    fn written() -> Module {
        let rule = json!({"network_acl_id": {"references": ["aws_network_acl.a.id", "aws_network_acl.a"]}});
        let rule = json!({"resources": [{"address": "aws_network_acl_rule.r", "expressions": rule}]});
        let instance = json!({
            "ami": {"references": ["data.aws_ami.it.id", "data.aws_ami.it"]},
            "metadata_options": [{"http_endpoint": {"constant_value": "enabled"}}],
            "subnet_id": {"references": ["aws_subnet.a.id", "aws_subnet.a"]},
            "vpc_security_group_ids": {"references": ["each.value"]},
        });
        let resources = json!([{"address": "aws_instance.a", "expressions": instance}]);
        serde_json::from_value(json!({"resources": resources, "module_calls": {"net": {"module": rule}}})).unwrap()
    }

    #[test]
    fn what_is_not_written_is_not_there() {
        let unknown = json!({"id": true, "arn": true, "subnet_id": true, "ami": true, "ebs_block_device": true,
            "metadata_options": [{"http_tokens": true, "http_endpoint": true}]});
        let after = json!({"metadata_options": [{"http_put_response_hop_limit": 1}], "tags": null});
        let now = planned(&written(), "aws_instance.a", after, &unknown);
        let options = json!([{"http_put_response_hop_limit": 1, "http_endpoint": {KNOWN_AFTER_APPLY: ""}}]);
        let expected = json!({"metadata_options": options, "tags": null, "subnet_id": {KNOWN_AFTER_APPLY: "aws_subnet.a.id"},
            "ami": {KNOWN_AFTER_APPLY: "data.aws_ami.it.id"}});
        assert_eq!(now, expected);
    }

    #[test]
    fn without_its_configuration_what_is_unknown_stays_so() {
        let unknown = json!({"id": true, "block": [{"a": true}]});
        let expected = json!({"id": {KNOWN_AFTER_APPLY: ""}, "block": [{"a": {KNOWN_AFTER_APPLY: ""}}]});
        for (root, address) in [(Module::default(), "aws_instance.a"), (written(), "aws_instance.other")] {
            assert_eq!(planned(&root, address, json!({"block": [{}]}), &unknown), expected, "{address}");
        }
        // A block that `dynamic` made is not in the configuration.
        let now = planned(&written(), "aws_instance.a", json!({"block": [{}]}), &json!({"block": [{"a": true}]}));
        assert_eq!(now, json!({"block": [{"a": {KNOWN_AFTER_APPLY: ""}}]}));
    }

    #[test]
    fn references_are_to_one_resource_of_the_same_module() {
        let root = written();
        let configuration = Configuration::of(Some(&root));
        let refers = |address, attribute| configuration.refers(address, attribute);
        assert_eq!(refers("aws_instance.a", "subnet_id").as_deref(), Some("aws_subnet.a"));
        assert_eq!(refers("aws_instance.a[\"x.y\"]", "subnet_id").as_deref(), Some("aws_subnet.a"));
        let inside = refers("module.net[\"a.b\"].aws_network_acl_rule.r[3]", "network_acl_id");
        assert_eq!(inside.as_deref(), Some("module.net[\"a.b\"].aws_network_acl.a"));
        assert_eq!(refers("aws_instance.a", "vpc_security_group_ids"), None);
        assert_eq!(refers("aws_instance.a", "metadata_options"), None);
        assert_eq!(refers("aws_instance.b", "subnet_id"), None);
    }
}
