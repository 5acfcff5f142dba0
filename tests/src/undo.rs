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
        _ => return Err(format!("`{command}` is not a command that Parapet prints").into()),
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
