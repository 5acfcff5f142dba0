//! An event of somebody's own: read with errors that name the problem, and staged in the local AWS as far as it can be told.

use super::staged;
use crate::aws::Clients;
use crate::view::View;
use crate::{Result, records};
use serde_json::Value;
use shared::event::Event;
use shared::families::Family;
use shared::families::security_group::{SecurityGroups, rules_of_api_permissions};
use shared::model::security_group::{Direction, GroupAction, GroupRef, Rule, RuleSet};
use shared::plan::Apply;

/// The events of a file: an envelope, a bare record, a log (`{"Records": [...]}`), or a fixture of the tests.
///
/// # Errors
/// What is wrong with the file.
pub fn read(file: &str) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read `{file}`: {error}"))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| format!("`{file}` is no JSON: {error}"))?;
    let found = match (&value["Records"], &value["event"]) {
        (Value::Array(records), _) => records.clone(),
        (_, event @ Value::Object(_)) => vec![event.clone()],
        _ => vec![value],
    };
    if found.is_empty() {
        return Err(format!("`{file}` holds no record").into());
    }
    found.into_iter().map(|event| checked(event).map_err(|problem| format!("`{file}`: {problem}").into())).collect()
}

/// The event in its envelope, once it is known to be one.
fn checked(event: Value) -> Result<Value> {
    if event.get("detail-type").is_some() {
        Event::from_envelope(&event)?;
        return Ok(event);
    }
    let read = Event::from_record(&event)?;
    let mut event = event;
    event["recipientAccountId"] = read.account.into();
    Ok(records::envelope(event))
}

/// The region of the events, where it is one.
#[must_use]
pub fn region(events: &[Value]) -> Option<String> {
    events.first()?["region"].as_str().map(str::to_owned)
}

/// The account of the events, where it is one.
#[must_use]
pub fn account(events: &[Value]) -> Option<String> {
    events.first()?["account"].as_str().map(str::to_owned)
}

/// Makes what the event is about in the local AWS, changed as the event says, and puts its ids into the event.
pub(super) async fn stage(event: &Value, clients: &Clients) -> Result<(Value, View, String)> {
    let record = &event["detail"];
    match (record["eventSource"].as_str(), record["eventName"].as_str()) {
        (Some("iam.amazonaws.com"), Some("CreateAccessKey")) => key(event, clients).await,
        (Some("ec2.amazonaws.com"), Some("CreateVpc" | "CreateDefaultVpc")) => vpc(event, clients).await,
        (Some("ec2.amazonaws.com"), Some(name)) if name.contains("SecurityGroup") => group(event, clients).await,
        _ => Ok(match staged::stage(event, clients).await? {
            Some((event, note)) => (event, View::Nothing, note),
            None => (event.clone(), View::Nothing, "nothing to prepare for it in the local AWS".to_owned()),
        }),
    }
}

/// The event with one id in place of another, wherever it stands.
pub(super) fn renamed(event: &Value, from: &str, to: &str) -> Result<Value> {
    Ok(serde_json::from_str(&event.to_string().replace(from, to))?)
}

async fn key(event: &Value, clients: &Clients) -> Result<(Value, View, String)> {
    let record = &event["detail"];
    let made = &record["responseElements"]["accessKey"];
    let named = [&made["userName"], &record["requestParameters"]["userName"], &record["userIdentity"]["userName"]];
    let (Some(user), Some(id)) = (named.into_iter().find_map(Value::as_str), made["accessKeyId"].as_str()) else {
        return Ok((event.clone(), View::Nothing, "it names no user and key: nothing was prepared".to_owned()));
    };
    // A user of an earlier event of the file is there already.
    let _ = clients.iam.create_user().user_name(user).send().await;
    let key = clients.iam.create_access_key().user_name(user).send().await?;
    let own = key.access_key.map(|key| key.access_key_id).unwrap_or_default();
    let note = format!("played by user {user} with key {own} in place of {id}");
    Ok((renamed(event, id, &own)?, View::Keys(user.to_owned()), note))
}

async fn vpc(event: &Value, clients: &Clients) -> Result<(Value, View, String)> {
    let Some(id) = event["detail"]["responseElements"]["vpc"]["vpcId"].as_str() else {
        return Ok((event.clone(), View::Nothing, "it names no VPC: nothing was prepared".to_owned()));
    };
    let made = clients.ec2.create_vpc().cidr_block("10.9.0.0/16").send().await?;
    let own = made.vpc.and_then(|vpc| vpc.vpc_id).unwrap_or_default();
    let filter = aws_sdk_ec2::types::Filter::builder().name("vpc-id").values(&own).build();
    let groups =
        clients.ec2.describe_security_groups().filters(filter).send().await?.security_groups.unwrap_or_default();
    let group = groups.first().and_then(|group| group.group_id.clone()).unwrap_or_default();
    Ok((renamed(event, id, &own)?, View::Group(group), format!("played by {own} in place of {id}")))
}

async fn group(event: &Value, clients: &Clients) -> Result<(Value, View, String)> {
    let nothing = |why: String| Ok((event.clone(), View::Nothing, format!("{why}: nothing was prepared")));
    let call = match Event::from_record(&event["detail"]) {
        Ok(call) if call.failure.is_none() => call,
        Ok(_) => return nothing("the call failed".to_owned()),
        Err(error) => return nothing(error.to_string()),
    };
    let target = match SecurityGroups.locate(&call).map(|targets| targets.into_iter().next()) {
        Ok(Some(target)) => target,
        Ok(None) => return nothing("it is about no group that a guardrail looks at".to_owned()),
        Err(error) => return nothing(error.to_string()),
    };
    let vpcs = clients.ec2.describe_vpcs().send().await?.vpcs.unwrap_or_default();
    let vpc = vpcs.first().and_then(|vpc| vpc.vpc_id.clone()).unwrap_or_default();
    let name = if let GroupRef::Named(name) = &target.key { name.clone() } else { format!("yours-{}", call.id) };
    let made = clients.ec2.create_security_group().group_name(name).description("yours").vpc_id(vpc).send().await?;
    let own = made.group_id.unwrap_or_default();
    let (event, played) = match &target.key {
        GroupRef::Id(id) => (renamed(event, id, &own)?, format!("played by {own} in place of {id}")),
        GroupRef::Named(name) => (event.clone(), format!("played by {own}, named {name}")),
        GroupRef::DefaultOf(_) => return nothing("it names no group".to_owned()),
    };
    let direction = if call.name.ends_with("Egress") { Direction::Egress } else { Direction::Ingress };
    let rules =
        target.proven.map_or_else(|| asked(&event["detail"]["requestParameters"], direction), |state| Ok(state.rules));
    let set = match rules {
        Ok(rules) if !rules.is_empty() => RuleSet { group: own.clone(), direction, rules },
        Ok(_) => return Ok((event, View::Group(own), format!("{played}, without rules: the record names none"))),
        Err(why) => return Ok((event, View::Group(own), format!("{played}, without rules: {why}"))),
    };
    let stands = shared::aws::ec2::Ec2::new(&clients.config).apply(&GroupAction::Authorize(set)).await;
    let note = match stands {
        Ok(_) => played,
        Err(error) => format!("{played}; its rules were not taken: {error}"),
    };
    Ok((event, View::Group(own), note))
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
