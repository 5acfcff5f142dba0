//! Security groups: their rules as AWS means them, whichever way they were written down.

use crate::model::Observed;
use crate::net::AddressFamily;
use crate::plan::{Action, in_region};
use ipnet::IpNet;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// How to find the group to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupRef {
    /// By id.
    Id(String),
    /// The default group of a VPC.
    DefaultOf(String),
    /// By name, which is legal in a default VPC.
    Named(String),
}

/// What is known of a security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Its name, where this lens shows it. `default` is the one that every VPC has and nobody can delete.
    pub name: Observed<String>,
    /// The rules that this lens shows.
    pub rules: Vec<Rule>,
    /// Whether `rules` is all of them. An event shows only those that it made.
    pub is_whole: bool,
}

/// One rule: one source, as AWS has kept them since rules have ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the group's interfaces.
    Ingress,
    /// Out of them.
    Egress,
}

/// Protocol and ports. `-1` carries no ports and means all; ICMP has a type and a code where others have ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// 6
    Tcp,
    /// 17
    Udp,
}

/// Where a rule lets traffic come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// The networks that it stands for; none when that cannot be told.
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
    /// What is wrong, for a person.
    pub fn read(protocol: &str, from: Option<i64>, to: Option<i64>) -> Result<Self, String> {
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
            _ => Err(format!("ports {from}-{to} are no port range")),
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

/// The calls that change a security group. Rules are named by content, not by id: a rule id may have come to mean
/// something harmless since the event (`ModifySecurityGroupRules`), its content may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupAction {
    /// Take these rules away, and no other.
    Revoke(RuleSet),
    /// Put these rules back, with their descriptions and tags.
    Authorize(RuleSet),
}

/// Rules of one direction in one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleSet {
    /// `sg-…`
    pub group: String,
    /// All of the rules' direction.
    pub direction: Direction,
    /// The rules, each once.
    pub rules: Vec<Rule>,
}

impl GroupAction {
    /// The rules of either call.
    #[must_use]
    pub fn set(&self) -> &RuleSet {
        match self {
            Self::Revoke(set) | Self::Authorize(set) => set,
        }
    }
}

impl RuleSet {
    fn absorb(&mut self, other: &Self) -> bool {
        if self.group != other.group || self.direction != other.direction {
            return false;
        }
        for rule in &other.rules {
            if !self.rules.iter().any(|mine| mine.element() == rule.element()) {
                self.rules.push(rule.clone());
            }
        }
        true
    }

    /// The rules by their tags, which the API takes for a whole call.
    #[must_use]
    pub fn by_tags(&self) -> BTreeMap<&BTreeMap<String, String>, Vec<&Rule>> {
        let mut by_tags: BTreeMap<_, Vec<&Rule>> = BTreeMap::new();
        for rule in &self.rules {
            by_tags.entry(&rule.tags).or_default().push(rule);
        }
        by_tags
    }
}

/// JSON as one argument of a shell: nothing in a description can leave it.
fn quoted(value: &serde_json::Value) -> String {
    format!("'{}'", value.to_string().replace('\'', r"'\''"))
}

fn tag_option(tags: &BTreeMap<String, String>) -> String {
    if tags.is_empty() {
        return String::new();
    }
    let tags: Vec<_> = tags.iter().map(|(key, value)| serde_json::json!({ "Key": key, "Value": value })).collect();
    let specification = serde_json::json!([{ "ResourceType": "security-group-rule", "Tags": tags }]);
    format!(" --tag-specifications {}", quoted(&specification))
}

fn permission(rule: &Rule, with_description: bool) -> serde_json::Value {
    let (protocol, from, to) = rule.traffic.wire();
    let mut permission = serde_json::json!({ "IpProtocol": protocol });
    let mut source = match &rule.source {
        Source::Cidr(net @ IpNet::V4(_)) => serde_json::json!({ "CidrIp": net.to_string() }),
        Source::Cidr(net @ IpNet::V6(_)) => serde_json::json!({ "CidrIpv6": net.to_string() }),
        Source::PrefixList { id, .. } => serde_json::json!({ "PrefixListId": id }),
        Source::Group { id, account: Some(account) } => serde_json::json!({ "GroupId": id, "UserId": account }),
        Source::Group { id, account: None } => serde_json::json!({ "GroupId": id }),
    };
    let ranges = match &rule.source {
        Source::Cidr(IpNet::V4(_)) => "IpRanges",
        Source::Cidr(IpNet::V6(_)) => "Ipv6Ranges",
        Source::PrefixList { .. } => "PrefixListIds",
        Source::Group { .. } => "UserIdGroupPairs",
    };
    if let (true, Some(text), Some(map)) = (with_description, &rule.description, source.as_object_mut()) {
        map.insert("Description".to_owned(), text.clone().into());
    }
    if let Some(map) = permission.as_object_mut() {
        map.insert(ranges.to_owned(), serde_json::json!([source]));
        for (key, port) in [("FromPort", from), ("ToPort", to)] {
            if let Some(port) = port {
                map.insert(key.to_owned(), port.into());
            }
        }
    }
    permission
}

impl fmt::Display for GroupAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, word) = match self {
            Self::Revoke(_) => ("revoke", "on"),
            Self::Authorize(_) => ("authorize", "on"),
        };
        let rules: Vec<_> = self.set().rules.iter().map(Rule::element).collect();
        write!(f, "{verb} {} {word} {}", rules.join(", "), self.set().group)
    }
}

impl Action for GroupAction {
    fn permission(&self) -> &'static str {
        match (self, self.set().direction) {
            (Self::Revoke(_), Direction::Ingress) => "ec2:RevokeSecurityGroupIngress",
            (Self::Revoke(_), Direction::Egress) => "ec2:RevokeSecurityGroupEgress",
            (Self::Authorize(_), Direction::Ingress) => "ec2:AuthorizeSecurityGroupIngress",
            (Self::Authorize(_), Direction::Egress) => "ec2:AuthorizeSecurityGroupEgress",
        }
    }

    /// Tags are given for a whole call: rules with the same tags go together, and calls one after another.
    fn command(&self, region: &str) -> String {
        let set = self.set();
        let call = |verb: &str, rules: &[&Rule], with_descriptions: bool, tags: &str| {
            let listed: serde_json::Value = rules.iter().map(|rule| permission(rule, with_descriptions)).collect();
            let (group, listed) = (&set.group, quoted(&listed));
            let line = format!(
                "aws ec2 {verb}-security-group-{} --group-id {group} --ip-permissions {listed}{tags}",
                set.direction
            );
            in_region(&line, region)
        };
        match self {
            Self::Revoke(_) => call("revoke", &set.rules.iter().collect::<Vec<_>>(), false, ""),
            Self::Authorize(_) => {
                let lines =
                    set.by_tags().into_iter().map(|(tags, rules)| call("authorize", &rules, true, &tag_option(tags)));
                lines.collect::<Vec<_>>().join(" && ")
            }
        }
    }

    fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Revoke(mine), Self::Revoke(theirs)) | (Self::Authorize(mine), Self::Authorize(theirs)) => {
                mine.absorb(theirs)
            }
            (Self::Revoke(_), Self::Authorize(_)) | (Self::Authorize(_), Self::Revoke(_)) => false,
        }
    }

    fn elements(&self) -> usize {
        self.set().rules.len()
    }
}

fn clip(text: &str) -> String {
    text.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(port: u16, tags: &[(&str, &str)]) -> Rule {
        Rule {
            id: None,
            direction: Direction::Ingress,
            traffic: Traffic::Ports { transport: Transport::Tcp, from: port, to: port },
            source: Source::Cidr("0.0.0.0/0".parse().unwrap()),
            description: Some("it's mine".to_owned()),
            tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            in_question: true,
        }
    }

    fn authorize(rules: Vec<Rule>) -> String {
        let set = RuleSet { group: "sg-1".to_owned(), direction: Direction::Ingress, rules };
        GroupAction::Authorize(set).command("eu-west-1")
    }

    #[test]
    fn the_way_back_brings_descriptions_and_tags() {
        let line = authorize(vec![rule(22, &[("team", "web")])]);
        assert_eq!(
            line,
            "aws ec2 authorize-security-group-ingress --group-id sg-1 --ip-permissions \
             '[{\"FromPort\":22,\"IpProtocol\":\"tcp\",\"IpRanges\":[{\"CidrIp\":\"0.0.0.0/0\",\
             \"Description\":\"it'\\''s mine\"}],\"ToPort\":22}]' \
             --tag-specifications '[{\"ResourceType\":\"security-group-rule\",\"Tags\":[{\"Key\":\"team\",\"Value\":\"web\"}]}]' \
             --region eu-west-1"
        );
    }

    #[test]
    fn rules_with_other_tags_go_in_a_call_of_their_own() {
        let line = authorize(vec![rule(22, &[("team", "web")]), rule(23, &[]), rule(24, &[])]);
        let calls: Vec<_> = line.split(" && ").collect();
        assert_eq!(calls.len(), 2, "{line}");
        assert!(calls.iter().all(|call| call.ends_with(" --region eu-west-1")), "{line}");
        assert!(calls[0].contains("\"FromPort\":23") && calls[0].contains("\"FromPort\":24"), "{line}");
    }
}
