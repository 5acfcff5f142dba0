//! Runs the way back that a notification names: the printed command line, by the SDK.

use crate::Result;
use crate::aws::Clients;
use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
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
    let words = words(command);
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
        ["aws", "iam", call, ..] => return iam(clients, call, &needed).await,
        _ => return Err(format!("`{command}` is not a command that Parapet prints").into()),
    }
    Ok(())
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

/// The words of a command line, quoted as POSIX shells do.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => word.get_or_insert_default().extend(letters.by_ref().take_while(|letter| *letter != '\'')),
            '\\' => word.get_or_insert_default().extend(letters.next()),
            letter if letter.is_whitespace() => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
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
