//! Entries of network ACLs in templates and plans. Entries that are resources of their own are judged one by one, among the others of their
//! ACL in the file: [`SIBLINGS`] holds those. What stands in an ACL from elsewhere is not in the file.

use super::state::{AclRule, Entry, NetworkAcl};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource, SIBLINGS};
use crate::engine::unreadable::Unreadable;
use crate::net::parse_cidr;
use crate::resources::ec2::security_group::state::Direction;

pub(super) const FORMS: &[PlannedForm<NetworkAcl>] = &[
    PlannedForm::one("AWS::EC2::NetworkAclEntry", |it| one(it, cloudformation)).among("NetworkAclId"),
    PlannedForm::one("aws_network_acl_rule", |it| one(it, rule)).among("network_acl_id"),
    PlannedForm::one("aws_network_acl", |it| inline(it, false)),
    PlannedForm::one("aws_default_network_acl", |it| inline(it, true)),
];

fn acl(it: &PlannedResource<'_>, is_default: bool, entries: Vec<Entry>) -> NetworkAcl {
    NetworkAcl {
        id: it.name.to_owned(),
        owner: None,
        is_default: Observed::Known(is_default),
        entries,
        is_whole: true,
        has_event: false,
        gone: None,
        stack: None,
    }
}

/// An entry, among the others. One of those that cannot be read may deny what this one allows.
fn one(
    it: &PlannedResource<'_>,
    read: fn(&PlannedResource<'_>) -> Result<Entry, Unreadable>,
) -> Result<Option<NetworkAcl>, Unreadable> {
    let mut entries = vec![read(it)?];
    for sibling in it.parts(SIBLINGS)? {
        entries.push(Entry { in_question: false, ..read(&sibling)? });
    }
    Ok(Some(acl(it, false, entries)))
}

fn cloudformation(it: &PlannedResource<'_>) -> Result<Entry, Unreadable> {
    let is_egress = it.flag("Egress")?.unwrap_or_default();
    let ports = (it.number("PortRange.From")?, it.number("PortRange.To")?);
    let icmp = (it.number("Icmp.Type")?, it.number("Icmp.Code")?);
    let net = it.text("CidrBlock")?.or(it.text("Ipv6CidrBlock")?);
    entry(it, ["RuleNumber", "RuleAction", "Protocol"], is_egress, net, ports, icmp)
}

fn rule(it: &PlannedResource<'_>) -> Result<Entry, Unreadable> {
    let is_egress = it.flag("egress")?.unwrap_or_default();
    let ports = (it.number("from_port")?, it.number("to_port")?);
    let icmp = (it.number("icmp_type")?, it.number("icmp_code")?);
    let net = it.text("cidr_block")?.or(it.text("ipv6_cidr_block")?);
    entry(it, ["rule_number", "rule_action", "protocol"], is_egress, net, ports, icmp)
}

/// The blocks `ingress` and `egress` of an ACL.
fn inline(it: &PlannedResource<'_>, is_default: bool) -> Result<Option<NetworkAcl>, Unreadable> {
    let mut entries = Vec::new();
    for (blocks, is_egress) in [("ingress", false), ("egress", true)] {
        for block in it.parts(blocks)? {
            let ports = (block.number("from_port")?, block.number("to_port")?);
            let icmp = (block.number("icmp_type")?, block.number("icmp_code")?);
            let net = block.text("cidr_block")?.or(block.text("ipv6_cidr_block")?);
            entries.push(entry(&block, ["rule_no", "action", "protocol"], is_egress, net, ports, icmp)?);
        }
    }
    Ok(Some(acl(it, is_default, entries)))
}

type Range = (Option<i64>, Option<i64>);

fn entry(
    it: &PlannedResource<'_>,
    [number, action, protocol]: [&str; 3],
    is_egress: bool,
    net: Option<String>,
    ports: Range,
    icmp: Range,
) -> Result<Entry, Unreadable> {
    let missing = |what: &str| Unreadable::from(format!("the entry has no `{what}`"));
    let number = it.number(number)?.and_then(|number| i32::try_from(number).ok()).ok_or_else(|| missing(number))?;
    let allows = it.text(action)?.ok_or_else(|| missing(action))?.eq_ignore_ascii_case("allow");
    let protocol = it.text(protocol)?.ok_or_else(|| missing(protocol))?;
    let net = parse_cidr(&net.ok_or_else(|| missing("CIDR block"))?)?;
    let direction = if is_egress { Direction::Egress } else { Direction::Ingress };
    let rule = AclRule::read(allows, &protocol, ports, icmp, net)?;
    Ok(Entry { number, direction, rule, in_question: true, was: Observed::Absent })
}
