//! Security groups.

use super::{Script, Stage, done};
use crate::Result;
use crate::view::View;
use aws_sdk_ec2::types::Filter;
use serde_json::Value;
use shared::aws::ec2::Ec2;
use shared::families::security_group::{SecurityGroups, rules_of_api_permissions};
use shared::model::security_group::{Direction, GroupAction, GroupRef, Rule, RuleSet};

/// A VPC with its default group; for the default VPC, the one that is there.
pub(super) async fn vpc(script: &Script<'_>) -> Result<Stage> {
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
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let call = ec2.describe_security_groups().filters(filter("vpc-id", &own)).filters(filter("group-name", "default"));
    let groups = call.send().await?.security_groups.unwrap_or_default();
    let group = groups.into_iter().next().and_then(|group| group.group_id).ok_or("a VPC without a default group")?;
    Ok(script.played(id, &own)?.seen(View::Group(group)))
}

/// A group, and the rules that the event adds.
pub(super) async fn group(script: &Script<'_>) -> Result<Stage> {
    let ec2 = &script.clients.ec2;
    let target = script.target(SecurityGroups)?;
    let vpcs = ec2.describe_vpcs().send().await?.vpcs.unwrap_or_default();
    let vpc = vpcs.first().and_then(|vpc| vpc.vpc_id.clone()).unwrap_or_default();
    let name = match &target.key {
        GroupRef::Named(name) => name.clone(),
        GroupRef::Id(_) | GroupRef::DefaultOf(_) => format!("yours-{}", script.call.id),
    };
    let made = ec2.create_security_group().group_name(name).description("yours").vpc_id(vpc).send().await?;
    let own = made.group_id.unwrap_or_default();
    let stage = match &target.key {
        GroupRef::Id(id) => script.played(id, &own)?,
        GroupRef::Named(name) => script.made(format!("{own}, named {name}")),
        GroupRef::DefaultOf(_) => return Err("it names no group".into()),
    };
    let stage = stage.seen(View::Group(own.clone()));
    let direction = if script.call.name.ends_with("Egress") { Direction::Egress } else { Direction::Ingress };
    let request = &script.event["detail"]["requestParameters"];
    let rules = target.proven.map_or_else(|| asked(request, direction), |state| Ok(state.rules));
    let rules = match rules {
        Ok(rules) if !rules.is_empty() => rules,
        Ok(_) => return Ok(noted(stage, "without rules: the record names none")),
        Err(why) => return Ok(noted(stage, &format!("without rules: {why}"))),
    };
    let set = RuleSet { group: own, direction, rules };
    let world = Ec2::new(&script.clients.config);
    Ok(stage.then(async move { done(&world, &GroupAction::Authorize(set)).await }))
}

fn noted(stage: Stage, note: &str) -> Stage {
    let note = format!("{}, {note}", stage.note);
    Stage { note, ..stage }
}

/// The rules that a request asks for, in any of the shapes of records.
fn asked(request: &Value, direction: Direction) -> std::result::Result<Vec<Rule>, String> {
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
    ];
    let (key, list, name) = sources.into_iter().find(|(key, ..)| rule[*key].is_string())?;
    let mut permission = rule.clone();
    permission[list] = serde_json::json!([{ name: rule[key] }]);
    Some(permission)
}
