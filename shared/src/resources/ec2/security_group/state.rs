//! Security groups: their rules as AWS means them, whichever way they were written down.

pub use super::actions::{GroupAction, REVOKE_SECURITY_GROUP_EGRESS, RuleSet};

use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use crate::net::AddressFamily;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// How to find the group to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupRef {
    /// By id.
    Id(String),
    /// The default group of a VPC.
    DefaultOf(String),
    /// By name, which is legal in a default VPC.
    Named(String),
}

/// What is known of a security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Its name, where this lens shows it. `default` is the one that every VPC has and that cannot be deleted.
    pub name: Observed<String>,
    /// The rules that this lens shows.
    pub rules: Vec<Rule>,
    /// Whether `rules` is all of them. An event shows only those that it made.
    pub is_whole: bool,
    /// The CloudFormation stack that it belongs to, as its tag `aws:cloudformation:stack-id` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
}

/// One rule: one source, as AWS has kept them since rules have ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// `sgr-…`, where known. Not part of what the rule is.
    pub id: Option<String>,
    /// Into or out of the group.
    pub direction: Direction,
    /// What may pass.
    pub traffic: Traffic,
    /// From where (or to where).
    pub source: Source,
    /// The description.
    pub description: Option<String>,
    /// The rule's tags, where known.
    pub tags: BTreeMap<String, String>,
    /// Whether the event at hand made or changed this rule. A sweep, which has no event, says so of all rules.
    pub in_question: bool,
}

/// Ingress or egress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the group's interfaces.
    Ingress,
    /// Out of them.
    Egress,
}

/// Protocol and ports. `-1` carries no ports and means all; ICMP has a type and a code where others have ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Traffic {
    /// Every protocol and port.
    All,
    /// TCP or UDP with an inclusive port range.
    Ports {
        /// TCP or UDP.
        transport: Transport,
        /// The lowest port.
        from: u16,
        /// The highest port.
        to: u16,
    },
    /// Another protocol by its IANA number, with what stands in the two port fields.
    Other {
        /// The IANA number: 1 ICMP, 58 ICMPv6, 47 GRE, ...
        protocol: u8,
        /// ICMP type, -1 any.
        from: i32,
        /// ICMP code, -1 any.
        to: i32,
    },
}

/// The protocols that have ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// 6
    Tcp,
    /// 17
    Udp,
}

/// Where a rule lets traffic come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A network, host bits masked.
    Cidr(IpNet),
    /// A managed prefix list and, when they were read, its entries.
    PrefixList {
        /// `pl-…`
        id: String,
        /// What it holds.
        entries: Observed<Vec<IpNet>>,
    },
    /// Another group, or this one.
    Group {
        /// `sg-…`
        id: String,
        /// The account that the group is in, when it is named.
        account: Option<String>,
    },
}

impl SecurityGroup {
    /// The rules of one direction that the event made or changed.
    pub fn rules_in_question(&self, direction: Direction) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.direction == direction && rule.in_question)
    }
}

impl Source {
    /// The networks that it stands for; none when that is unknown.
    #[must_use]
    pub fn nets(&self) -> Option<&[IpNet]> {
        match self {
            Self::Cidr(net) => Some(std::slice::from_ref(net)),
            Self::PrefixList { entries, .. } => entries.known().map(Vec::as_slice),
            Self::Group { .. } => Some(&[]),
        }
    }
}

impl Traffic {
    /// Every TCP or UDP port at least; `-1` is also that.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        match self {
            Self::All => true,
            Self::Ports { from, to, .. } => *from <= 1 && *to == u16::MAX,
            Self::Other { .. } => false,
        }
    }

    /// Whether traffic to `port` passes.
    #[must_use]
    pub fn lets_in(&self, transport: Transport, port: u16) -> bool {
        match self {
            Self::All => true,
            Self::Ports { transport: mine, from, to } => *mine == transport && (*from..=*to).contains(&port),
            Self::Other { .. } => false,
        }
    }

    /// Reads AWS's three fields: the protocol as a name or an IANA number, ports as they come.
    ///
    /// # Errors
    /// What is wrong.
    pub fn read(protocol: &str, from: Option<i64>, to: Option<i64>) -> Result<Self, Unreadable> {
        let protocol = protocol.trim().to_ascii_lowercase();
        let transport = match protocol.as_str() {
            "-1" | "all" => return Ok(Self::All),
            "tcp" | "6" => Transport::Tcp,
            "udp" | "17" => Transport::Udp,
            other => {
                let number = match other {
                    "icmp" => 1,
                    "icmpv6" => 58,
                    _ => other.parse().map_err(|_| format!("protocol `{}` is unknown", clip(other)))?,
                };
                let small = |value: Option<i64>| i32::try_from(value.unwrap_or(-1)).unwrap_or(-1);
                return Ok(Self::Other { protocol: number, from: small(from), to: small(to) });
            }
        };
        // A rule without ports, or with -1, is a rule for all of them.
        let from = from.filter(|port| *port >= 0).unwrap_or(0);
        let to = to.filter(|port| *port >= 0).unwrap_or(i64::from(u16::MAX));
        match (u16::try_from(from), u16::try_from(to)) {
            (Ok(from), Ok(to)) if from <= to => Ok(Self::Ports { transport, from, to }),
            _ => Err(format!("ports {from}-{to} are no port range").into()),
        }
    }

    /// The protocol as the API takes it, and the two port fields.
    #[must_use]
    pub fn wire(&self) -> (String, Option<i32>, Option<i32>) {
        match self {
            Self::All => ("-1".to_owned(), None, None),
            Self::Ports { transport, from, to } => {
                (transport.to_string(), Some(i32::from(*from)), Some(i32::from(*to)))
            }
            Self::Other { protocol, from, to } => {
                let name = match protocol {
                    1 => "icmp".to_owned(),
                    58 => "icmpv6".to_owned(),
                    other => other.to_string(),
                };
                (name, Some(*from), Some(*to))
            }
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        })
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all traffic"),
            Self::Ports { transport, from, to } if from == to => write!(f, "{transport} {from}"),
            Self::Ports { transport, from, to } => write!(f, "{transport} {from}-{to}"),
            Self::Other { protocol: 1, from, to } => write!(f, "icmp {from}/{to}"),
            Self::Other { protocol: 58, from, to } => write!(f, "icmpv6 {from}/{to}"),
            Self::Other { protocol, .. } => write!(f, "protocol {protocol}"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(net) => write!(f, "{net}"),
            Self::PrefixList { id, .. } | Self::Group { id, .. } => f.write_str(id),
        }
    }
}

impl Rule {
    /// The rule by its content: equal whenever the same rule is seen again, whatever its id.
    #[must_use]
    pub fn element(&self) -> String {
        self.to_string()
    }

    /// The family of a rule on a network.
    #[must_use]
    pub fn family(&self) -> Option<AddressFamily> {
        match &self.source {
            Source::Cidr(net) => Some(AddressFamily::of(net)),
            Source::PrefixList { .. } | Source::Group { .. } => None,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.direction {
            Direction::Ingress => "from",
            Direction::Egress => "to",
        };
        write!(f, "{} {} {word} {}", self.direction, self.traffic, self.source)
    }
}

fn clip(text: &str) -> String {
    text.chars().take(20).collect()
}
