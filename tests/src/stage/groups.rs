//! Security groups.

use super::groups_named::Cast;
use super::{Script, Stage, done};
use crate::Result;
use crate::lab::vpc;
use crate::view::View;
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Filter;
use serde_json::Value;
use shared::engine::unreadable::Unreadable;
use shared::resources::ec2::client::Ec2;
use shared::resources::ec2::security_group::state::{Direction, GroupAction, GroupRef, Rule, RuleSet};
use shared::resources::ec2::security_group::{SecurityGroups, rules_of_api_permissions};

/// A VPC with its default group; for the default VPC, the one that is there.
pub(super) async fn with_vpc(script: &Script<'_>) -> Result<Stage> {
    let ec2 = &script.clients.ec2;
    let id = script.call.response.text(&["vpc", "vpcId"]).ok_or("it names no VPC")?;
    let own = if script.call.name == "CreateVpc" {
        ec2.create_vpc().cidr_block("10.9.0.0/16").send().await?.vpc.and_then(|vpc| vpc.vpc_id)
    } else {
        let filter = Filter::builder().name("is-default").values("true").build();
        let vpcs = ec2.describe_vpcs().filters(filter).send().await?.vpcs.unwrap_or_default();
        vpcs.into_iter().next().and_then(|vpc| vpc.vpc_id)
    };
    let own = own.ok_or("the local AWS has no such VPC")?;
    let group = default_of(ec2, &own).await?;
    Ok(script.played(id, &own)?.seen(View::Group(group)))
}

async fn default_of(ec2: &Client, vpc: &str) -> Result<String> {
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let call = ec2.describe_security_groups().filters(filter("vpc-id", vpc)).filters(filter("group-name", "default"));
    let groups = call.send().await?.security_groups.unwrap_or_default();
    Ok(groups.into_iter().next().and_then(|group| group.group_id).ok_or("a VPC without a default group")?)
}

async fn made(script: &Script<'_>, key: &GroupRef) -> Result<String> {
    let ec2 = &script.clients.ec2;
    let vpcs = ec2.describe_vpcs().send().await?.vpcs.unwrap_or_default();
    let vpc = vpcs.first().and_then(|vpc| vpc.vpc_id.clone()).unwrap_or_default();
    let name = match key {
        GroupRef::Named(name) => name.clone(),
        GroupRef::Id(_) | GroupRef::DefaultOf(_) => format!("yours-{}", script.call.id),
    };
    let made = ec2.create_security_group().group_name(name).description("yours").vpc_id(vpc).send().await?;
    Ok(made.group_id.ok_or("no group was made")?)
}

/// A group, and the rules that the event adds.
pub(super) async fn group(script: &Script<'_>) -> Result<Stage> {
    let ec2 = &script.clients.ec2;
    let target = script.target(SecurityGroups)?;
    let own = match script.live["GroupName"].as_str() {
        Some("default") => {
            let vpc = vpc(script.clients).await?;
            default_of(ec2, &vpc).await?
        }
        Some(_) | None => made(script, &target.key).await?,
    };
    let id = match &target.key {
        GroupRef::Id(id) => Some(id.as_str()),
        GroupRef::Named(_) => None,
        GroupRef::DefaultOf(_) => return Err("it names no group".into()),
    };
    let direction = if script.call.name.ends_with("Egress") { Direction::Egress } else { Direction::Ingress };
    let request = &script.event["detail"]["requestParameters"];
    let rules = target.proven.map_or_else(|| asked(request, direction), |state| Ok(state.rules));
    let (rules, note) = match rules {
        Ok(rules) if !rules.is_empty() => (rules, String::new()),
        Ok(_) => (Vec::new(), ", without rules: the record names none".to_owned()),
        Err(why) => (Vec::new(), format!(", without rules: {why}")),
    };
    let older = older(&script.live, &rules);
    let named: Vec<Rule> = rules.iter().chain(&older).cloned().collect();
    let cast = Cast::of(ec2, &named, (id, &own), &vpc_of(ec2, &own).await?, &script.live["PrefixLists"]).await?;
    let (event, others) = cast.event(&script.event, &own)?;
    let who = match (&target.key, id) {
        (GroupRef::Named(name), _) => format!("{own}, named {name}, made for it"),
        (_, id) => format!("{own} in place of {}", id.unwrap_or_default()),
    };
    let stage = Stage::new(event, format!("played by {who}{others}{note}")).seen(View::Group(own.clone()));
    if rules.is_empty() {
        return Ok(stage);
    }
    let world = Ec2::new(&script.clients.config);
    let set = |rules: Vec<Rule>, direction| RuleSet { group: own.clone(), direction, rules: cast.play(rules) };
    if !older.is_empty() {
        done(&world, &GroupAction::Authorize(set(older, Direction::Ingress))).await?;
    }
    let set = set(rules, direction);
    Ok(stage.then(async move { done(&world, &GroupAction::Authorize(set)).await }))
}

async fn vpc_of(ec2: &Client, group: &str) -> Result<String> {
    let groups = ec2.describe_security_groups().group_ids(group).send().await?.security_groups.unwrap_or_default();
    Ok(groups.into_iter().next().and_then(|group| group.vpc_id).ok_or("a group in no VPC")?)
}

/// What stands there beside the rules of the event.
fn older(live: &Value, rules: &[Rule]) -> Vec<Rule> {
    let permissions = live["IpPermissions"].as_array().cloned().unwrap_or_default();
    let standing = rules_of_api_permissions(&permissions, Direction::Ingress).unwrap_or_default();
    let is_new = |rule: &Rule| rules.iter().any(|new| (new.traffic, &new.source) == (rule.traffic, &rule.source));
    standing.into_iter().filter(|rule| !is_new(rule)).collect()
}

/// The rules that a request asks for, in any of the shapes of records.
fn asked(request: &Value, direction: Direction) -> std::result::Result<Vec<Rule>, Unreadable> {
    let changes = &request["ModifySecurityGroupRulesRequest"]["SecurityGroupRule"];
    let changes: Vec<Value> = match changes {
        Value::Array(list) => list.clone(),
        Value::Object(_) => vec![changes.clone()],
        _ => Vec::new(),
    };
    let mut permissions = request["ipPermissions"]["items"].as_array().cloned().unwrap_or_default();
    let flat = changes.iter().map(|change| &change["SecurityGroupRule"]).chain([request]);
    permissions.extend(flat.filter_map(permission));
    rules_of_api_permissions(&permissions, direction)
}

/// A rule whose source stands beside its ports, as a permission.
fn permission(rule: &Value) -> Option<Value> {
    let sources = [
        ("cidrIp", "ipRanges", "cidrIp"),
        ("CidrIpv4", "ipRanges", "cidrIp"),
        ("cidrIpv6", "ipv6Ranges", "cidrIpv6"),
        ("CidrIpv6", "ipv6Ranges", "cidrIpv6"),
        ("PrefixListId", "prefixListIds", "prefixListId"),
        ("ReferencedGroupId", "groups", "groupId"),
    ];
    let (key, list, name) = sources.into_iter().find(|(key, ..)| rule[*key].is_string())?;
    let mut permission = rule.clone();
    permission[list] = serde_json::json!([{ name: rule[key] }]);
    Some(permission)
}
