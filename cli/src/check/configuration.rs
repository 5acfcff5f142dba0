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
    resources: Option<Vec<Written>>,
    module_calls: Option<BTreeMap<String, Call>>,
}

#[derive(Debug, Deserialize)]
struct Written {
    #[serde(default)]
    address: String,
    #[serde(default)]
    expressions: Value,
    #[serde(default)]
    for_each_expression: Value,
}

#[derive(Debug, Deserialize)]
struct Call {
    module: Option<Module>,
}

/// Each resource as it was written, by its address without the keys of `count` and `for_each`.
pub(super) struct Configuration<'a> {
    resources: BTreeMap<String, &'a Written>,
}

/// One of the resources that `count` or `for_each` makes.
#[derive(Clone, Copy, Debug)]
struct Instance<'a> {
    /// `["a"]`, `[0]`; empty where there is one only.
    key: &'a str,
    /// What `for_each` goes through, where that is the instances of a resource.
    through: Option<&'a str>,
}

impl<'a> Configuration<'a> {
    pub(super) fn of(root: Option<&'a Module>) -> Self {
        let mut configuration = Self { resources: BTreeMap::new() };
        if let Some(root) = root {
            configuration.read(root, "");
        }
        configuration
    }

    fn read(&mut self, module: &'a Module, path: &str) {
        for written in module.resources.iter().flatten() {
            self.resources.insert(format!("{path}{}", written.address), written);
        }
        for (name, call) in module.module_calls.iter().flatten() {
            if let Some(module) = &call.module {
                self.read(module, &format!("{path}module.{name}."));
            }
        }
    }

    /// The expressions of one resource, and which of several it is; none where the plan does not carry them.
    fn written<'b>(&self, address: &'b str) -> Option<(&'a Value, Instance<'b>)>
    where
        'a: 'b,
    {
        let Written { expressions, for_each_expression, .. } = self.resources.get(&without_keys(address)).copied()?;
        let through = references(for_each_expression).next().filter(|through| resource_of(through) == Some(*through));
        let key = address.ends_with(']').then(|| address.rfind('[')).flatten();
        let key = key.and_then(|start| address.get(start..)).unwrap_or_default();
        Some((expressions, Instance { key, through }))
    }

    /// The address of the resource that an attribute refers to, as the plan would name it. None where it refers to none, or to one of several and the
    /// configuration does not say which.
    pub(super) fn refers(&self, address: &str, attribute: &str) -> Option<String> {
        let (expressions, instance) = self.written(address)?;
        referred(address, &reference(expressions.get(attribute)?, instance)?)
    }

    /// What would be there: with a call that cannot be answered wherever a value is known after the deployment only, and without what is not written.
    pub(super) fn planned(&self, address: &str, after: Value, unknown: &Value) -> Value {
        match self.written(address) {
            Some((expressions, instance)) => with_unknown(after, unknown, Some(&[expressions]), instance),
            None => self.read_later(after, unknown),
        }
    }

    /// The same where nothing that is unknown was left out.
    pub(super) fn read_later(&self, after: Value, unknown: &Value) -> Value {
        with_unknown(after, unknown, None, Instance { key: "", through: None })
    }
}

/// The resource that an attribute stands for, in the module of this address.
pub(super) fn referred(address: &str, reference: &str) -> Option<String> {
    let (resource, _) = reference.rsplit_once('.')?;
    Some(format!("{}{resource}", module_of(address)))
}

fn references(expression: &Value) -> impl Iterator<Item = &str> {
    expression.get("references").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// `aws_iam_policy.p` of `aws_iam_policy.p.arn`, and `data.aws_vpc.v` of `data.aws_vpc.v.id`; none of what is no resource.
fn resource_of(reference: &str) -> Option<&str> {
    const NO_RESOURCE: [&str; 6] = ["each.", "count.", "local.", "var.", "path.", "module."];
    let steps = if reference.starts_with("data.") { 3 } else { 2 };
    let end = reference.match_indices('.').nth(steps - 1).map_or(reference.len(), |(end, _)| end);
    let is_one = !NO_RESOURCE.iter().any(|other| reference.starts_with(other));
    reference.get(..end).filter(|resource| is_one && resource.matches('.').count() == steps - 1)
}

/// The attribute of a resource or a module that an expression refers to, where it is one of this configuration: `aws_vpc.main.id`. Of what is referred to by
/// the instance's own key, `p[each.key].arn`, the plan does not say which attribute: `*`.
fn reference(expression: &Value, Instance { key, through }: Instance<'_>) -> Option<String> {
    const OF_EACH: [&str; 5] = ["each.", "count.", "local.", "var.", "path."];
    let all: Vec<&str> = references(expression).collect();
    let is_of_each = |reference: &&str| OF_EACH.iter().any(|of| reference.starts_with(of));
    let first = all.first().copied()?;
    if !is_of_each(&first) && all.iter().all(|other| first.starts_with(other)) {
        return (first.matches('.').count() >= 2).then(|| first.to_owned());
    }
    if key.is_empty() {
        return None;
    }
    if let (Some(attribute), Some(through)) = (first.strip_prefix("each.value."), through) {
        let is_alone = all.iter().all(|other| first.starts_with(other));
        return (is_alone && !attribute.contains('.')).then(|| format!("{through}{key}.{attribute}"));
    }
    let (keys, others): (Vec<&str>, Vec<&str>) = all.iter().copied().partition(is_of_each);
    // `count.index` may be counted on: `p[count.index + 1]` refers to the same.
    let is_own_key = keys.iter().all(|of| *of == "each.key");
    match others.as_slice() {
        [one] if is_own_key && resource_of(one) == Some(one) => Some(format!("{one}{key}.*")),
        _ => None,
    }
}

/// The address as the configuration says it once for all that `count` or `for_each` makes.
pub(super) fn without_keys(address: &str) -> String {
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
fn with_unknown(after: Value, unknown: &Value, written: Option<&[&Value]>, instance: Instance<'_>) -> Value {
    match (after, unknown) {
        (_, Value::Bool(true)) => json!({ KNOWN_AFTER_APPLY: argument(written, instance) }),
        (Value::Object(map), Value::Object(marks)) => Value::Object(members(map, marks, written, instance)),
        (Value::Array(items), Value::Array(marks)) => {
            let marks = marks.iter().chain(std::iter::repeat(&Value::Bool(false)));
            items.into_iter().zip(marks).map(|(item, mark)| with_unknown(item, mark, written, instance)).collect()
        }
        (value, _) => value,
    }
}

fn members(
    mut map: Map<String, Value>,
    marks: &Map<String, Value>,
    written: Option<&[&Value]>,
    instance: Instance<'_>,
) -> Map<String, Value> {
    for (key, mark) in marks {
        let value = map.remove(key).unwrap_or_default();
        let of_it = written.map(|written| written.iter().flat_map(|block| blocks(block, key)).collect::<Vec<_>>());
        // It is not written: the provider computes it, and AWS's default holds.
        if *mark == Value::Bool(true) && of_it.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        // A block that `dynamic` makes is not in the configuration: what was written in it is not known.
        let of_it = of_it.filter(|of_it| !of_it.is_empty());
        map.insert(key.clone(), with_unknown(value, mark, of_it.as_deref(), instance));
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

fn argument(written: Option<&[&Value]>, instance: Instance<'_>) -> String {
    match written {
        Some([one]) => reference(one, instance).unwrap_or_default(),
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
        let attached = |references: Value| json!({"policy_arn": {"references": references}});
        let resources = json!([
            {"address": "aws_instance.a", "expressions": instance},
            {"address": "aws_iam_role_policy_attachment.key", "expressions": attached(json!(["aws_iam_policy.p", "each.key"]))},
            {"address": "aws_iam_role_policy_attachment.other", "expressions": attached(json!(["aws_iam_policy.p", "each.key", "local.names"]))},
            {"address": "aws_iam_role_policy_attachment.value", "expressions": attached(json!(["each.value.arn", "each.value"])),
             "for_each_expression": {"references": ["aws_iam_policy.p"]}},
        ]);
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

    #[test]
    fn the_key_of_an_instance_says_which_of_several() {
        let root = written();
        let configuration = Configuration::of(Some(&root));
        let policy = |attachment: &str| {
            configuration.refers(&format!("aws_iam_role_policy_attachment.{attachment}"), "policy_arn")
        };
        assert_eq!(policy(r#"key["a.b"]"#).as_deref(), Some(r#"aws_iam_policy.p["a.b"]"#));
        assert_eq!(policy(r#"value["a"]"#).as_deref(), Some(r#"aws_iam_policy.p["a"]"#));
        for other in ["key", "value", r#"other["a"]"#] {
            assert_eq!(policy(other), None, "{other}");
        }
    }
}
