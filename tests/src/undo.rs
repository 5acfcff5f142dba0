//! Runs the undo that a notification names: the printed command line, by the SDK.

mod buckets;
mod database;
mod keys;

use crate::Result;
use crate::aws::Clients;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, IpPermission, IpRange, Ipv6Range, LaunchPermission, LaunchPermissionModifications,
    ModifyTransitGatewayOptions, PortRange, PrefixListId, SnapshotAttributeName, UserIdGroupPair,
};
use aws_sdk_iam::types::StatusType;
use serde_json::Value;

/// Runs the command.
///
/// # Errors
/// A command that is none of those that Parapet prints, or AWS's answer.
pub async fn run(clients: &Clients, command: &str) -> Result<()> {
    for line in command.lines() {
        run_one(clients, line).await?;
    }
    Ok(())
}

async fn run_one(clients: &Clients, command: &str) -> Result<()> {
    let words = shlex::split(command).ok_or_else(|| format!("`{command}` leaves a quote open"))?;
    let option = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let needed = |name: &str| option(name).ok_or_else(|| format!("`{command}` has no {name}"));
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["aws", "ec2", call @ ("authorize-security-group-ingress" | "authorize-security-group-egress"), ..] => {
            let permissions: Vec<Value> = serde_json::from_str(&needed("--ip-permissions")?)?;
            let permissions = permissions.iter().map(permission).collect();
            let group = needed("--group-id")?;
            if call.ends_with("ingress") {
                let call = clients.ec2.authorize_security_group_ingress().group_id(group);
                call.set_ip_permissions(Some(permissions)).send().await?;
            } else {
                let call = clients.ec2.authorize_security_group_egress().group_id(group);
                call.set_ip_permissions(Some(permissions)).send().await?;
            }
        }
        ["aws", "iam", "update-access-key", ..] => {
            let status = StatusType::from(needed("--status")?.as_str());
            let call = clients.iam.update_access_key().user_name(needed("--user-name")?);
            call.access_key_id(needed("--access-key-id")?).status(status).send().await?;
        }
        ["aws", "ec2", "modify-instance-metadata-options", ..] => {
            let call = clients.ec2.modify_instance_metadata_options().instance_id(needed("--instance-id")?);
            call.http_tokens(needed("--http-tokens")?.as_str().into()).send().await?;
        }
        ["aws", "ec2", "modify-instance-metadata-defaults", ..] => {
            let call = clients.ec2.modify_instance_metadata_defaults();
            let call = call.set_http_tokens(option("--http-tokens").map(|tokens| tokens.as_str().into()));
            let enforced = option("--http-tokens-enforced").map(|enforced| enforced.as_str().into());
            call.set_http_tokens_enforced(enforced).send().await?;
        }
        ["aws", "ec2", "enable-serial-console-access", ..] => {
            clients.ec2.enable_serial_console_access().send().await?;
        }
        ["aws", "ec2", "disable-ebs-encryption-by-default", ..] => {
            clients.ec2.disable_ebs_encryption_by_default().send().await?;
        }
        ["aws", "ec2", "modify-ebs-default-kms-key-id", ..] => {
            clients.ec2.modify_ebs_default_kms_key_id().kms_key_id(needed("--kms-key-id")?).send().await?;
        }
        ["aws", "ec2", "reset-ebs-default-kms-key-id", ..] => {
            clients.ec2.reset_ebs_default_kms_key_id().send().await?;
        }
        ["aws", "ec2", "modify-snapshot-attribute", ..] => {
            let call = clients.ec2.modify_snapshot_attribute().snapshot_id(needed("--snapshot-id")?);
            let call = call.attribute(SnapshotAttributeName::CreateVolumePermission);
            let call = call.operation_type(needed("--operation-type")?.as_str().into());
            let (groups, users) = (values(&words, "--group-names"), values(&words, "--user-ids"));
            call.set_group_names(Some(groups)).set_user_ids(Some(users)).send().await?;
        }
        ["aws", "ec2", "modify-image-attribute", ..] => {
            let change: Value = serde_json::from_str(&needed("--launch-permission")?)?;
            let permissions = |key: &str| change[key].as_array().map(|list| list.iter().map(launch).collect());
            let modifications = LaunchPermissionModifications::builder().set_add(permissions("Add"));
            let modifications = modifications.set_remove(permissions("Remove")).build();
            let call = clients.ec2.modify_image_attribute().image_id(needed("--image-id")?);
            call.launch_permission(modifications).send().await?;
        }
        ["aws", "ec2", "enable-snapshot-block-public-access", ..] => {
            let state = needed("--state")?;
            clients.ec2.enable_snapshot_block_public_access().state(state.as_str().into()).send().await?;
        }
        ["aws", "ec2", "disable-snapshot-block-public-access", ..] => {
            clients.ec2.disable_snapshot_block_public_access().send().await?;
        }
        ["aws", "ec2", "disable-image-block-public-access", ..] => {
            clients.ec2.disable_image_block_public_access().send().await?;
        }
        ["aws", "ec2", call @ ("create-network-acl-entry" | "replace-network-acl-entry"), ..] => {
            let (acl, number) = (needed("--network-acl-id")?, needed("--rule-number")?.parse()?);
            let is_egress = words.iter().any(|word| word == "--egress");
            let says = needed("--rule-action")?.as_str().into();
            let ports = option("--port-range").map(|range| port_range(&range)).transpose()?;
            let (v4, v6) = (option("--cidr-block"), option("--ipv6-cidr-block"));
            if *call == "create-network-acl-entry" {
                let call = clients.ec2.create_network_acl_entry().network_acl_id(acl).rule_number(number);
                let call = call.egress(is_egress).protocol(needed("--protocol")?).rule_action(says);
                call.set_port_range(ports).set_cidr_block(v4).set_ipv6_cidr_block(v6).send().await?;
            } else {
                let call = clients.ec2.replace_network_acl_entry().network_acl_id(acl).rule_number(number);
                let call = call.egress(is_egress).protocol(needed("--protocol")?).rule_action(says);
                call.set_port_range(ports).set_cidr_block(v4).set_ipv6_cidr_block(v6).send().await?;
            }
        }
        ["aws", "ec2", "modify-subnet-attribute", "--subnet-id", subnet, attribute, ..] => {
            let on = AttributeBooleanValue::builder().value(!attribute.starts_with("--no-")).build();
            let call = clients.ec2.modify_subnet_attribute().subnet_id(*subnet);
            let call = match attribute.trim_start_matches("--").trim_start_matches("no-") {
                "map-public-ip-on-launch" => call.map_public_ip_on_launch(on),
                "assign-ipv6-address-on-creation" => call.assign_ipv6_address_on_creation(on),
                other => return Err(format!("`{other}` is no attribute that Parapet prints").into()),
            };
            call.send().await?;
        }
        ["aws", "ec2", "modify-transit-gateway", ..] => {
            let options = needed("--options")?;
            let (name, value) = options.split_once('=').ok_or("options without a value")?;
            if name != "AutoAcceptSharedAttachments" {
                return Err(format!("`{name}` is no option that Parapet prints").into());
            }
            let options = ModifyTransitGatewayOptions::builder().auto_accept_shared_attachments(value.into()).build();
            let call = clients.ec2.modify_transit_gateway().transit_gateway_id(needed("--transit-gateway-id")?);
            call.options(options).send().await?;
        }
        ["aws", "iam", "update-assume-role-policy", ..] => {
            let call = clients.iam.update_assume_role_policy().role_name(needed("--role-name")?);
            call.policy_document(needed("--policy-document")?).send().await?;
        }
        ["aws", "iam", "put-role-permissions-boundary", ..] => {
            let call = clients.iam.put_role_permissions_boundary().role_name(needed("--role-name")?);
            call.permissions_boundary(needed("--permissions-boundary")?).send().await?;
        }
        ["aws", "iam", "delete-role-permissions-boundary", ..] => {
            clients.iam.delete_role_permissions_boundary().role_name(needed("--role-name")?).send().await?;
        }
        ["aws", "iam", "create-open-id-connect-provider", ..] => {
            let list = |name: &str| {
                let after = words.iter().skip_while(|word| *word != name).skip(1);
                after.take_while(|word| !word.starts_with("--")).cloned().collect::<Vec<_>>()
            };
            let mut call = clients.iam.create_open_id_connect_provider().url(needed("--url")?);
            call = call.set_client_id_list(Some(list("--client-id-list")));
            call = call.set_thumbprint_list(Some(list("--thumbprint-list")));
            let tags = option("--tags").map(|tags| serde_json::from_str::<Vec<Value>>(&tags)).transpose()?;
            for tag in tags.unwrap_or_default() {
                let text = |key: &str| tag[key].as_str().unwrap_or_default().to_owned();
                call = call.tags(aws_sdk_iam::types::Tag::builder().key(text("Key")).value(text("Value")).build()?);
            }
            call.send().await?;
        }
        ["aws", "rds" | "dynamodb" | "elbv2", ..] => database::run(clients, &words).await?,
        ["aws", "s3api", ..] => buckets::run(clients, &words).await?,
        ["aws", "kms", ..] => keys::run(clients, &words).await?,
        ["aws", "iam", "put-user-policy", ..] => {
            let call = clients.iam.put_user_policy().user_name(needed("--user-name")?);
            let call = call.policy_name(needed("--policy-name")?).policy_document(needed("--policy-document")?);
            call.send().await?;
        }
        ["aws", "iam", "delete-user-policy", ..] => {
            let call = clients.iam.delete_user_policy().user_name(needed("--user-name")?);
            call.policy_name(needed("--policy-name")?).send().await?;
        }
        ["aws", "iam", "delete-account-password-policy", ..] => {
            clients.iam.delete_account_password_policy().send().await?;
        }
        ["aws", "iam", "update-account-password-policy", ..] => {
            let is = |name: &str| words.contains(&format!("--{name}"));
            let number = |name: &str| option(name).and_then(|text| text.parse().ok());
            let call = clients.iam.update_account_password_policy();
            let call = call.set_minimum_password_length(number("--minimum-password-length"));
            let call = call.set_max_password_age(number("--max-password-age"));
            let call = call.set_password_reuse_prevention(number("--password-reuse-prevention"));
            let call = call.require_symbols(is("require-symbols")).require_numbers(is("require-numbers"));
            let call = call.require_uppercase_characters(is("require-uppercase-characters"));
            let call = call.require_lowercase_characters(is("require-lowercase-characters"));
            let call = call.allow_users_to_change_password(is("allow-users-to-change-password"));
            call.hard_expiry(is("hard-expiry")).send().await?;
        }
        ["aws", "iam", call, ..] => return iam(clients, call, &needed).await,
        _ => return Err(format!("`{command}` is not a command that Parapet prints").into()),
    }
    Ok(())
}

/// All values of an option that takes several.
fn values(words: &[String], option: &str) -> Vec<String> {
    let after = words.iter().skip_while(|word| *word != option).skip(1);
    after.take_while(|word| !word.starts_with("--")).cloned().collect()
}

/// Whom an image is shared with, as the SDK takes it.
fn launch(value: &Value) -> LaunchPermission {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let call = LaunchPermission::builder().set_group(value["Group"].as_str().map(Into::into));
    let call = call.set_user_id(text("UserId")).set_organization_arn(text("OrganizationArn"));
    call.set_organizational_unit_arn(text("OrganizationalUnitArn")).build()
}

/// `From=22,To=22`
fn port_range(text: &str) -> Result<PortRange> {
    let port = |name: &str| {
        let part = text.split(',').find_map(|part| part.strip_prefix(name)).ok_or("a port range without an end")?;
        Ok::<i32, crate::Problem>(part.parse()?)
    };
    Ok(PortRange::builder().from(port("From=")?).to(port("To=")?).build())
}

/// The commands about policies.
async fn iam(
    clients: &Clients,
    call: &str,
    needed: &impl Fn(&str) -> std::result::Result<String, String>,
) -> Result<()> {
    let iam = &clients.iam;
    macro_rules! attach {
        ($call:ident, $name:ident, $option:literal) => {{
            let call = iam.$call().$name(needed($option)?).policy_arn(needed("--policy-arn")?);
            call.send().await?;
        }};
    }
    macro_rules! put {
        ($call:ident, $name:ident, $option:literal) => {{
            let call = iam.$call().$name(needed($option)?).policy_name(needed("--policy-name")?);
            call.policy_document(needed("--policy-document")?).send().await?;
        }};
    }
    match call {
        "attach-user-policy" => attach!(attach_user_policy, user_name, "--user-name"),
        "attach-role-policy" => attach!(attach_role_policy, role_name, "--role-name"),
        "attach-group-policy" => attach!(attach_group_policy, group_name, "--group-name"),
        "put-user-policy" => put!(put_user_policy, user_name, "--user-name"),
        "put-role-policy" => put!(put_role_policy, role_name, "--role-name"),
        "put-group-policy" => put!(put_group_policy, group_name, "--group-name"),
        "set-default-policy-version" => {
            let call = iam.set_default_policy_version().policy_arn(needed("--policy-arn")?);
            call.version_id(needed("--version-id")?).send().await?;
        }
        _ => return Err(format!("`aws iam {call}` is not a command that Parapet prints").into()),
    }
    Ok(())
}

/// The command line's JSON, as the SDK takes it.
fn permission(value: &Value) -> IpPermission {
    let text = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
    let port = |key: &str| value[key].as_i64().and_then(|port| i32::try_from(port).ok());
    let each = |key: &str| value[key].as_array().cloned().unwrap_or_default();
    let mut call = IpPermission::builder()
        .set_ip_protocol(text(value, "IpProtocol"))
        .set_from_port(port("FromPort"))
        .set_to_port(port("ToPort"));
    for range in each("IpRanges") {
        let source = IpRange::builder().set_cidr_ip(text(&range, "CidrIp"));
        call = call.ip_ranges(source.set_description(text(&range, "Description")).build());
    }
    for range in each("Ipv6Ranges") {
        let source = Ipv6Range::builder().set_cidr_ipv6(text(&range, "CidrIpv6"));
        call = call.ipv6_ranges(source.set_description(text(&range, "Description")).build());
    }
    for list in each("PrefixListIds") {
        let source = PrefixListId::builder().set_prefix_list_id(text(&list, "PrefixListId"));
        call = call.prefix_list_ids(source.set_description(text(&list, "Description")).build());
    }
    for group in each("UserIdGroupPairs") {
        let source =
            UserIdGroupPair::builder().set_group_id(text(&group, "GroupId")).set_user_id(text(&group, "UserId"));
        call = call.user_id_group_pairs(source.set_description(text(&group, "Description")).build());
    }
    call.build()
}
