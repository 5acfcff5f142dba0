//! What can be done to a security group.

use super::state::{Direction, Rule, Source};
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region, pieces};
use crate::engine::shell::word;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub(crate) const REVOKE_SECURITY_GROUP_INGRESS: Permission =
    Permission::on("ec2:RevokeSecurityGroupIngress", &["ec2:${Region}:${Account}:security-group/*"]);
/// Egress rules are revoked.
pub const REVOKE_SECURITY_GROUP_EGRESS: Permission =
    Permission::on("ec2:RevokeSecurityGroupEgress", &["ec2:${Region}:${Account}:security-group/*"]);
pub(crate) const AUTHORIZE_SECURITY_GROUP_INGRESS: Permission = Permission::on(
    "ec2:AuthorizeSecurityGroupIngress",
    &["ec2:${Region}:${Account}:security-group/*", "ec2:${Region}:${Account}:security-group-rule/*"],
);
pub(crate) const AUTHORIZE_SECURITY_GROUP_EGRESS: Permission = Permission::on(
    "ec2:AuthorizeSecurityGroupEgress",
    &["ec2:${Region}:${Account}:security-group/*", "ec2:${Region}:${Account}:security-group-rule/*"],
);
pub(crate) const CREATE_TAGS: Permission =
    Permission::on("ec2:CreateTags", &["ec2:${Region}:${Account}:security-group-rule/*"]);

/// The calls that change a security group. Rules are named by content, not by id: a rule id may have come to mean
/// something harmless since the event (`ModifySecurityGroupRules`), its content may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupAction {
    /// Take these rules away, and no other.
    Revoke(RuleSet),
    /// Put these rules back, with their descriptions and tags.
    Authorize(RuleSet),
}

/// Rules of one direction in one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        // A group may have a thousand rules: each is named once, and not once for each other.
        let mut known: BTreeSet<String> = self.rules.iter().map(Rule::element).collect();
        self.rules.extend(other.rules.iter().filter(|rule| known.insert(rule.element())).cloned());
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

fn tag_option(tags: &BTreeMap<String, String>) -> String {
    if tags.is_empty() {
        return String::new();
    }
    let tags: Vec<_> = tags.iter().map(|(key, value)| serde_json::json!({ "Key": key, "Value": value })).collect();
    let specification = serde_json::json!([{ "ResourceType": "security-group-rule", "Tags": tags }]);
    format!(" --tag-specifications {}", word(&specification.to_string()))
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

/// A record of a default VPC may name a group by its name alone, which AWS does not let begin with `sg-`; there the call
/// takes it as well.
fn group_option(group: &str) -> String {
    let option = if group.starts_with("sg-") { "--group-id" } else { "--group-name" };
    format!("{option} {}", word(group))
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
            (Self::Revoke(_), Direction::Ingress) => REVOKE_SECURITY_GROUP_INGRESS.action,
            (Self::Revoke(_), Direction::Egress) => REVOKE_SECURITY_GROUP_EGRESS.action,
            (Self::Authorize(_), Direction::Ingress) => AUTHORIZE_SECURITY_GROUP_INGRESS.action,
            (Self::Authorize(_), Direction::Egress) => AUTHORIZE_SECURITY_GROUP_EGRESS.action,
        }
    }

    /// Tags are given for a whole call: rules with the same tags go together, and calls one after another.
    fn command(&self, region: &str) -> String {
        let set = self.set();
        let call = |verb: &str, rules: &[&Rule], with_descriptions: bool, tags: &str| {
            let listed: serde_json::Value = rules.iter().map(|rule| permission(rule, with_descriptions)).collect();
            let (group, listed) = (group_option(&set.group), word(&listed.to_string()).into_owned());
            let line =
                format!("aws ec2 {verb}-security-group-{} {group} --ip-permissions {listed}{tags}", set.direction);
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

    fn effect(&self) -> Effect {
        match self {
            Self::Revoke(_) => Effect::Removing,
            Self::Authorize(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        self.set().rules.len()
    }

    fn split(&self, most: usize) -> Vec<Self> {
        let some = |rules| RuleSet { rules, ..self.set().clone() };
        pieces(&self.set().rules, most, |piece| match self {
            Self::Revoke(_) => Self::Revoke(some(piece)),
            Self::Authorize(_) => Self::Authorize(some(piece)),
        })
    }
}

#[cfg(test)]
mod tests;
