//! Terraform plans (`terraform show -json plan.out`), in CloudFormation's terms.
//!
//! See "JSON Output Format" in Terraform's documentation: `resource_changes[].change.after` is what would be there,
//! `after_unknown` marks what is known at deployment only.

use super::configuration::Configuration;
use super::families;
use super::plan::{Group, Planned, PlannedRule, Read, State};
use super::unjudged::Unjudged;
use crate::template::{Node, Position, is_unresolved};
use serde_json::{Map, Value, json};
use shared::engine::observed::Observed;
use shared::resources::iam::access_key;

/// True for the JSON of a plan.
pub(super) fn is_plan(document: &Node) -> bool {
    document.get("resource_changes").is_some()
        || (document.get("planned_values").is_some() && document.get("format_version").is_some())
}

/// What the plan would leave there.
pub(super) fn planned(document: &Node) -> Read {
    let configuration = Configuration::of(document);
    let mut read = Read::default();
    let Read { planned: found, unknowns, unjudged } = &mut read;
    if let Some(deferred) = document.get("deferred_changes").filter(|deferred| !deferred.items().is_empty()) {
        let why = format!("{} deferred to a later plan: check that one, too", deferred.items().len());
        unknowns.push((why, deferred.at));
    }
    let mut loose = Vec::new();
    for change in document.get("resource_changes").map(Node::items).unwrap_or_default() {
        let text = |key: &str| change.get(key).and_then(Node::text);
        let (Some(address), Some(kind)) = (text("address"), text("type")) else { continue };
        let after = change.at(&["change", "after"]).map(Node::to_value).unwrap_or_default();
        // Data sources are read, not made; what is deleted has no `after`.
        if !after.is_object() || text("mode") == Some("data") {
            continue;
        }
        let unknown = change.at(&["change", "after_unknown"]).map(Node::to_value).unwrap_or_default();
        let after = configuration.planned(address, after, &unknown);
        let at = change.at;
        let actions = change.at(&["change", "actions"]).map(Node::items).unwrap_or_default();
        let is_changed = !actions.iter().any(|action| action.text() == Some("no-op"));
        let resource = move |state| Planned { name: address.to_owned(), kind: kind.to_owned(), at, is_changed, state };
        match kind {
            "aws_security_group" => {
                let name = Observed::Known("a group of the plan".to_owned());
                let mut rules = inline(&after, at);
                // AWS's own egress rule, which no one asked for, is computed. No guardrail looks at it on such a group.
                rules.retain(|rule| rule.is_ingress || !is_unresolved(&rule.properties));
                found.push(resource(State::Group(Group { name, is_whole: true, rules })));
            }
            "aws_default_security_group" => {
                let name = Observed::Known("default".to_owned());
                found.push(resource(State::Group(Group { name, is_whole: true, rules: inline(&after, at) })));
            }
            "aws_security_group_rule" => {
                let is_ingress = after.get("type") != Some(&json!("egress"));
                loose.push((resource, address, rules(&after, is_ingress, at)));
            }
            "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => {
                let rule = single(&after, kind.contains("_ingress_"), at);
                loose.push((resource, address, vec![rule]));
            }
            "aws_iam_access_key" => {
                let properties = json!({ "UserName": after.get("user"), "Status": after.get("status") });
                let key = access_key::planned(address, "AWS::IAM::AccessKey", &properties);
                found.extend(key.map(|key| resource(State::Key(key))));
            }
            _ if families::read(kind) => found.push(resource(State::Of(after))),
            _ => {
                if kind.starts_with("aws_cloudformation_stack") {
                    let why = format!("the template of `{address}` is not checked here: check it separately");
                    unknowns.push((why, at));
                } else if kind.starts_with("awscc_") {
                    unknowns.push((format!("`{address}`: resources of the provider awscc are not judged"), at));
                }
                unjudged.push(Unjudged::new(kind, address, at, |part| after.get(part).is_some()));
            }
        }
    }
    for (resource, address, rules) in loose {
        let owner = configuration.refers(address, "security_group_id");
        let added = resource(State::Group(Group { name: unnamed(), is_whole: false, rules }));
        let group = found.iter_mut().find(|planned| owner.as_ref().is_some_and(|owner| planned.name == *owner));
        match (group, added.state) {
            (Some(Planned { state: State::Group(group), is_changed, .. }), State::Group(with)) => {
                group.rules.extend(with.rules);
                *is_changed |= added.is_changed;
            }
            (Some(_) | None, state) => found.push(Planned { state, ..added }),
        }
    }
    read
}

fn unnamed() -> Observed<String> {
    Observed::Unknown { why: "the plan does not say which group the rule is added to".to_owned() }
}

fn inline(group: &Value, at: Position) -> Vec<PlannedRule> {
    let mut all = Vec::new();
    for (key, is_ingress) in [("ingress", true), ("egress", false)] {
        match group.get(key) {
            Some(Value::Array(listed)) => all.extend(listed.iter().flat_map(|rule| rules(rule, is_ingress, at))),
            Some(open @ Value::Object(_)) => all.push(PlannedRule { is_ingress, properties: open.clone(), at }),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
        }
    }
    all
}

/// One rule a source, as AWS keeps them.
fn rules(rule: &Value, is_ingress: bool, at: Position) -> Vec<PlannedRule> {
    let sources = [
        ("cidr_blocks", "CidrIp"),
        ("ipv6_cidr_blocks", "CidrIpv6"),
        ("prefix_list_ids", "SourcePrefixListId"),
        ("security_groups", "SourceSecurityGroupId"),
        ("source_security_group_id", "SourceSecurityGroupId"),
    ];
    let mut made = Vec::new();
    for (key, property) in sources {
        let listed = match rule.get(key) {
            Some(Value::Array(listed)) => listed.clone(),
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one.clone()],
        };
        made.extend(listed.into_iter().map(|source| flat(rule, "protocol", property, source, is_ingress, at)));
    }
    if rule.get("self") == Some(&Value::Bool(true)) {
        made.push(flat(rule, "protocol", "SourceSecurityGroupId", json!("self"), is_ingress, at));
    }
    made
}

/// `aws_vpc_security_group_ingress_rule`: one source by its nature.
fn single(rule: &Value, is_ingress: bool, at: Position) -> PlannedRule {
    let sources = [
        ("cidr_ipv4", "CidrIp"),
        ("cidr_ipv6", "CidrIpv6"),
        ("prefix_list_id", "SourcePrefixListId"),
        ("referenced_security_group_id", "SourceSecurityGroupId"),
    ];
    // A source that is known after the deployment only matters where no other is named.
    let present = |key: &str| rule.get(key).filter(|value| !value.is_null());
    let named = sources.iter().find(|(key, _)| present(key).is_some_and(Value::is_string));
    let open = || sources.iter().find(|(key, _)| present(key).is_some());
    let (key, property) = named.or_else(open).copied().unwrap_or(("cidr_ipv4", "CidrIp"));
    let source = present(key).cloned().unwrap_or_default();
    flat(rule, "ip_protocol", property, source, is_ingress, at)
}

fn flat(rule: &Value, protocol: &str, property: &str, source: Value, is_ingress: bool, at: Position) -> PlannedRule {
    let field = |key: &str| rule.get(key).cloned().unwrap_or_default();
    let mut properties = Map::from_iter([
        ("IpProtocol".to_owned(), field(protocol)),
        ("FromPort".to_owned(), field("from_port")),
        ("ToPort".to_owned(), field("to_port")),
        ("Description".to_owned(), field("description")),
    ]);
    properties.insert(property.to_owned(), source);
    PlannedRule { is_ingress, properties: Value::Object(properties), at }
}
