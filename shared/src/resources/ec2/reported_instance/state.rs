//! An instance that GuardDuty reports, and what is known of it.

use crate::engine::observed::Observed;
use crate::resources::threat::Report;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How to find the instance, and what is reported of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedRef {
    /// `i-…`
    pub id: String,
    /// The report.
    pub report: Report,
}

/// What is known of the instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedInstance {
    /// `i-…`
    pub id: String,
    /// What is reported.
    pub report: Report,
    /// Every network interface, by its id.
    pub interfaces: BTreeMap<String, Interface>,
    /// The security groups that an isolated interface may have, by VPC: see [`QUARANTINE`].
    pub quarantine: Observed<BTreeMap<String, Quarantine>>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether it has a volume of which a snapshot can be made.
    pub has_volumes: bool,
    /// Whether it is not there any more.
    #[serde(default)]
    pub is_gone: bool,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// `vpc-…`
    pub vpc: String,
    /// Its security groups, in order.
    pub groups: Vec<String>,
}

/// A security group with the tag [`QUARANTINE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// `sg-…`
    pub group: String,
    /// What it lets through, one sentence each: such a group isolates nothing.
    pub lets_through: Vec<String>,
}

/// The tag of the security group of a VPC that isolates: the operator makes the group and gives it the tag, with any value.
pub const QUARANTINE: &str = "parapet:quarantine";
/// The tag of an instance that was isolated, and of the snapshots of its volumes: the type of the finding.
pub const ISOLATED: &str = "parapet:isolated";
/// What Auto Scaling puts on its instances; no other caller can.
pub const AUTO_SCALING: &str = "aws:autoscaling:groupName";

impl ReportedInstance {
    /// The group for an interface, where there is one that isolates.
    #[must_use]
    pub fn quarantine_of(&self, interface: &Interface) -> Option<&str> {
        let found = self.quarantine.known()?.get(&interface.vpc)?;
        found.lets_through.is_empty().then_some(found.group.as_str())
    }

    /// The interfaces that are not isolated. Where it is unknown which group isolates, all.
    pub fn open(&self) -> impl Iterator<Item = (&String, &Interface)> {
        self.interfaces.iter().filter(|(_, interface)| {
            let isolated = self.quarantine_of(interface);
            isolated.is_none_or(|group| interface.groups.iter().any(|other| other != group))
        })
    }
}
