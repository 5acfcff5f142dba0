//! The people of the account: each makes a real call and leaves the record that CloudTrail would deliver.

use super::{arn, by};
use crate::aws::Clients;
use crate::lab::{authorize, on_port};
use crate::{Result, records};
use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::types::{Filter, IpPermission, IpRange};
use serde_json::Value;

/// What a principal did.
pub(super) struct Change {
    /// For a person.
    pub(super) what: String,
    /// As EventBridge delivers it.
    pub(super) event: Value,
}

async fn opened(clients: &Clients, group: &str, caller: &str, what: &str, asked: &[IpPermission]) -> Result<Change> {
    let made = authorize(clients, group, asked).await?;
    let event = records::authorized(&by(caller), group, asked, &made);
    Ok(Change { what: format!("{caller} adds {what} to {group}"), event })
}

/// The group of the story: a web server's, with HTTPS for everybody.
pub(super) async fn web_group(clients: &Clients) -> Result<String> {
    let vpcs = clients.ec2.describe_vpcs().send().await?.vpcs.unwrap_or_default();
    let vpc = vpcs.first().and_then(|vpc| vpc.vpc_id.clone()).ok_or("the local AWS has no VPC")?;
    let made =
        clients.ec2.create_security_group().group_name("web").description("web servers").vpc_id(vpc).send().await?;
    let group = made.group_id.unwrap_or_default();
    authorize(clients, &group, &[on_port(443, "0.0.0.0/0", "public web site")]).await?;
    Ok(group)
}

/// The default group of the first VPC.
pub(super) async fn default_group(clients: &Clients) -> Result<String> {
    let filter = Filter::builder().name("group-name").values("default").build();
    let groups =
        clients.ec2.describe_security_groups().filters(filter).send().await?.security_groups.unwrap_or_default();
    Ok(groups.first().and_then(|group| group.group_id.clone()).ok_or("the local AWS has no default group")?)
}

pub(super) async fn ssh(clients: &Clients, group: &str) -> Result<Change> {
    opened(clients, group, "ben", "tcp 22 from 0.0.0.0/0", &[on_port(22, "0.0.0.0/0", "only for five minutes")]).await
}

pub(super) async fn rdp(clients: &Clients, group: &str) -> Result<Change> {
    opened(clients, group, "terraform/ci", "tcp 3389 from ::/0", &[on_port(3389, "::/0", "")]).await
}

pub(super) async fn halves(clients: &Clients, group: &str) -> Result<Change> {
    // One permission with two sources: of several permissions moto answers the last one's rules only.
    let half = |cidr: &str, name: &str| IpRange::builder().cidr_ip(cidr).description(name).build();
    let halves = IpPermission::builder().ip_protocol("tcp").from_port(5432).to_port(5432);
    let halves =
        halves.ip_ranges(half("0.0.0.0/1", "one half")).ip_ranges(half("128.0.0.0/1", "the other half")).build();
    opened(clients, group, "ben", "tcp 5432 from 0.0.0.0/1 and from 128.0.0.0/1", &[halves]).await
}

pub(super) async fn all_traffic(clients: &Clients, group: &str) -> Result<Change> {
    let all = IpPermission::builder().ip_protocol("-1").ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build());
    opened(clients, group, "admin/ana", "all traffic from 0.0.0.0/0", &[all.build()]).await
}

pub(super) async fn redis(clients: &Clients, group: &str) -> Result<Change> {
    let asked = [on_port(6379, "0.0.0.0/0", "cache")];
    authorize(clients, group, &asked).await?;
    let event = records::authorized_without_ids(&by("ben"), group, &asked);
    Ok(Change { what: format!("ben adds tcp 6379 from 0.0.0.0/0 to {group}; the record has no rule ids"), event })
}

pub(super) async fn on_default(clients: &Clients, group: &str) -> Result<Change> {
    opened(clients, group, "ben", "tcp 443 from 10.0.0.0/8 (harmless elsewhere)", &[on_port(443, "10.0.0.0/8", "")])
        .await
}

pub(super) async fn https(clients: &Clients, group: &str) -> Result<Change> {
    opened(clients, group, "ben", "tcp 8443 from 198.51.100.0/24", &[on_port(8443, "198.51.100.0/24", "office")]).await
}

pub(super) async fn refused(clients: &Clients, group: &str) -> Result<Change> {
    let asked = [on_port(443, "0.0.0.0/0", "public web site")];
    let call = clients.ec2.authorize_security_group_ingress().group_id(group).set_ip_permissions(Some(asked.to_vec()));
    let error = call.send().await.err().ok_or("a rule was added twice")?;
    let (code, message) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
    let refusal = records::Refusal { code: &format!("Client.{code}"), message };
    let event = records::not_authorized(&by("ben"), group, &asked, refusal);
    Ok(Change { what: format!("ben adds tcp 443 from 0.0.0.0/0 to {group} once more; AWS refuses: {code}"), event })
}

pub(super) async fn key(clients: &Clients, user: &str) -> Result<Change> {
    clients.iam.create_user().user_name(user).send().await?;
    let key = clients.iam.create_access_key().user_name(user).send().await?;
    let id = key.access_key.map(|key| key.access_key_id).unwrap_or_default();
    let event = records::created_key(&by("admin/ana"), Some(user), user, &id);
    Ok(Change { what: format!("admin/ana makes access key {id} for {}", arn("iam", &format!("user/{user}"))), event })
}
