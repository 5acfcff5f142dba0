//! Network ACLs.

use super::DESCRIBE_NETWORK_ACLS;
use super::NetworkAcls;
use super::state::{AclAction, AclRef, AclRule, Entry, NetworkAcl, NumberedRule};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::unreadable::Unreadable;
use crate::net::parse_cidr;
use crate::resources::ec2::client::{Ec2, id_of, stack};
use crate::resources::ec2::security_group::state::Direction;
use aws_sdk_ec2::types::{self, IcmpTypeCode, NetworkAclEntry, PortRange, RuleAction};
use ipnet::IpNet;

const READ: &str = DESCRIBE_NETWORK_ACLS.action;

impl Observe<NetworkAcls> for Ec2 {
    async fn observe(&self, key: &AclRef, _: ReadDepth) -> Result<Observed<NetworkAcl>, ReadError> {
        let answer = match self.client.describe_network_acls().network_acl_ids(&key.id).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(READ),
        };
        Ok(answer.network_acls().first().map_or(Observed::Absent, network_acl))
    }
}

impl List<NetworkAcls> for Ec2 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<NetworkAcls>>, ReadError> {
        const PAGE: i32 = 200;
        let call = self.client.describe_network_acls().max_results(PAGE).set_next_token(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(READ),
        };
        let key = |acl: &types::NetworkAcl| {
            let kept = Observed::Unknown { why: "its last known good state was not read".to_owned() };
            Some(AclRef { id: acl.network_acl_id()?.to_owned(), change: None, is_joined: false, kept })
        };
        let found = answer.network_acls().iter().filter_map(|acl| Some((key(acl)?, network_acl(acl)))).collect();
        Ok(Observed::Known(Page { found, next: answer.next_token().map(str::to_owned) }))
    }
}

impl Apply<AclAction> for Ec2 {
    async fn apply(&self, action: &AclAction) -> Result<Applied, ApplyError> {
        let NumberedRule { acl, number, direction, rule } = action.entry();
        let is_egress = *direction == Direction::Egress;
        let (v4, v6) = match rule.net {
            IpNet::V4(net) => (Some(net.to_string()), None),
            IpNet::V6(net) => (None, Some(net.to_string())),
        };
        let says = if rule.allows { RuleAction::Allow } else { RuleAction::Deny };
        let request_id = match action {
            AclAction::Create(_) => {
                let call = self.client.create_network_acl_entry().network_acl_id(acl).egress(is_egress);
                let call = call.rule_number(*number).rule_action(says).protocol(rule.protocol.to_string());
                let call = call.set_cidr_block(v4).set_ipv6_cidr_block(v6);
                let call = call.set_port_range(port_range(rule)).set_icmp_type_code(icmp(rule));
                call.send().await.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
            AclAction::Replace(_) => {
                let call = self.client.replace_network_acl_entry().network_acl_id(acl).egress(is_egress);
                let call = call.rule_number(*number).rule_action(says).protocol(rule.protocol.to_string());
                let call = call.set_cidr_block(v4).set_ipv6_cidr_block(v6);
                let call = call.set_port_range(port_range(rule)).set_icmp_type_code(icmp(rule));
                call.send().await.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
            AclAction::Delete(_) => {
                let call = self.client.delete_network_acl_entry().network_acl_id(acl).egress(is_egress);
                let answer = call.rule_number(*number).send().await;
                answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
        };
        request_id
            .map(|request_id| Applied { request_id, ..Applied::default() })
            .map_err(|failure| failure.of_action(action.permission()))
    }
}

fn port_range(rule: &AclRule) -> Option<PortRange> {
    rule.ports.map(|(from, to)| PortRange::builder().from(i32::from(from)).to(i32::from(to)).build())
}

fn icmp(rule: &AclRule) -> Option<IcmpTypeCode> {
    rule.icmp.map(|(kind, code)| IcmpTypeCode::builder().r#type(kind).code(code).build())
}

/// The whole ACL, or none of it: an entry that cannot be read could be the denial that decides.
fn network_acl(acl: &types::NetworkAcl) -> Observed<NetworkAcl> {
    match acl.entries().iter().map(entry).collect::<Result<Vec<_>, _>>() {
        Ok(entries) => Observed::Known(NetworkAcl {
            id: acl.network_acl_id().unwrap_or_default().to_owned(),
            owner: acl.owner_id().map(str::to_owned),
            is_default: match acl.is_default() {
                Some(is_default) => Observed::Known(is_default),
                None => Observed::Unknown { why: "the response does not show whether it is a default ACL".to_owned() },
            },
            entries,
            is_whole: true,
            has_event: false,
            gone: None,
            stack: stack(acl.tags()),
        }),
        Err(unreadable) => Observed::Unknown { why: unreadable.to_string() },
    }
}

fn entry(entry: &NetworkAclEntry) -> Result<Entry, Unreadable> {
    let number = entry.rule_number().ok_or("an entry without a number")?;
    let lacks = |what: &str| Unreadable::from(format!("entry {number} has no {what}"));
    let allows = match entry.rule_action() {
        Some(RuleAction::Allow) => true,
        Some(RuleAction::Deny) => false,
        Some(_) | None => return Err(lacks("action that is known")),
    };
    let cidr = entry.cidr_block().or(entry.ipv6_cidr_block()).ok_or_else(|| lacks("network"))?;
    let wide = |value: Option<i32>| value.map(i64::from);
    let ports = entry.port_range().map_or((None, None), |range| (wide(range.from()), wide(range.to())));
    let icmp = entry.icmp_type_code().map_or((None, None), |icmp| (wide(icmp.r#type()), wide(icmp.code())));
    let net = parse_cidr(cidr)?;
    Ok(Entry {
        number,
        direction: match entry.egress() {
            Some(true) => Direction::Egress,
            Some(false) => Direction::Ingress,
            None => return Err(lacks("direction")),
        },
        rule: AclRule::read(allows, entry.protocol().ok_or_else(|| lacks("protocol"))?, ports, icmp, net)?,
        in_question: true,
        was: Observed::Unknown { why: "a read does not show the previous entry".to_owned() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ssh() -> aws_sdk_ec2::types::builders::NetworkAclEntryBuilder {
        let ports = PortRange::builder().from(22).to(22).build();
        let entry = NetworkAclEntry::builder().rule_number(90).protocol("6").port_range(ports).egress(false);
        entry.rule_action(RuleAction::Allow).cidr_block("0.0.0.0/0")
    }

    #[test]
    fn an_entry_as_the_api_shows_it() {
        let read = |entry: &NetworkAclEntry| super::entry(entry).map(|entry| entry.element());
        assert_eq!(read(&ssh().build()).unwrap(), "ingress 90 allow tcp 22 from 0.0.0.0/0");
        let last = NetworkAclEntry::builder().rule_number(32767).protocol("-1").egress(true);
        let last = last.rule_action(RuleAction::Deny).ipv6_cidr_block("::/0").build();
        assert_eq!(read(&last).unwrap(), "egress 32767 deny all traffic to ::/0");
        let icmp = IcmpTypeCode::builder().r#type(8).code(-1).build();
        let ping = NetworkAclEntry::builder().rule_number(80).protocol("1").egress(false).icmp_type_code(icmp);
        let ping = ping.rule_action(RuleAction::Allow).cidr_block("10.0.0.0/8").build();
        assert_eq!(read(&ping).unwrap(), "ingress 80 allow icmp 8/-1 from 10.0.0.0/8");
    }

    #[test]
    fn an_entry_that_cannot_be_read_makes_the_acl_unknown() {
        let acl = |entry: NetworkAclEntry| {
            network_acl(&types::NetworkAcl::builder().network_acl_id("acl-1").is_default(true).entries(entry).build())
        };
        let known = acl(ssh().build());
        assert_eq!(known.known().map(|acl| (acl.entries.len(), acl.is_whole)), Some((1, true)));
        for broken in [ssh().rule_action("drop".into()), ssh().set_egress(None), ssh().set_cidr_block(None)] {
            assert!(matches!(acl(broken.build()), Observed::Unknown { .. }));
        }
    }
}
