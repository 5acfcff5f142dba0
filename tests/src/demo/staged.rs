//! What an event of somebody's own is about, made in the local AWS: for the events whose resource a few calls make. Ids that AWS
//! chooses are put into the event; names stay.

use super::own::renamed;
use crate::Result;
use crate::aws::Clients;
use aws_sdk_ec2::types::{CreateVolumePermission, CreateVolumePermissionModifications, InstanceType, PortRange};
use serde_json::Value;

/// The event about what was made, and a note of it. None where nothing can be made for such an event.
pub(super) async fn stage(event: &Value, clients: &Clients) -> Result<Option<(Value, String)>> {
    let record = &event["detail"];
    let request = &record["requestParameters"];
    let name = record["eventName"].as_str().unwrap_or_default();
    let text = |path: &str| request.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let (id, own) = match (record["eventSource"].as_str().unwrap_or_default(), name) {
        ("ec2.amazonaws.com", "ModifySnapshotAttribute") => (text("/snapshotId"), snapshot(request, clients).await?),
        ("ec2.amazonaws.com", "ModifyImageAttribute") => (text("/imageId"), image(clients).await?),
        ("ec2.amazonaws.com", "ModifyInstanceMetadataOptions") => {
            let id = text("/ModifyInstanceMetadataOptionsRequest/InstanceId").or_else(|| text("/instanceId"));
            (id, instance(clients).await?)
        }
        ("ec2.amazonaws.com", "ModifySubnetAttribute") => (text("/subnetId"), subnet(clients).await?),
        ("ec2.amazonaws.com", "CreateNetworkAclEntry") => (text("/networkAclId"), acl(request, clients).await?),
        ("iam.amazonaws.com", _) => {
            return iam(request, clients).await.map(|note| note.map(|note| (event.clone(), note)));
        }
        _ => return Ok(None),
    };
    let Some(id) = id else { return Ok(None) };
    Ok(Some((renamed(event, &id, &own)?, format!("played by {own} in place of {id}"))))
}

async fn snapshot(request: &Value, clients: &Clients) -> Result<String> {
    let ec2 = &clients.ec2;
    let zone = format!("{}a", clients.config.region().map(ToString::to_string).unwrap_or_default());
    let volume = ec2.create_volume().availability_zone(zone).size(1).send().await?;
    let made = ec2.create_snapshot().volume_id(volume.volume_id().unwrap_or_default()).send().await?;
    let id = made.snapshot_id.unwrap_or_default();
    let items = request.pointer("/createVolumePermission/add/items").and_then(Value::as_array);
    let shares = items.into_iter().flatten().map(|item| {
        let text = |key: &str| item[key].as_str().map(str::to_owned);
        let group = text("group").map(|group| group.as_str().into());
        CreateVolumePermission::builder().set_group(group).set_user_id(text("userId")).build()
    });
    let change = CreateVolumePermissionModifications::builder().set_add(Some(shares.collect())).build();
    let call = ec2.modify_snapshot_attribute().snapshot_id(&id).create_volume_permission(change);
    call.attribute("createVolumePermission".into()).send().await?;
    Ok(id)
}

async fn image(clients: &Clients) -> Result<String> {
    Ok(clients.ec2.register_image().name("yours").send().await?.image_id.unwrap_or_default())
}

async fn instance(clients: &Clients) -> Result<String> {
    let image = image(clients).await?;
    let call =
        clients.ec2.run_instances().image_id(image).instance_type(InstanceType::T3Micro).min_count(1).max_count(1);
    let made = call.send().await?.instances.unwrap_or_default();
    Ok(made.first().and_then(|instance| instance.instance_id.clone()).unwrap_or_default())
}

async fn vpc(clients: &Clients) -> Result<String> {
    let made = clients.ec2.create_vpc().cidr_block("10.9.0.0/16").send().await?;
    Ok(made.vpc.and_then(|vpc| vpc.vpc_id).unwrap_or_default())
}

async fn subnet(clients: &Clients) -> Result<String> {
    let made = clients.ec2.create_subnet().vpc_id(vpc(clients).await?).cidr_block("10.9.1.0/24").send().await?;
    let id = made.subnet.and_then(|subnet| subnet.subnet_id).unwrap_or_default();
    let on = aws_sdk_ec2::types::AttributeBooleanValue::builder().value(true).build();
    clients.ec2.modify_subnet_attribute().subnet_id(&id).map_public_ip_on_launch(on).send().await?;
    Ok(id)
}

async fn acl(request: &Value, clients: &Clients) -> Result<String> {
    let made = clients.ec2.create_network_acl().vpc_id(vpc(clients).await?).send().await?;
    let id = made.network_acl.and_then(|acl| acl.network_acl_id).unwrap_or_default();
    let number =
        |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok()).and_then(|n| i32::try_from(n).ok());
    let text = |key: &str| request[key].as_str().map(str::to_owned);
    let ports = &request["portRange"];
    let ports = number(&ports["from"]).map(|from| PortRange::builder().from(from).set_to(number(&ports["to"])).build());
    let call =
        clients.ec2.create_network_acl_entry().network_acl_id(&id).set_rule_number(number(&request["ruleNumber"]));
    let call =
        call.set_protocol(text("aclProtocol")).set_rule_action(text("ruleAction").map(|word| word.as_str().into()));
    let call = call.egress(request["egress"].as_bool().unwrap_or_default()).set_port_range(ports);
    call.set_cidr_block(text("cidrBlock")).set_ipv6_cidr_block(text("ipv6CidrBlock")).send().await?;
    Ok(id)
}

/// Users, roles and groups by the names that the request gives them, holding what it says.
async fn iam(request: &Value, clients: &Clients) -> Result<Option<String>> {
    let iam = &clients.iam;
    let text = |key: &str| request[key].as_str();
    let nobody = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
    // What is there from an earlier event of the file stays.
    let made = if let Some(user) = text("userName") {
        let _ = iam.create_user().user_name(user).send().await;
        if let Some(policy) = text("policyArn") {
            let _ = iam.attach_user_policy().user_name(user).policy_arn(policy).send().await;
        }
        if let (Some(name), Some(document)) = (text("policyName"), text("policyDocument")) {
            let _ = iam.put_user_policy().user_name(user).policy_name(name).policy_document(document).send().await;
        }
        format!("user {user}")
    } else if let Some(role) = text("roleName") {
        let trust = text("assumeRolePolicyDocument").unwrap_or(nobody);
        let _ = iam.create_role().role_name(role).assume_role_policy_document(trust).send().await;
        if let Some(policy) = text("policyArn") {
            let _ = iam.attach_role_policy().role_name(role).policy_arn(policy).send().await;
        }
        match (text("policyName"), text("policyDocument")) {
            (Some(name), Some(document)) => {
                let _ = iam.put_role_policy().role_name(role).policy_name(name).policy_document(document).send().await;
            }
            (None, Some(document)) => {
                let _ = iam.update_assume_role_policy().role_name(role).policy_document(document).send().await;
            }
            (_, None) => {}
        }
        format!("role {role}")
    } else if let Some(group) = text("groupName") {
        let _ = iam.create_group().group_name(group).send().await;
        if let Some(policy) = text("policyArn") {
            let _ = iam.attach_group_policy().group_name(group).policy_arn(policy).send().await;
        }
        format!("group {group}")
    } else {
        return Ok(None);
    };
    Ok(Some(format!("played by {made}, made for it")))
}
