//! What can be done to a network ACL.

use super::state::{AclRule, element};
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::resources::ec2::security_group::state::Direction;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};

pub(crate) const CREATE_NETWORK_ACL_ENTRY: Permission =
    Permission::on("ec2:CreateNetworkAclEntry", &["ec2:${Region}:${Account}:network-acl/*"]);
pub(crate) const DELETE_NETWORK_ACL_ENTRY: Permission =
    Permission::on("ec2:DeleteNetworkAclEntry", &["ec2:${Region}:${Account}:network-acl/*"]);
pub(crate) const REPLACE_NETWORK_ACL_ENTRY: Permission =
    Permission::on("ec2:ReplaceNetworkAclEntry", &["ec2:${Region}:${Account}:network-acl/*"]);

/// The calls that change a network ACL, one entry a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AclAction {
    /// Makes the entry, where there is none of its number.
    Create(NumberedRule),
    /// Puts it in the place of the one with its number.
    Replace(NumberedRule),
    /// Takes it away.
    Delete(NumberedRule),
}

/// An entry of a network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedRule {
    /// `acl-…`
    pub acl: String,
    /// The rule number.
    pub number: i32,
    /// Into or out of the subnets.
    pub direction: Direction,
    /// What it says.
    pub rule: AclRule,
}

impl NumberedRule {
    /// The entry by its content, as [`crate::resources::ec2::network_acl::state::Entry::element`] has it.
    #[must_use]
    pub fn element(&self) -> String {
        element(self.number, self.direction, &self.rule)
    }
}

impl AclAction {
    /// The entry that the call is about.
    #[must_use]
    pub fn entry(&self) -> &NumberedRule {
        match self {
            Self::Create(entry) | Self::Replace(entry) | Self::Delete(entry) => entry,
        }
    }
}

impl fmt::Display for AclAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NumberedRule { acl, number, direction, rule } = self.entry();
        let entry = element(*number, *direction, rule);
        match self {
            Self::Create(_) => write!(f, "create entry {entry} in {acl}"),
            Self::Replace(_) => write!(f, "replace entry {number} by {entry} in {acl}"),
            Self::Delete(_) => write!(f, "delete entry {entry} from {acl}"),
        }
    }
}

impl Action for AclAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Create(_) => CREATE_NETWORK_ACL_ENTRY.action,
            Self::Replace(_) => REPLACE_NETWORK_ACL_ENTRY.action,
            Self::Delete(_) => DELETE_NETWORK_ACL_ENTRY.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let NumberedRule { acl, number, direction, rule } = self.entry();
        let verb = match self {
            Self::Create(_) => "create",
            Self::Replace(_) => "replace",
            Self::Delete(_) => "delete",
        };
        let way = match direction {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        };
        let mut line =
            format!("aws ec2 {verb}-network-acl-entry --network-acl-id {acl} --{way} --rule-number {number}");
        match self {
            Self::Delete(_) => {}
            Self::Create(_) | Self::Replace(_) => options(&mut line, rule),
        }
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// Another entry may have the number by now, one that denies.
    fn effect(&self) -> Effect {
        match self {
            Self::Create(_) | Self::Replace(_) | Self::Delete(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

fn options(line: &mut String, rule: &AclRule) {
    let action = if rule.allows { "allow" } else { "deny" };
    let _ = write!(line, " --protocol {} --rule-action {action}", rule.protocol);
    if let Some((from, to)) = rule.ports {
        let _ = write!(line, " --port-range From={from},To={to}");
    }
    if let Some((kind, code)) = rule.icmp {
        let _ = write!(line, " --icmp-type-code Type={kind},Code={code}");
    }
    let _ = match rule.net {
        IpNet::V4(net) => write!(line, " --cidr-block {net}"),
        IpNet::V6(net) => write!(line, " --ipv6-cidr-block {net}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_lines() {
        let rule = AclRule::read(true, "6", (Some(22), Some(22)), (None, None), "0.0.0.0/0".parse().unwrap()).unwrap();
        let entry = NumberedRule { acl: "acl-1".to_owned(), number: 90, direction: Direction::Ingress, rule };
        assert_eq!(
            AclAction::Delete(entry.clone()).command("eu-west-1"),
            "aws ec2 delete-network-acl-entry --network-acl-id acl-1 --ingress --rule-number 90 --region eu-west-1"
        );
        assert_eq!(
            AclAction::Create(entry.clone()).command(""),
            "aws ec2 create-network-acl-entry --network-acl-id acl-1 --ingress --rule-number 90 --protocol 6 \
             --rule-action allow --port-range From=22,To=22 --cidr-block 0.0.0.0/0"
        );
        let rule = AclRule::read(false, "58", (None, None), (None, Some(0)), "::/0".parse().unwrap()).unwrap();
        let entry = NumberedRule { direction: Direction::Egress, rule, ..entry };
        assert_eq!(
            AclAction::Replace(entry).command(""),
            "aws ec2 replace-network-acl-entry --network-acl-id acl-1 --egress --rule-number 90 --protocol 58 \
             --rule-action deny --icmp-type-code Type=-1,Code=0 --ipv6-cidr-block ::/0"
        );
    }
}
