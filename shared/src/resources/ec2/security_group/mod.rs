//! Security groups: NET-01, NET-02, NET-03, NET-05.

pub(crate) mod actions;
pub mod admin_port_open;
pub mod all_traffic_open;
#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod default_has_rules;
mod described;
pub mod near_world_open;
mod planned;
mod record;
pub mod state;

pub use described::described;
pub use planned::{planned, planned_list};
pub use record::rules_of_api_permissions;

use super::wire;
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::{NotWatched, guardrails};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::span::Span;
use crate::engine::unreadable::Unreadable;
use actions::{AUTHORIZE_SECURITY_GROUP_EGRESS, AUTHORIZE_SECURITY_GROUP_INGRESS, CREATE_TAGS};
use admin_port_open::SecurityGroupAdminPort;
use all_traffic_open::SecurityGroupAllTraffic;
use default_has_rules::SecurityGroupDefault;
use near_world_open::SecurityGroupNearWorld;
use state::{Direction, GroupAction, GroupRef, Rule, SecurityGroup};
use std::collections::BTreeSet;

/// See [`About::ids`](crate::engine::guardrail::About::ids).
const IDS: &[&str] = &["arn:%:ec2:%:%:security-group/%"];

/// See [`About::not_watched`](crate::engine::guardrail::About::not_watched).
const NOT_WATCHED: &[NotWatched] = &[
    ("CreateSecurityGroup", "a new group allows no ingress"),
    ("CreateManagedPrefixList", "no rule references a new list; a later rule is evaluated with the list's entries"),
    (
        "ModifyNetworkInterfaceAttribute, RunInstances",
        "they use a group, whose rules are evaluated when they are created",
    ),
    ("a list that another account shares", "its changes are recorded only in that account: the sweep finds them"),
];

pub(crate) const DESCRIBE_MANAGED_PREFIX_LISTS: Permission = Permission::read("ec2:DescribeManagedPrefixLists");
pub(crate) const DESCRIBE_SECURITY_GROUP_RULES: Permission = Permission::read("ec2:DescribeSecurityGroupRules");
pub(crate) const DESCRIBE_SECURITY_GROUPS: Permission = Permission::read("ec2:DescribeSecurityGroups");
pub(crate) const GET_MANAGED_PREFIX_LIST_ENTRIES: Permission = Permission::read("ec2:GetManagedPrefixListEntries");

/// The family of security groups. Regional: its function runs in every region.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecurityGroups;

type GroupTarget = Target<GroupRef, SecurityGroup>;

impl Family for SecurityGroups {
    type Key = GroupRef;
    type State = SecurityGroup;
    type Action = GroupAction;

    fn kind(&self) -> &'static str {
        "security-group"
    }

    fn reads(&self) -> &'static [Permission] {
        &[
            DESCRIBE_MANAGED_PREFIX_LISTS,
            DESCRIBE_SECURITY_GROUP_RULES,
            DESCRIBE_SECURITY_GROUPS,
            GET_MANAGED_PREFIX_LIST_ENTRIES,
        ]
    }

    /// Rules are put back with their tags, which takes a permission of its own.
    fn undoes(&self) -> &'static [Permission] {
        &[AUTHORIZE_SECURITY_GROUP_EGRESS, AUTHORIZE_SECURITY_GROUP_INGRESS, CREATE_TAGS]
    }

    guardrails![SecurityGroupAllTraffic, SecurityGroupAdminPort, SecurityGroupNearWorld, SecurityGroupDefault];

    fn locate(&self, event: &Event) -> Result<Vec<GroupTarget>, Unlocatable> {
        if event.source != "ec2.amazonaws.com" {
            return Ok(Vec::new());
        }
        let target = match event.name.as_str() {
            "AuthorizeSecurityGroupIngress" => authorized(event, Direction::Ingress),
            "AuthorizeSecurityGroupEgress" => authorized(event, Direction::Egress),
            "ModifySecurityGroupRules" => modified(event),
            "CreateVpc" | "CreateDefaultVpc" => created_vpc(event),
            // Which groups it is about only a read shows: `spans`.
            _ => return Ok(Vec::new()),
        };
        target.map(|target| vec![target]).map_err(|why| Unlocatable::new(event, why))
    }

    /// What a prefix list says counts for every rule that names it.
    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        if !event.is_one_of("ec2.amazonaws.com", &["ModifyManagedPrefixList", "RestoreManagedPrefixListVersion"]) {
            return Ok(Vec::new());
        }
        let asked = wire::unwrapped(&event.request, &format!("{}Request", event.name));
        let made = wire::unwrapped(&event.response, &format!("{}Response", event.name));
        let list =
            made.and_then(|made| wire::field(made, "prefixList")).and_then(|list| wire::text(list, "prefixListId"));
        let id = asked
            .and_then(|asked| wire::text(asked, "prefixListId"))
            .or(list)
            .ok_or_else(|| Unlocatable::new(event, "the record names no prefix list"))?;
        Ok(vec![Span::PrefixList(id)])
    }

    /// AWS makes all of the rules that a successful `Authorize…` asks for, or none. Records before 2021 answer no more
    /// than that it succeeded.
    fn claimed(&self, event: &Event, key: &GroupRef) -> Option<SecurityGroup> {
        let direction = match event.name.as_str() {
            "AuthorizeSecurityGroupIngress" => Direction::Ingress,
            "AuthorizeSecurityGroupEgress" => Direction::Egress,
            _ => return None,
        };
        let rules = record::asked(&event.request, direction).ok().filter(|rules| !rules.is_empty())?;
        let (id, name) = match key {
            GroupRef::Id(id) => (id, unknown_name()),
            GroupRef::Named(name) => (name, Observed::Known(name.clone())),
            GroupRef::DefaultOf(_) => return None,
        };
        Some(SecurityGroup { id: id.clone(), name, rules, is_whole: false, stack: None })
    }

    fn focus(&self, group: &mut SecurityGroup, target: &GroupTarget) {
        let Some(changed) = &target.changed else { return };
        for rule in &mut group.rules {
            rule.in_question = changed.contains(&rule.element());
        }
    }

    fn stack(&self, group: &SecurityGroup) -> Option<String> {
        group.stack.clone()
    }

    fn resource(&self, key: &GroupRef, state: Option<&SecurityGroup>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let (kind, path, name) = match (state, key) {
            (Some(group), _) => ("AwsEc2SecurityGroup", "security-group", group.id.clone()),
            (None, GroupRef::Id(id)) => ("AwsEc2SecurityGroup", "security-group", id.clone()),
            (None, GroupRef::Named(name)) => ("AwsEc2SecurityGroup", "security-group", name.clone()),
            (None, GroupRef::DefaultOf(vpc)) => ("AwsEc2Vpc", "vpc", vpc.clone()),
        };
        Resource { id: format!("arn:{partition}:ec2:{region}:{account}:{path}/{name}"), kind, name }
    }
}

/// The record states what was made when its response lists rules with ids; the request only states what was asked.
fn authorized(event: &Event, direction: Direction) -> Result<GroupTarget, Unreadable> {
    let made = record::made(&event.response, direction);
    let asked = record::asked(&event.request, direction);
    let id = event.request.text(&["groupId"]).map(str::to_owned);
    let id = id.or_else(|| made.as_ref().ok().and_then(|made| made.group.clone()));
    let name = event.request.text(&["groupName"]).map(str::to_owned);
    let key = match (id, &name) {
        (Some(id), _) => GroupRef::Id(id),
        (None, Some(name)) => GroupRef::Named(name.clone()),
        (None, None) => return Err(Unreadable::request(&event.request, "group")),
    };
    let elements = |rules: &[Rule]| rules.iter().map(Rule::element).collect::<BTreeSet<_>>();
    let asked = asked.map(|asked| elements(&asked));
    // A response that lists less than was asked for is not the whole story: read.
    let is_whole_story = match (&made, &asked) {
        (Ok(made), Ok(asked)) => made.has_ids && asked.is_subset(&elements(&made.rules)),
        (Ok(_) | Err(_), _) => false,
    };
    let changed = match (&made, asked) {
        (Ok(made), Ok(asked)) => Some(elements(&made.rules).into_iter().chain(asked).collect()),
        (Err(_), Ok(asked)) if !asked.is_empty() => Some(asked),
        (Ok(_) | Err(_), _) => None,
    };
    let proven = match (made, &key) {
        (Ok(made), GroupRef::Id(id)) if is_whole_story => Some(SecurityGroup {
            id: id.clone(),
            name: name.map_or_else(unknown_name, Observed::Known),
            rules: made.rules,
            is_whole: false,
            stack: None,
        }),
        _ => None,
    };
    Ok(Target { key, proven, changed })
}

/// The record names the rules by id and says what they became, but not whether they are ingress or egress: read.
fn modified(event: &Event) -> Result<GroupTarget, Unreadable> {
    let change = record::modified(&event.request)?;
    let group = change.group.ok_or_else(|| Unreadable::request(&event.request, "group"))?;
    let changed = change.rules.ok().map(|rules| rules.iter().map(Rule::element).collect::<BTreeSet<_>>());
    Ok(Target { key: GroupRef::Id(group), proven: None, changed: changed.map(record::either_direction) })
}

fn created_vpc(event: &Event) -> Result<GroupTarget, Unreadable> {
    let vpc = event.response.text(&["vpc", "vpcId"]).ok_or("the response names no VPC")?;
    Ok(Target { key: GroupRef::DefaultOf(vpc.to_owned()), proven: None, changed: None })
}

fn unknown_name() -> Observed<String> {
    Observed::Unknown { why: "the record names the group by id only".to_owned() }
}
