//! NET-03: no set of ingress rules lets in, together, more of the internet than one narrow network.
//!
//! `0.0.0.0/1` beside `128.0.0.0/1` is the whole internet to everybody but a tool that compares strings.

use super::actions::REVOKE_SECURITY_GROUP_INGRESS;
use super::admin_port_open::{revoke, verdict};
use super::state::{Direction, GroupAction, Rule, SecurityGroup, Traffic, Transport};
use super::{IDS, NOT_WATCHED};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::net::{self, AddressFamily, Reach};
use crate::resources::ec2::ports::PortSettings;
use crate::resources::ec2::ports::{Watched, foreign_nets, reach_alone, unread_source};
use std::collections::BTreeSet;

/// See the module.
pub struct SecurityGroupNearWorld;

static ABOUT: About = About {
    name: "security-group-near-world-open",
    catalogue_id: "NET-03",
    title: "Port open to much of the internet",
    description: "Ingress rules for a watched port whose networks, added up over all rules of the group, cover more \
        public addresses than a /8 (IPv4) or a /32 (IPv6): the limits that Amazon S3 uses for `public`. Private and \
        reserved ranges do not count. A single rule for the whole internet belongs to NET-01 and NET-02. The record \
        shows only its own rules; where these do not prove the violation, the whole group is read.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["EC2.18", "EC2.19"],
    technique: "T1133",
    triggers: &[
        "AuthorizeSecurityGroupIngress",
        "ModifyManagedPrefixList",
        "ModifySecurityGroupRules",
        "RestoreManagedPrefixListVersion",
    ],
    remediation: "Revokes the fewest of the changed rules that bring the coverage under the limit.",
    actions: &[REVOKE_SECURITY_GROUP_INGRESS],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<SecurityGroup, GroupAction> for SecurityGroupNearWorld {
    type Settings = PortSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, group: &SecurityGroup, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.settings(self);
        let watched = Watched::from_settings(settings);
        let (candidates, unread) = candidates(group, settings, &watched);
        if !candidates.iter().any(|candidate| candidate.rule.in_question) {
            return verdict(ABOUT.severity, Vec::new(), unread);
        }
        let mut severity = ABOUT.severity;
        let mut evidence: Vec<Evidence> = Vec::new();
        for (transport, port) in doors(&candidates, &watched) {
            for family in [AddressFamily::Ipv4, AddressFamily::Ipv6] {
                let through: Vec<&Candidate<'_>> =
                    candidates.iter().filter(|c| c.rule.traffic.lets_in(transport, port)).collect();
                let together = reach_of(family, &through);
                if together < Reach::Broad {
                    continue;
                }
                if together == Reach::World {
                    severity = Severity::High;
                }
                for candidate in too_many(family, &through) {
                    let element = candidate.rule.element();
                    if !evidence.iter().any(|known| known.element == element) {
                        let why = sentence(candidate.rule, through.len(), together, family, transport, port);
                        evidence.push(Evidence { element, why });
                    }
                }
            }
        }
        if evidence.is_empty() && !group.is_whole {
            let why = "the record shows only its own rules: whether they cover too much together with the others takes \
                       the whole group";
            return Verdict::Undetermined { why: why.to_owned() };
        }
        verdict(severity, evidence, unread)
    }

    fn plan(&self, group: &SecurityGroup, violation: &Violation, _: &Terms<'_>) -> Plan<GroupAction> {
        revoke(group, violation)
    }
}

/// A rule that can add to the coverage of a watched port.
struct Candidate<'a> {
    rule: &'a Rule,
    nets: Vec<ipnet::IpNet>,
}

fn candidates<'a>(
    group: &'a SecurityGroup,
    settings: &PortSettings,
    watched: &Watched,
) -> (Vec<Candidate<'a>>, Option<String>) {
    let mut found = Vec::new();
    let mut unread = None;
    for rule in group.rules.iter().filter(|rule| rule.direction == Direction::Ingress) {
        if watched.named_in(&rule.traffic).is_none() {
            continue;
        }
        match reach_alone(rule, &settings.allowed_cidrs) {
            Some((Reach::Narrow | Reach::Broad, _)) => {
                found.push(Candidate { rule, nets: foreign_nets(rule, &settings.allowed_cidrs).unwrap_or_default() })
            }
            Some((Reach::Private | Reach::World, _)) => {}
            None if rule.in_question => unread = unread.or_else(|| unread_source(rule)),
            None => {}
        }
    }
    (found, unread)
}

/// One port of every stretch of watched ports that the same rules open.
fn doors(candidates: &[Candidate<'_>], watched: &Watched) -> Vec<(Transport, u16)> {
    let mut doors = BTreeSet::new();
    for transport in [Transport::Tcp, Transport::Udp] {
        let mut edges = BTreeSet::from([0]);
        for candidate in candidates {
            match candidate.rule.traffic {
                Traffic::Ports { transport: mine, from, to } if mine == transport => {
                    edges.insert(u32::from(from));
                    edges.insert(u32::from(to) + 1);
                }
                Traffic::All | Traffic::Ports { .. } | Traffic::Other { .. } => {}
            }
        }
        let starts: Vec<u32> = edges.into_iter().collect();
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).copied().unwrap_or(u32::from(u16::MAX) + 1) - 1;
            if let (Ok(from), Ok(to)) = (u16::try_from(*start), u16::try_from(end)) {
                doors.extend(watched.within(from, to, 1).first().map(|port| (transport, *port)));
            }
        }
    }
    doors.into_iter().collect()
}

fn reach_of(family: AddressFamily, candidates: &[&Candidate<'_>]) -> Reach {
    net::reach(family, candidates.iter().flat_map(|candidate| &candidate.nets))
}

/// The fewest of the rules in question whose removal brings the coverage under the limit: the widest go first, and one
/// that proves not to have been needed comes back. When older rules alone are over it, all that add to it.
fn too_many<'a, 'b>(family: AddressFamily, through: &[&'b Candidate<'a>]) -> Vec<&'b Candidate<'a>> {
    let width = |candidate: &Candidate<'_>| net::public_part(family, &candidate.nets).len();
    let mut kept: Vec<&Candidate<'_>> = through.to_vec();
    let mut gone: Vec<&Candidate<'_>> = Vec::new();
    while reach_of(family, &kept) >= Reach::Broad {
        let widest = kept
            .iter()
            .enumerate()
            .filter(|(_, candidate)| candidate.rule.in_question && width(candidate) > 0)
            .max_by_key(|(_, candidate)| width(candidate))
            .map(|(at, _)| at);
        match widest {
            Some(at) => gone.push(kept.remove(at)),
            None => return gone,
        }
    }
    for at in (0..gone.len()).rev() {
        let Some(candidate) = gone.get(at).copied() else { continue };
        kept.push(candidate);
        if reach_of(family, &kept) >= Reach::Broad {
            kept.pop();
        } else {
            gone.remove(at);
        }
    }
    gone
}

fn sentence(
    rule: &Rule,
    rules: usize,
    together: Reach,
    family: AddressFamily,
    transport: Transport,
    port: u16,
) -> String {
    let much = if together == Reach::World { "the whole" } else { "too much of the" };
    let element = rule.element();
    match rules {
        1 => format!("`{element}` covers {much} {family} internet on {transport} {port}"),
        _ => format!("`{element}`: the {rules} rules for {transport} {port} together cover {much} {family} internet"),
    }
}

#[cfg(test)]
mod tests;
