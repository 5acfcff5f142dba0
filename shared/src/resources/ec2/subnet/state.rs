//! Subnets: whether what is launched in them gets a public address by itself.

use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const MODIFY_SUBNET_ATTRIBUTE: Permission =
    Permission::on("ec2:ModifySubnetAttribute", &["ec2:${Region}:${Account}:subnet/*"]);

/// How to find the subnets to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubnetRef {
    /// One, by id.
    Id(String),
    /// All of a VPC that was just made with them.
    AllOf(String),
}

/// What is known of the subnets that a key names: one, or those of a VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnets {
    /// Each once.
    pub subnets: Vec<Subnet>,
}

/// What is known of a subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// The account that it belongs to, where that is known: subnets of others show when they are shared.
    pub owner: Option<String>,
    /// Whether AWS made it as the default subnet of a zone: those assign public IPv4 addresses by AWS's design.
    pub is_default: Observed<bool>,
    /// Whether it has IPv6 addresses alone: nothing could be launched in it that gets none.
    pub is_ipv6_only: Observed<bool>,
    /// What it assigns at launch, attribute by attribute, as far as this lens shows it.
    pub assigns: Vec<Assigned>,
    /// Why it is looked at.
    pub question: Question,
    /// The id of the CloudFormation stack that it belongs to, where its tags say so.
    #[serde(default)]
    pub stack: Option<String>,
}

/// One attribute of a subnet and what it is set to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// Which.
    pub attribute: Attribute,
    /// What it is set to.
    pub is_on: bool,
    /// Whether the event at hand set it; a sweep, which has no event, says so of all.
    pub in_question: bool,
}

/// Why a subnet is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// An attribute of it was set.
    Set,
    /// It was made, as a default subnet.
    MadeDefault,
    /// Nothing happened to it.
    Standing,
}

/// The attributes that give out public addresses. AWS takes one a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attribute {
    /// `MapPublicIpOnLaunch`
    PublicIpv4,
    /// `AssignIpv6AddressOnCreation`; every IPv6 address of a VPC is globally unique, so none is private by itself.
    Ipv6,
}

impl Attribute {
    /// Both.
    pub const ALL: [Self; 2] = [Self::PublicIpv4, Self::Ipv6];

    /// The name in records, in camel case.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::PublicIpv4 => "mapPublicIpOnLaunch",
            Self::Ipv6 => "assignIpv6AddressOnCreation",
        }
    }

    /// The name on the command line.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Self::PublicIpv4 => "map-public-ip-on-launch",
            Self::Ipv6 => "assign-ipv6-address-on-creation",
        }
    }
}

impl Subnet {
    /// The element that evidence names.
    #[must_use]
    pub fn element(&self, attribute: Attribute) -> String {
        format!("{} {}", self.id, attribute.option())
    }
}

/// The call that changes what a subnet assigns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetAction {
    /// `subnet-…`
    pub subnet: String,
    /// Which attribute.
    pub attribute: Attribute,
    /// What to set it to.
    pub value: bool,
}

impl fmt::Display for SubnetAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.value { "set" } else { "clear" };
        write!(f, "{verb} {} on {}", self.attribute.option(), self.subnet)
    }
}

impl Action for SubnetAction {
    fn permission(&self) -> &'static str {
        MODIFY_SUBNET_ATTRIBUTE.action
    }

    fn command(&self, region: &str) -> String {
        let Self { subnet, attribute, value } = self;
        let no = if *value { "" } else { "no-" };
        let line = format!("aws ec2 modify-subnet-attribute --subnet-id {subnet} --{no}{}", attribute.option());
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        if self.value { Effect::Overwriting } else { Effect::Restoring }
    }

    fn elements(&self) -> usize {
        1
    }
}
