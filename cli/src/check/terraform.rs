//! Terraform plans (`terraform show -json plan.out`), in CloudFormation's terms.
//!
//! See "JSON Output Format" in Terraform's documentation: `resource_changes[].change.after` is what would be there,
//! `after_unknown` marks what is known at deployment only.

use super::configuration::{Configuration, Module};
use super::families;
use super::plan::{Group, Planned, PlannedRule, Read, State};
use super::unjudged::Unjudged;
use crate::template::{Position, is_unresolved};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use shared::engine::observed::Observed;
use shared::resources::iam::{JUDGED_WITH, access_key};

/// A plan as it is written: each change is read when its turn comes, since most of a plan is said twice (`planned_values`, `prior_state`) or describes
/// what is there already.
#[derive(Deserialize)]
pub(super) struct Plan<'a> {
    format_version: Option<&'a RawValue>,
    planned_values: Option<&'a RawValue>,
    #[serde(borrow)]
    resource_changes: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    deferred_changes: Option<Vec<&'a RawValue>>,
    configuration: Option<Configured>,
}

#[derive(Deserialize)]
struct Configured {
    #[serde(default)]
    root_module: Module,
}

/// An element of `resource_changes`. Terraform leaves no key out, other programs that write the form do.
#[derive(Deserialize)]
struct ResourceChange {
    #[serde(default)]
    address: String,
    #[serde(default)]
    mode: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    change: Change,
}

#[derive(Default, Deserialize)]
struct Change {
    #[serde(default)]
    actions: Vec<String>,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    after_unknown: Value,
}

impl<'a> Plan<'a> {
    /// The plan; none for a text that is none.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let is_object = text.trim_start().starts_with('{');
        let plan: Self = is_object.then(|| serde_json::from_str(text).ok()).flatten()?;
        let is_plan =
            plan.resource_changes.is_some() || (plan.planned_values.is_some() && plan.format_version.is_some());
        is_plan.then_some(plan)
    }
}

/// Where the parts of a text stand.
struct Places<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1)).collect();
        Self { text, lines }
    }

    fn of_part(&self, part: &RawValue) -> Position {
        let start = part.get().as_ptr() as usize - self.text.as_ptr() as usize;
        let line = self.lines.partition_point(|begin| *begin <= start);
        let begin = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(begin..start).map_or(0, |before| before.chars().count());
        Position { line, column: column + 1 }
    }
}

/// What the plan would leave there. `text` is what it was read from.
pub(super) fn planned(plan: &Plan<'_>, text: &str) -> Read {
    let places = Places::of(text);
    let configuration = Configuration::of(plan.configuration.as_ref().map(|configured| &configured.root_module));
    let mut read = Read::default();
    let Read { planned: found, unknowns, unjudged, beside, .. } = &mut read;
    let deferred = plan.deferred_changes.as_deref().unwrap_or_default();
    if let Some(first) = deferred.first() {
        let why = format!("{} deferred to a later plan: check that one, too", deferred.len());
        unknowns.push((why, places.of_part(first)));
    }
    let mut loose = Vec::new();
    for part in plan.resource_changes.as_deref().unwrap_or_default() {
        let at = places.of_part(part);
        let change: ResourceChange = match serde_json::from_str(part.get()) {
            Ok(change) => change,
            Err(error) => {
                unknowns.push((format!("an element of `resource_changes` cannot be read: {error}"), at));
                continue;
            }
        };
        let ResourceChange { address, mode, kind, change } = change;
        // Data sources are read, not made; what is deleted has no `after`.
        if !change.after.is_object() || mode == "data" {
            continue;
        }
        let after = configuration.planned(&address, change.after, &change.after_unknown);
        let is_changed = !change.actions.iter().any(|action| action == "no-op");
        let (named, of_kind) = (address.clone(), kind.clone());
        let resource = move |state| Planned { name: named, kind: of_kind, at, is_changed, state };
        match kind.as_str() {
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
                let key = access_key::planned(&address, "AWS::IAM::AccessKey", &properties);
                found.extend(key.map(|key| resource(State::Key(key))));
            }
            judged_with if JUDGED_WITH.contains(&judged_with) => {
                unjudged.push(Unjudged::new(&kind, &address, at));
                beside.push((address, kind, after));
            }
            _ if families::read(&kind) => found.push(resource(State::Of(after))),
            _ => {
                if kind.starts_with("aws_cloudformation_stack") {
                    let why = format!("the template of `{address}` is not checked here: check it separately");
                    unknowns.push((why, at));
                } else if kind.starts_with("awscc_") {
                    unknowns.push((format!("`{address}`: resources of the provider awscc are not judged"), at));
                }
                unjudged.push(Unjudged::new(&kind, &address, at));
            }
        }
    }
    for (resource, address, rules) in loose {
        let owner = configuration.refers(&address, "security_group_id");
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
