//! Network ACLs: numbered entries, of which the lowest that matches decides ("Network ACL rules", Amazon VPC user guide).

pub use super::actions::{AclAction, NumberedRule};

use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use crate::resources::ec2::security_group::state::{Direction, Traffic, Transport};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How to find the network ACL, what the event did to it, and what it was when it was last seen to be good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclRef {
    /// `acl-…`
    pub id: String,
    /// The entry that the event made or replaced; none where nothing happened.
    pub change: Option<Change>,
    /// The event moved a subnet to it.
    #[serde(default)]
    pub is_joined: bool,
    /// Its entries when no guardrail objected to it.
    pub kept: Observed<Vec<Entry>>,
}

/// Which entry an event changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The rule number.
    pub number: i32,
    /// Numbers count for each direction alone.
    pub direction: Direction,
    /// Whether there was none of that number before: AWS refuses to create one over another.
    pub is_new: bool,
    /// Whether there is none of that number any more.
    #[serde(default)]
    pub is_gone: bool,
}

/// An entry that an event deleted, where none of its number stands there now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// The rule number.
    pub number: i32,
    /// Into or out of the subnets.
    pub direction: Direction,
    /// What it said.
    pub was: Observed<AclRule>,
}

/// What is known of a network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// `acl-…`
    pub id: String,
    /// The account that it belongs to, where that is known: those of a shared VPC show to others.
    pub owner: Option<String>,
    /// Whether it is the one that its VPC was made with.
    pub is_default: Observed<bool>,
    /// The entries that this lens shows, in no order.
    pub entries: Vec<Entry>,
    /// Whether `entries` is all of them. A record shows the one that it is about.
    pub is_whole: bool,
    /// Whether an event put entries in question, not a walk through everything.
    pub has_event: bool,
    /// The entry that the event deleted.
    #[serde(default)]
    pub gone: Option<Gone>,
    /// The id of the CloudFormation stack that it belongs to, where its tags say so.
    #[serde(default)]
    pub stack: Option<String>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1 to 32766; AWS's own last denial is 32767.
    pub number: i32,
    /// Into or out of the subnets.
    pub direction: Direction,
    /// What it says.
    pub rule: AclRule,
    /// Whether the event at hand made it. A sweep, which has no event, says so of all.
    pub in_question: bool,
    /// What stood under its number before; `Absent` when nothing did.
    pub was: Observed<AclRule>,
}

/// What an entry says, as the API takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclRule {
    /// Allow or deny.
    pub allows: bool,
    /// The IANA number, -1 for every protocol.
    pub protocol: i16,
    /// For TCP and UDP.
    pub ports: Option<(u16, u16)>,
    /// Type and code, -1 any; for ICMP and ICMPv6.
    pub icmp: Option<(i32, i32)>,
    /// The source, or the destination. One family an entry: `0.0.0.0/0` says nothing of IPv6.
    pub net: IpNet,
}

const ICMP: i16 = 1;
const TCP: i16 = 6;
const UDP: i16 = 17;
const ICMPV6: i16 = 58;

impl AclRule {
    /// Reads the API's fields. Ports count for TCP and UDP alone, types and codes for ICMP: "If you specify -1 or a protocol
    /// number other than 6, 17 or 1, traffic on all ports is allowed, regardless" (`CreateNetworkAclEntry`).
    ///
    /// # Errors
    /// What is wrong.
    pub fn read(
        allows: bool,
        protocol: &str,
        ports: (Option<i64>, Option<i64>),
        icmp: (Option<i64>, Option<i64>),
        net: IpNet,
    ) -> Result<Self, Unreadable> {
        let protocol = match protocol.trim().to_ascii_lowercase().as_str() {
            "all" => -1,
            "tcp" => TCP,
            "udp" => UDP,
            "icmp" => ICMP,
            "icmpv6" | "ipv6-icmp" => ICMPV6,
            number => {
                number.parse().ok().filter(|number| (-1..=255).contains(number)).ok_or("a protocol is unknown")?
            }
        };
        let ports = match protocol {
            TCP | UDP => {
                let port = |value: Option<i64>, every: u16| match value.filter(|port| *port >= 0) {
                    None => Ok(every),
                    Some(port) => u16::try_from(port).map_err(|_| format!("{port} is no port")),
                };
                let (from, to) = (port(ports.0, 0)?, port(ports.1, u16::MAX)?);
                if from > to {
                    return Err(format!("ports {from}-{to} are no range").into());
                }
                Some((from, to))
            }
            _ => None,
        };
        let icmp = match protocol {
            ICMP | ICMPV6 => {
                let any = |value: Option<i64>| i32::try_from(value.unwrap_or(-1)).unwrap_or(-1);
                Some((any(icmp.0), any(icmp.1)))
            }
            _ => None,
        };
        Ok(Self { allows, protocol, ports, icmp, net })
    }

    /// The ports of `transport` that it speaks of; none when it speaks of others.
    #[must_use]
    pub fn ports_of(&self, transport: Transport) -> Option<(u16, u16)> {
        match (self.protocol, transport) {
            (-1, _) => Some((0, u16::MAX)),
            (TCP, Transport::Tcp) | (UDP, Transport::Udp) => self.ports,
            _ => None,
        }
    }

    fn traffic(&self) -> Traffic {
        let (from, to) = self.icmp.unwrap_or((-1, -1));
        match (self.protocol, self.ports) {
            (TCP, Some((from, to))) => Traffic::Ports { transport: Transport::Tcp, from, to },
            (UDP, Some((from, to))) => Traffic::Ports { transport: Transport::Udp, from, to },
            (protocol, _) => match u8::try_from(protocol) {
                Ok(protocol) => Traffic::Other { protocol, from, to },
                Err(_) => Traffic::All,
            },
        }
    }
}

impl Entry {
    /// The entry by its content: equal whenever it is seen again.
    #[must_use]
    pub fn element(&self) -> String {
        element(self.number, self.direction, &self.rule)
    }

    /// Whether this is one that AWS makes with every VPC: 100 allows all of IPv4, 101 all of IPv6 ("Default network ACL",
    /// Amazon VPC user guide).
    #[must_use]
    pub fn is_as_aws_makes_it(&self) -> bool {
        let Self { number, rule, .. } = self;
        let net = match number {
            100 => matches!(rule.net, IpNet::V4(net) if net.prefix_len() == 0),
            101 => matches!(rule.net, IpNet::V6(net) if net.prefix_len() == 0),
            _ => false,
        };
        net && rule.allows && rule.protocol == -1
    }
}

pub(crate) fn element(number: i32, direction: Direction, rule: &AclRule) -> String {
    let word = match direction {
        Direction::Ingress => "from",
        Direction::Egress => "to",
    };
    format!("{direction} {number} {} {word} {}", Said(rule), rule.net)
}

/// `allow tcp 22`
struct Said<'a>(&'a AclRule);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.0.allows { "allow" } else { "deny" }, self.0.traffic())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::tcp_by_number("6", (Some(22), Some(22)), "allow tcp 22")]
    #[case::tcp_by_name("TCP", (Some(20), Some(25)), "allow tcp 20-25")]
    #[case::tcp_without_ports("6", (None, None), "allow tcp 0-65535")]
    #[case::every_protocol_has_no_ports("-1", (Some(22), Some(22)), "allow all traffic")]
    #[case::another_protocol_has_no_ports("47", (Some(22), Some(22)), "allow protocol 47")]
    #[case::icmp("1", (Some(22), Some(22)), "allow icmp 3/4")]
    fn what_an_entry_says(#[case] protocol: &str, #[case] ports: (Option<i64>, Option<i64>), #[case] says: &str) {
        let net = "0.0.0.0/0".parse().unwrap();
        let rule = AclRule::read(true, protocol, ports, (Some(3), Some(4)), net).unwrap();
        assert_eq!(Said(&rule).to_string(), says);
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        let net: IpNet = "0.0.0.0/0".parse().unwrap();
        let read = |protocol: &str, from| AclRule::read(true, protocol, (Some(from), Some(22)), (None, None), net);
        assert!(
            read("256", 22).is_err()
                && read("ssh", 22).is_err()
                && read("6", 23).is_err()
                && read("6", 70_000).is_err()
        );
    }
}
