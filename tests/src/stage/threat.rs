//! Users, roles and instances that a finding of GuardDuty or AWS Health names. A finding changes nothing, so nothing is changed afterwards either.

use super::iam::{active_key, holder};
use super::{Script, Stage, renamed};
use crate::Result;
use crate::aws::Clients;
use crate::reader::Reader;
use crate::view::View;
use aws_sdk_ec2::types::{
    Filter, InstanceNetworkInterfaceSpecification, InstanceType, ResourceType, Tag, TagSpecification,
};
use aws_sdk_iam::types::StatusType;
use serde_json::Value;
use shared::engine::holder::{Holder, HolderKind};
use shared::resources::ec2::ReportedInstances;
use shared::resources::ec2::client::Ec2;
use shared::resources::ec2::reported_instance::state::QUARANTINE;
use shared::resources::iam::{ReportedRoles, ReportedUsers};
use std::collections::BTreeMap;

pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    match script.live.get("InstanceId").and_then(Value::as_str) {
        Some(id) => instance(script, id).await,
        None if script.target(ReportedRoles).is_ok() => role(script).await,
        None if script.target(ReportedUsers).is_ok() => user(script).await,
        None => Err("it names nothing that can be made".into()),
    }
}

/// The finding with the activity that it is about a moment ago: sessions that were opened half a year ago have ended.
fn now(mut event: Value) -> Value {
    let now = jiff::Timestamp::now().to_string();
    let detail = &mut event["detail"];
    for at in ["/updatedAt", "/service/eventLastSeen"] {
        if let Some(time) = detail.pointer_mut(at) {
            *time = now.clone().into();
        }
    }
    event
}

/// The id that a finding names a principal by, with another one in its place.
fn identified(event: &Value, own: &str) -> Result<Value> {
    let id = event.pointer("/detail/resource/accessKeyDetails/principalId").and_then(Value::as_str);
    match id.and_then(|id| id.split(':').next()) {
        Some(id) => renamed(event, id, own),
        None => Ok(event.clone()),
    }
}

/// A user with as many keys.
async fn user(script: &Script<'_>) -> Result<Stage> {
    let clients = script.clients;
    let name = script.live["UserName"].as_str().ok_or("the situation does not say whose key it is")?;
    holder(clients, &Holder { kind: HolderKind::User, name: name.to_owned() }).await;
    let (mut event, mut keys) = (script.event.clone(), Vec::new());
    for key in script.live["AccessKeyMetadata"].as_array().into_iter().flatten() {
        let own = active_key(clients, name).await?;
        if key["Status"] == "Inactive" {
            let call = clients.iam.update_access_key().user_name(name).access_key_id(&own);
            call.status(StatusType::Inactive).send().await?;
        }
        let id = key["AccessKeyId"].as_str().unwrap_or_default();
        event = renamed(&event, id, &own)?;
        keys.push(format!("key {own} in place of {id}"));
    }
    let user = clients.iam.get_user().user_name(name).send().await?.user.ok_or("no user was made")?;
    let event = now(identified(&event, &user.user_id)?);
    let note = format!("played by user {name} with {}", keys.join(", "));
    Ok(Stage::new(event, note).seen(View::User(name.to_owned())))
}

async fn role(script: &Script<'_>) -> Result<Stage> {
    let name = script.target(ReportedRoles)?.key.caller.name;
    holder(script.clients, &Holder { kind: HolderKind::Role, name: name.clone() }).await;
    let role = script.clients.iam.get_role().role_name(&name).send().await?.role.ok_or("no role was made")?;
    let event = now(identified(&script.event, &role.role_id)?);
    Ok(Stage::new(event, format!("played by role {name}")).seen(View::Holder(format!("role/{name}"))))
}

/// An instance with an interface of each of its own, in the default VPC, which gets a quarantine group.
async fn instance(script: &Script<'_>, id: &str) -> Result<Stage> {
    let clients = script.clients;
    let by_default = Filter::builder().name("default-for-az").values("true").build();
    let subnets = clients.ec2.describe_subnets().filters(by_default).send().await?.subnets.unwrap_or_default();
    let subnet = subnets.first().ok_or("there is no default subnet")?;
    let vpc = subnet.vpc_id().unwrap_or_default();
    let mut groups = BTreeMap::new();
    if let Some(named) = script.live["QuarantineGroups"].as_object().and_then(|groups| groups.values().next()) {
        let group = quarantine(clients, vpc, named.get("LetsThrough").is_none()).await?;
        groups.insert(named["GroupId"].as_str().unwrap_or_default().to_owned(), group);
    }
    let mut interfaces = Vec::new();
    for (at, interface) in script.live["NetworkInterfaces"].as_array().into_iter().flatten().enumerate() {
        let mut own = Vec::new();
        for group in interface["Groups"].as_array().into_iter().flatten() {
            let name = group["GroupId"].as_str().unwrap_or_default();
            if !groups.contains_key(name) {
                groups.insert(name.to_owned(), group_of(clients, vpc, name).await?);
            }
            own.extend(groups.get(name).cloned());
        }
        let specified = InstanceNetworkInterfaceSpecification::builder().device_index(i32::try_from(at)?);
        let specified = specified.subnet_id(subnet.subnet_id().unwrap_or_default()).set_groups(Some(own));
        interfaces.push(specified.build());
    }
    // Tags of AWS's own are AWS's to put.
    let tags = script.live["Tags"].as_array().into_iter().flatten();
    let text = |tag: &Value, key: &str| tag[key].as_str().unwrap_or_default().to_owned();
    let tags = tags.filter(|tag| !text(tag, "Key").starts_with("aws:"));
    let tags: Vec<Tag> =
        tags.map(|tag| Tag::builder().key(text(tag, "Key")).value(text(tag, "Value")).build()).collect();
    let call = clients.ec2.run_instances().image_id(super::settings::image(clients).await?);
    let mut call = call.instance_type(InstanceType::T3Micro).set_network_interfaces(Some(interfaces));
    if !tags.is_empty() {
        let tags = TagSpecification::builder().resource_type(ResourceType::Instance).set_tags(Some(tags));
        call = call.tag_specifications(tags.build());
    }
    let launched = call.min_count(1).max_count(1).send().await?.instances.unwrap_or_default();
    let own = launched.into_iter().next().and_then(|one| one.instance_id).ok_or("no instance was launched")?;
    let event = now(renamed(&script.event, id, &own)?);
    let seen = Script { call: super::call(&event)?, event, live: Value::Null, kept: Value::Null, clients };
    let key = seen.target(ReportedInstances)?.key;
    let view = View::Read(Reader::of(ReportedInstances, key, Ec2::new));
    Ok(Stage::new(seen.event, format!("played by {own} in place of {id}")).seen(view))
}

async fn group_of(clients: &Clients, vpc: &str, name: &str) -> Result<String> {
    let name = format!("{name}-{}", uuid::Uuid::new_v4());
    let made = clients.ec2.create_security_group().group_name(name).description("of a demonstration").vpc_id(vpc);
    Ok(made.send().await?.group_id.ok_or("no group was made")?)
}

/// A group without rules and with the tag, as the operator makes it; or one that lets everything out.
async fn quarantine(clients: &Clients, vpc: &str, isolates: bool) -> Result<String> {
    let own = group_of(clients, vpc, "quarantine").await?;
    if isolates {
        let of_it = Filter::builder().name("group-id").values(&own).build();
        let rules = clients.ec2.describe_security_group_rules().filters(of_it).send().await?;
        let rules = rules.security_group_rules().iter().filter_map(|rule| rule.security_group_rule_id.clone());
        let rules: Vec<String> = rules.collect();
        if !rules.is_empty() {
            let call = clients.ec2.revoke_security_group_egress().group_id(&own);
            call.set_security_group_rule_ids(Some(rules)).send().await?;
        }
    }
    let tag = Tag::builder().key(QUARANTINE).value("1").build();
    clients.ec2.create_tags().resources(&own).tags(tag).send().await?;
    Ok(own)
}
