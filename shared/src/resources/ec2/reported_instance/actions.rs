//! What isolates an instance: the security groups of each of its interfaces, a tag, and snapshots of its volumes.

use super::state::ISOLATED;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const MODIFY_NETWORK_INTERFACE_ATTRIBUTE: Permission = Permission::on(
    "ec2:ModifyNetworkInterfaceAttribute",
    &[
        "ec2:${Region}:${Account}:instance/*",
        "ec2:${Region}:${Account}:network-interface/*",
        "ec2:${Region}:${Account}:security-group/*",
    ],
);
pub(crate) const CREATE_SNAPSHOTS: Permission = Permission::on(
    "ec2:CreateSnapshots",
    &["ec2:${Region}:${Account}:instance/*", "ec2:${Region}::snapshot/*", "ec2:${Region}:${Account}:volume/*"],
);
pub(crate) const TAG_INSTANCE: Permission = Permission::on("ec2:CreateTags", &["ec2:${Region}:${Account}:instance/*"]);
pub(crate) const TAG_SNAPSHOT: Permission =
    Permission::on("ec2:CreateTags", &["ec2:${Region}::snapshot/*"]).when("ec2:CreateAction", "CreateSnapshots");
pub(crate) const UNTAG_INSTANCE: Permission =
    Permission::on("ec2:DeleteTags", &["ec2:${Region}:${Account}:instance/*"]);

/// The calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IsolationAction {
    /// An interface has these security groups, and no other.
    Groups(Groups),
    /// A snapshot of each volume of the instance, as it is now: it goes on running.
    Snapshot(Mark),
    /// The instance bears the tag.
    Tag(Mark),
    /// It does not.
    Untag(Mark),
}

/// The security groups of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups {
    /// `eni-…`
    pub interface: String,
    /// `sg-…`
    pub groups: Vec<String>,
}

/// The tag [`ISOLATED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// `i-…`
    pub instance: String,
    /// The type of the finding.
    pub finding: String,
}

impl Mark {
    /// The tag's value: a tag holds letters, digits, spaces and `_.:/=+-@` only ("Tag restrictions", EC2 user guide).
    #[must_use]
    pub fn value(&self) -> String {
        let allowed = |c: char| if c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c) { c } else { '-' };
        self.finding.chars().map(allowed).collect()
    }
}

impl fmt::Display for IsolationAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Groups(Groups { interface, groups }) => {
                write!(f, "set the security groups of {interface} to {}", groups.join(", "))
            }
            Self::Snapshot(mark) => write!(f, "make snapshots of the volumes of {}", mark.instance),
            Self::Tag(mark) => write!(f, "tag {} as isolated", mark.instance),
            Self::Untag(mark) => write!(f, "remove the tag of isolation from {}", mark.instance),
        }
    }
}

impl Action for IsolationAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Groups(_) => MODIFY_NETWORK_INTERFACE_ATTRIBUTE.action,
            Self::Snapshot(_) => CREATE_SNAPSHOTS.action,
            Self::Tag(_) => TAG_INSTANCE.action,
            Self::Untag(_) => UNTAG_INSTANCE.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let line = match self {
            Self::Groups(Groups { interface, groups }) => {
                let groups: Vec<String> = groups.iter().map(|group| word(group).into_owned()).collect();
                let (interface, groups) = (word(interface), groups.join(" "));
                format!(
                    "aws ec2 modify-network-interface-attribute --network-interface-id {interface} --groups {groups}"
                )
            }
            Self::Snapshot(mark) => {
                let of = format!("InstanceId={}", mark.instance);
                let tags = format!("ResourceType=snapshot,Tags=[{{Key={ISOLATED},Value={}}}]", mark.value());
                let (of, tags) = (word(&of), word(&tags));
                format!("aws ec2 create-snapshots --instance-specification {of} --tag-specifications {tags}")
            }
            Self::Tag(mark) => {
                let tag = format!("Key={ISOLATED},Value={}", mark.value());
                format!("aws ec2 create-tags --resources {} --tags {}", word(&mark.instance), word(&tag))
            }
            Self::Untag(mark) => {
                format!("aws ec2 delete-tags --resources {} --tags Key={ISOLATED}", word(&mark.instance))
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// What an interface has is written whole. Snapshots and the tag take nothing away.
    fn effect(&self) -> Effect {
        match self {
            Self::Groups(_) | Self::Untag(_) => Effect::Overwriting,
            Self::Snapshot(_) | Self::Tag(_) => Effect::Restoring,
        }
    }

    /// What is written does not depend on the groups that an interface has: one that was changed since the read is isolated all the same, in as few calls as there are.
    fn guards_itself(&self) -> bool {
        match self {
            Self::Groups(_) => true,
            Self::Snapshot(_) | Self::Tag(_) | Self::Untag(_) => false,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_whole_and_shell_safe() {
        let mark = Mark { instance: "i-1".to_owned(), finding: "Backdoor:EC2/C&CActivity.B!DNS".to_owned() };
        for (action, line) in [
            (
                IsolationAction::Groups(Groups {
                    interface: "eni-1".to_owned(),
                    groups: vec!["sg-1".to_owned(), "sg-2".to_owned()],
                }),
                "aws ec2 modify-network-interface-attribute --network-interface-id eni-1 --groups sg-1 sg-2 --region eu-west-1",
            ),
            (
                IsolationAction::Snapshot(mark.clone()),
                "aws ec2 create-snapshots --instance-specification 'InstanceId=i-1' --tag-specifications \
                 'ResourceType=snapshot,Tags=[{Key=parapet:isolated,Value=Backdoor:EC2/C-CActivity.B-DNS}]' --region eu-west-1",
            ),
            (
                IsolationAction::Tag(mark.clone()),
                "aws ec2 create-tags --resources i-1 --tags 'Key=parapet:isolated,Value=Backdoor:EC2/C-CActivity.B-DNS' --region eu-west-1",
            ),
            (
                IsolationAction::Untag(mark),
                "aws ec2 delete-tags --resources i-1 --tags Key=parapet:isolated --region eu-west-1",
            ),
        ] {
            assert_eq!(action.command("eu-west-1"), line);
        }
    }
}
