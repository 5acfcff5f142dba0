//! Network ACLs, flow logs, subnets and transit gateways.

use super::{Script, Stage, done, renamed};
use crate::Result;
use crate::lab::vpc;
use crate::moto::ACCOUNT;
use crate::view::View;
use aws_sdk_ec2::types::{
    AutoAcceptSharedAttachmentsValue, Filter, FlowLogsResourceType, LogDestinationType, TrafficType,
    TransitGatewayRequestOptions,
};
use shared::engine::family::Family;
use shared::resources::ec2::client::Ec2;
use shared::resources::ec2::flow_log::FlowLogs;
use shared::resources::ec2::network_acl::NetworkAcls;
use shared::resources::ec2::network_acl::state::{AclAction, AclRule, NumberedRule};
use shared::resources::ec2::subnet::SubnetFamily;
use shared::resources::ec2::subnet::state::{Attribute, SubnetAction, SubnetRef};
use shared::resources::ec2::transit_gateway::TransitGateways;
use shared::resources::ec2::transit_gateway::state::GatewayAction;

pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    let world = Ec2::new(&script.clients.config);
    match script.call.name.as_str() {
        "CreateNetworkAclEntry" | "ReplaceNetworkAclEntry" => acl(script, world).await,
        "DeleteFlowLogs" => flow_logs(script).await,
        "ModifySubnetAttribute" | "CreateDefaultSubnet" => subnet(script, world).await,
        "CreateTransitGateway" | "ModifyTransitGateway" => gateway(script, world).await,
        name => Err(format!("nothing is known of what `{name}` is about").into()),
    }
}

/// SSH from one network, or from everywhere.
fn ssh(net: &str) -> Result<AclRule> {
    Ok(AclRule { allows: true, protocol: 6, ports: Some((22, 22)), icmp: None, net: net.parse()? })
}

/// An ACL of its own. The entry that is replaced let one office in.
async fn acl(script: &Script<'_>, world: Ec2) -> Result<Stage> {
    let target = script.target(NetworkAcls)?;
    let change = target.key.change.ok_or("it names no entry")?;
    let made = script.clients.ec2.create_network_acl().vpc_id(vpc(script.clients).await?).send().await?;
    let acl = made.network_acl.and_then(|acl| acl.network_acl_id).ok_or("no network ACL was made")?;
    let stage = script.played(&target.key.id, &acl)?.seen(View::Acl(acl.clone()));
    let claimed = NetworkAcls.claimed(&script.call, &target.key).and_then(|acl| acl.entries.into_iter().next());
    let rule = claimed.map_or_else(|| ssh("0.0.0.0/0"), |entry| Ok(entry.rule))?;
    let numbered = |rule| NumberedRule { acl: acl.clone(), number: change.number, direction: change.direction, rule };
    if change.is_new {
        let create = AclAction::Create(numbered(rule));
        return Ok(stage.then(async move { done(&world, &create).await }));
    }
    done(&world, &AclAction::Create(numbered(ssh("192.0.2.0/24")?))).await?;
    let replace = AclAction::Replace(numbered(rule));
    Ok(stage.remembered("network-acl").then(async move { done(&world, &replace).await }))
}

/// A flow log of a VPC of its own for each that is deleted.
async fn flow_logs(script: &Script<'_>) -> Result<Stage> {
    let ec2 = &script.clients.ec2;
    let (mut event, mut notes, mut made, mut vpcs) = (script.event.clone(), Vec::new(), Vec::new(), Vec::new());
    for target in FlowLogs.locate(&script.call)? {
        let call = ec2.create_flow_logs().resource_type(FlowLogsResourceType::Vpc).traffic_type(TrafficType::All);
        let vpc = vpc(script.clients).await?;
        let call = call.resource_ids(&vpc).log_group_name("/yours/flow-logs");
        let call = call.log_destination_type(LogDestinationType::CloudWatchLogs);
        let call = call.deliver_logs_permission_arn(format!("arn:aws:iam::{ACCOUNT}:role/flow-logs"));
        let own = call.send().await?.flow_log_ids.unwrap_or_default().pop().ok_or("no flow log was made")?;
        event = renamed(&event, &target.key.id, &own)?;
        notes.push(format!("{own} in place of {}", target.key.id));
        made.push(own);
        vpcs.push(vpc);
    }
    if made.is_empty() {
        return Err("it names no flow log".into());
    }
    let delete = ec2.delete_flow_logs().set_flow_log_ids(Some(made));
    let stage = Stage::new(event, format!("played by {}", notes.join(", "))).remembered("flow-log");
    let stage = stage.seen(View::FlowLogs(vpcs));
    Ok(stage.then(async move {
        delete.send().await?;
        Ok(())
    }))
}

/// A subnet that assigns no addresses at first; for a default subnet, one that is there.
async fn subnet(script: &Script<'_>, world: Ec2) -> Result<Stage> {
    let ec2 = &script.clients.ec2;
    let target = script.target(SubnetFamily)?;
    let SubnetRef::Id(id) = &target.key else { return Err("it names no subnet".into()) };
    if script.call.name == "CreateDefaultSubnet" {
        let filter = Filter::builder().name("default-for-az").values("true").build();
        let subnets = ec2.describe_subnets().filters(filter).send().await?.subnets.unwrap_or_default();
        let own = subnets.into_iter().next().and_then(|subnet| subnet.subnet_id).ok_or("there is no default subnet")?;
        return Ok(script.played(id, &own)?.seen(View::Subnet(own)));
    }
    let call = ec2.create_subnet().vpc_id(vpc(script.clients).await?).cidr_block("10.9.1.0/24");
    let own = call.send().await?.subnet.and_then(|subnet| subnet.subnet_id).ok_or("no subnet was made")?;
    let stage = script.played(id, &own)?.seen(View::Subnet(own.clone()));
    let subnets = target.proven.map(|state| state.subnets).unwrap_or_default();
    let assigns = subnets.into_iter().flat_map(|subnet| subnet.assigns).filter(|assigned| assigned.is_on);
    let mut attributes: Vec<Attribute> = assigns.map(|assigned| assigned.attribute).collect();
    if attributes.is_empty() {
        attributes.push(Attribute::PublicIpv4);
    }
    Ok(stage.then(async move {
        for attribute in attributes {
            done(&world, &SubnetAction { subnet: own.clone(), attribute, value: true }).await?;
        }
        Ok(())
    }))
}

/// A gateway that asks first, at first.
async fn gateway(script: &Script<'_>, world: Ec2) -> Result<Stage> {
    let target = script.target(TransitGateways)?;
    let asks = TransitGatewayRequestOptions::builder();
    let asks = asks.auto_accept_shared_attachments(AutoAcceptSharedAttachmentsValue::Disable).build();
    let made = script.clients.ec2.create_transit_gateway().options(asks).send().await?;
    let own = made.transit_gateway.and_then(|made| made.transit_gateway_id).ok_or("no transit gateway was made")?;
    let stage = script.played(&target.key.id, &own)?.seen(View::Gateway(own.clone()));
    Ok(stage.then(async move { done(&world, &GatewayAction::AcceptByItself(own)).await }))
}
