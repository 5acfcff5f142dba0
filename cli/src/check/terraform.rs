//! Terraform plans (`terraform show -json plan.out`), in CloudFormation's terms.
//!
//! See "JSON Output Format" in Terraform's documentation: `resource_changes[].change.after` is what would be there,
//! `after_unknown` marks what is known at deployment only.

use super::configuration::{Configuration, Module, referred};
use super::families;
use super::plan::{Group, Planned, PlannedRule, Read, State};
use super::policy_data::{POLICY_DOCUMENT, PolicyData};
use super::prefix_lists::PrefixLists;
use super::source::{Place, Source};
use super::unjudged::Unjudged;
use crate::template::{KNOWN_AFTER_APPLY, Places, is_unresolved};
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
    root_module: Option<Module>,
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

/// What the plan would leave there. `text` is what it was read from, `source` where its configuration is written.
pub(super) fn planned(plan: &Plan<'_>, text: &str, source: Option<&Source>) -> Read {
    let places = Places::of(text);
    let configuration =
        Configuration::of(plan.configuration.as_ref().and_then(|configured| configured.root_module.as_ref()));
    let mut read = Read::default();
    let Read { planned: found, unknowns, unjudged, beside, .. } = &mut read;
    let deferred = plan.deferred_changes.as_deref().unwrap_or_default();
    if let Some(first) = deferred.first() {
        let why = format!("{} deferred to a later plan: check that one, too", deferred.len());
        unknowns.push((why, places.of_part(first.get())));
    }
    let (lists, documents) = referred_to(plan, &configuration);
    let mut loose = Vec::new();
    for part in plan.resource_changes.as_deref().unwrap_or_default() {
        let at = places.of_part(part.get());
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
        let mut after = configuration.planned(&address, change.after, &change.after_unknown);
        documents.fill(&address, &mut after);
        let place = source.and_then(|source| source.place(&address)).unwrap_or_else(|| at.into());
        let is_changed = !change.actions.iter().any(|action| action == "no-op");
        let resource = |mut state: State| {
            if let State::Group(group) = &mut state {
                group.rules.iter_mut().for_each(|rule| with_list(&address, rule, &lists));
            }
            Planned {
                name: address.clone(),
                kind: kind.clone(),
                at: place.clone(),
                is_changed,
                state,
                branches: Vec::new(),
                condition: None,
            }
        };
        match kind.as_str() {
            "aws_security_group" => {
                let name = Observed::Known("a group of the plan".to_owned());
                let mut rules = inline(&after, &place);
                // AWS's own egress rule, which no one asked for, is computed. No guardrail looks at it on such a group.
                rules.retain(|rule| rule.is_ingress || !is_unresolved(&rule.properties));
                found.push(resource(State::Group(Group { name, is_whole: true, rules })));
            }
            "aws_default_security_group" => {
                let name = Observed::Known("default".to_owned());
                found.push(resource(State::Group(Group { name, is_whole: true, rules: inline(&after, &place) })));
            }
            "aws_security_group_rule" => {
                let is_ingress = after.get("type") != Some(&json!("egress"));
                loose.push(resource(added(rules(&after, is_ingress, &place), &after)));
            }
            "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => {
                loose.push(resource(added(vec![single(&after, kind.contains("_ingress_"), &place)], &after)));
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
    for rule in loose {
        let owner = configuration.refers(&rule.name, "security_group_id");
        match found.iter_mut().find(|planned| owner.as_ref().is_some_and(|owner| planned.name == *owner)) {
            Some(group) if matches!(group.state, State::Group(_)) => group.add(rule),
            Some(_) | None => found.push(rule),
        }
    }
    lists.settle(unjudged);
    read
}

/// What other resources refer to, wherever in the plan it stands: prefix lists, and the policy documents that are read after the deployment.
fn referred_to(plan: &Plan<'_>, configuration: &Configuration<'_>) -> (PrefixLists, PolicyData) {
    const LIST: &str = "aws_ec2_managed_prefix_list";
    const PART: &str = "aws_ec2_managed_prefix_list_entry";
    let (mut lists, mut documents) = (PrefixLists::default(), PolicyData::default());
    let mut parts = Vec::new();
    let is_needed = |part: &&&RawValue| [LIST, POLICY_DOCUMENT].iter().any(|kind| part.get().contains(kind));
    for part in plan.resource_changes.as_deref().unwrap_or_default().iter().filter(is_needed) {
        let Ok(ResourceChange { address, mode, kind, change }) = serde_json::from_str(part.get()) else { continue };
        if !change.after.is_object() || !matches!(kind.as_str(), LIST | PART | POLICY_DOCUMENT) {
            continue;
        }
        let after = match mode.as_str() {
            // What is not known of a data source was written: by a dynamic block, of which the configuration says nothing.
            "data" => configuration.read_later(change.after, &change.after_unknown),
            _ => configuration.planned(&address, change.after, &change.after_unknown),
        };
        let network = |entry: &Value| entry.get("cidr")?.as_str().map(str::to_owned);
        match (mode.as_str(), kind.as_str()) {
            ("data", POLICY_DOCUMENT) => documents.add(&address, &after),
            ("managed", LIST) => {
                let entries = after.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let is_known = !after.get("entry").is_some_and(Value::is_object);
                lists.add(&address, entries.iter().map(network).collect::<Option<_>>().filter(|_| is_known));
            }
            ("managed", PART) => {
                let list = configuration.refers(&address, "prefix_list_id");
                parts.extend(list.map(|list| (address.clone(), list, network(&after))));
            }
            _ => {}
        }
    }
    for (address, list, network) in parts {
        lists.add_part(&address, &list, network);
    }
    (lists, documents)
}

/// Puts what a prefix list of the plan holds in the place of the reference to it.
fn with_list(address: &str, rule: &mut PlannedRule, lists: &PrefixLists) {
    lists.fill(&mut rule.properties, |list| referred(address, list.get(KNOWN_AFTER_APPLY)?.as_str()?));
}

/// Rules that stand apart. Terraform names the default group of a VPC by an attribute of the VPC.
fn added(rules: Vec<PlannedRule>, written: &Value) -> State {
    let group = written.get("security_group_id").and_then(|group| group.get(KNOWN_AFTER_APPLY)).and_then(Value::as_str);
    let is_default = group.is_some_and(|group| group.ends_with(".default_security_group_id"));
    let name = if is_default { "default" } else { "a group from elsewhere" };
    State::Group(Group { name: Observed::Known(name.to_owned()), is_whole: false, rules })
}

fn inline(group: &Value, at: &Place) -> Vec<PlannedRule> {
    let mut all = Vec::new();
    for (key, is_ingress) in [("ingress", true), ("egress", false)] {
        match group.get(key) {
            Some(Value::Array(listed)) => all.extend(listed.iter().flat_map(|rule| rules(rule, is_ingress, at))),
            Some(open @ Value::Object(_)) => {
                all.push(PlannedRule { is_ingress, properties: open.clone(), at: at.clone() })
            }
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
        }
    }
    all
}

/// One rule a source, as AWS keeps them.
fn rules(rule: &Value, is_ingress: bool, at: &Place) -> Vec<PlannedRule> {
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
fn single(rule: &Value, is_ingress: bool, at: &Place) -> PlannedRule {
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

fn flat(rule: &Value, protocol: &str, property: &str, source: Value, is_ingress: bool, at: &Place) -> PlannedRule {
    let field = |key: &str| rule.get(key).cloned().unwrap_or_default();
    let mut properties = Map::from_iter([
        ("IpProtocol".to_owned(), field(protocol)),
        ("FromPort".to_owned(), field("from_port")),
        ("ToPort".to_owned(), field("to_port")),
        ("Description".to_owned(), field("description")),
    ]);
    properties.insert(property.to_owned(), source);
    PlannedRule { is_ingress, properties: Value::Object(properties), at: at.clone() }
}
