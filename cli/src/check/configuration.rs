//! The configuration that a plan of Terraform carries: which attributes were written, and what they refer to.
//!
//! The plan itself marks an attribute that nobody wrote as known after apply where the provider computes it: that there are no metadata options, or no inline
//! rules, shows in the configuration only ("Configuration Representation", JSON output format, Terraform's documentation).

use crate::template::{KNOWN_AFTER_APPLY, Node};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The expressions of each resource, by its address without the keys of `count` and `for_each`.
pub(super) struct Configuration<'a> {
    expressions: BTreeMap<String, &'a Node>,
}

impl<'a> Configuration<'a> {
    pub(super) fn of(document: &'a Node) -> Self {
        let mut configuration = Self { expressions: BTreeMap::new() };
        if let Some(root) = document.at(&["configuration", "root_module"]) {
            configuration.read(root, "");
        }
        configuration
    }

    fn read(&mut self, module: &'a Node, path: &str) {
        for resource in module.get("resources").map(Node::items).unwrap_or_default() {
            let address = resource.get("address").and_then(Node::text);
            if let (Some(address), Some(expressions)) = (address, resource.get("expressions")) {
                self.expressions.insert(format!("{path}{address}"), expressions);
            }
        }
        for call in module.get("module_calls").map(Node::entries).unwrap_or_default() {
            if let Some(module) = call.value.get("module") {
                self.read(module, &format!("{path}module.{}.", call.key));
            }
        }
    }

    /// The expressions of one resource; none where the plan does not carry them.
    fn written(&self, address: &str) -> Option<&'a Node> {
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

    /// What would be there: with a call that cannot be answered wherever a value is known after the deployment only, and without what nobody wrote.
    pub(super) fn planned(&self, address: &str, after: Value, unknown: &Value) -> Value {
        let written: Option<Vec<&Node>> = self.written(address).map(|written| vec![written]);
        with_unknown(after, unknown, written.as_deref())
    }
}

/// The attribute of a resource or a module that an expression refers to, where it is one of this configuration: `aws_vpc.main.id`.
fn reference(expression: &Node) -> Option<&str> {
    const OF_EACH: [&str; 5] = ["each.", "count.", "local.", "var.", "path."];
    let mut references = expression.get("references")?.items().iter().filter_map(Node::text);
    let first = references.next()?;
    // What it refers to by a key is one of several.
    let is_one = !OF_EACH.iter().any(|of| first.starts_with(of)) && references.all(|other| first.starts_with(other));
    (is_one && first.matches('.').count() >= 2).then_some(first)
}

/// `module.net[0].` of `module.net[0].aws_subnet.a["x"]`.
fn module_of(address: &str) -> &str {
    let mut end = 0;
    let mut rest = address;
    while let Some(tail) = rest.strip_prefix("module.") {
        let Some(dot) = end_of_step(tail) else { break };
        end += "module.".len() + dot + 1;
        rest = &address[end..];
    }
    &address[..end]
}

/// Where the name of a step ends, with its key: dots in a key are no steps.
fn end_of_step(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
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
fn with_unknown(after: Value, unknown: &Value, written: Option<&[&Node]>) -> Value {
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

fn members(mut map: Map<String, Value>, marks: &Map<String, Value>, written: Option<&[&Node]>) -> Map<String, Value> {
    for (key, mark) in marks {
        let value = map.remove(key).unwrap_or_default();
        let of_it = written.map(|written| written.iter().flat_map(|block| blocks(block, key)).collect::<Vec<_>>());
        // Nobody wrote it: the provider computes it, and AWS's default holds.
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
fn blocks<'a>(block: &'a Node, key: &str) -> Vec<&'a Node> {
    match block.get(key) {
        Some(found) if found.items().is_empty() => vec![found],
        Some(found) => found.items().iter().collect(),
        None => Vec::new(),
    }
}

fn argument(written: Option<&[&Node]>) -> String {
    match written {
        Some([one]) => reference(one).unwrap_or_default().to_owned(),
        Some(_) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(configuration: &str, address: &str, after: Value, unknown: &Value) -> Value {
        let document = Node::parse(configuration).unwrap();
        Configuration::of(&document).planned(address, after, unknown)
    }

    const CONFIGURATION: &str = r#"
configuration:
  root_module:
    resources:
      - address: aws_instance.a
        expressions:
          ami: { references: [data.aws_ami.it.id, data.aws_ami.it] }
          metadata_options: [{ http_endpoint: { constant_value: enabled } }]
          subnet_id: { references: [aws_subnet.a.id, aws_subnet.a] }
          vpc_security_group_ids: { references: [each.value] }
    module_calls:
      net:
        module:
          resources:
            - address: aws_network_acl_rule.r
              expressions: { network_acl_id: { references: [aws_network_acl.a.id, aws_network_acl.a] } }
"#;

    #[test]
    fn what_nobody_wrote_is_not_there() {
        let unknown = json!({"id": true, "arn": true, "subnet_id": true, "ami": true, "ebs_block_device": true,
            "metadata_options": [{"http_tokens": true, "http_endpoint": true}]});
        let after = json!({"metadata_options": [{"http_put_response_hop_limit": 1}], "tags": null});
        let now = planned(CONFIGURATION, "aws_instance.a", after, &unknown);
        let options = json!([{"http_put_response_hop_limit": 1, "http_endpoint": {KNOWN_AFTER_APPLY: ""}}]);
        let expected = json!({"metadata_options": options, "tags": null, "subnet_id": {KNOWN_AFTER_APPLY: "aws_subnet.a.id"},
            "ami": {KNOWN_AFTER_APPLY: "data.aws_ami.it.id"}});
        assert_eq!(now, expected);
    }

    #[test]
    fn without_its_configuration_what_is_unknown_stays_so() {
        let unknown = json!({"id": true, "block": [{"a": true}]});
        let expected = json!({"id": {KNOWN_AFTER_APPLY: ""}, "block": [{"a": {KNOWN_AFTER_APPLY: ""}}]});
        for (text, address) in [("{}", "aws_instance.a"), (CONFIGURATION, "aws_instance.other")] {
            assert_eq!(planned(text, address, json!({"block": [{}]}), &unknown), expected, "{address}");
        }
        // A block that `dynamic` made is not in the configuration.
        let now = planned(CONFIGURATION, "aws_instance.a", json!({"block": [{}]}), &json!({"block": [{"a": true}]}));
        assert_eq!(now, json!({"block": [{"a": {KNOWN_AFTER_APPLY: ""}}]}));
    }

    #[test]
    fn references_are_to_one_resource_of_the_same_module() {
        let document = Node::parse(CONFIGURATION).unwrap();
        let configuration = Configuration::of(&document);
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
