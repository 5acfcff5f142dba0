//! DB instances: RDS, and the members of clusters of Aurora, DocumentDB and Neptune.

use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const MODIFY_DB_INSTANCE: Permission =
    Permission::on("rds:ModifyDBInstance", &["rds:${Region}:${Account}:db:*"]);

/// How to find a DB instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceRef {
    /// Its identifier, in the lower case that RDS keeps.
    pub id: String,
    /// `db-…`: what stays when it is renamed, where the record shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// It is a Multi-AZ DB cluster, which is public or not as a whole.
    #[serde(default)]
    pub is_cluster: bool,
}

/// What is known of a DB instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbInstance {
    /// Its identifier.
    pub id: String,
    /// Whether its name resolves to a public address from outside the VPC. Subnets and security groups decide who gets
    /// through.
    pub is_public: Observed<bool>,
    /// Whether it has to be unprotected before it can be deleted.
    pub is_protected: Observed<bool>,
    /// The cluster that it is a member of; that has the protection then, not its members.
    pub cluster: Observed<String>,
    /// It is a Multi-AZ DB cluster: no call changes its public access ("ModifyDBCluster", RDS API reference).
    #[serde(default)]
    pub is_cluster: bool,
    /// It is on its way out: nothing about it can be changed any more.
    pub is_being_deleted: bool,
    /// What of it is to be judged.
    pub in_question: Questions,
}

/// What the event set, or everything when it is unknown what the event set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questions {
    /// Public access.
    pub access: bool,
    /// Protection from deletion.
    pub protection: bool,
}

/// The element of an instance with public access.
pub const PUBLIC_ACCESS: &str = "public access";

impl Questions {
    /// Everything.
    pub const ALL: Self = Self { access: true, protection: true };
}

/// `ModifyDBInstance` of two settings, which it applies at once whatever else is pending. `ApplyImmediately` is never set:
/// it would put other people's pending changes into effect, restarts among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceAction {
    /// The instance.
    pub id: String,
    /// What public access becomes.
    pub public_access: Option<bool>,
    /// What deletion protection becomes.
    pub protection: Option<bool>,
}

impl InstanceAction {
    /// Sets public access alone.
    #[must_use]
    pub fn access(id: &str, is_public: bool) -> Self {
        Self { id: id.to_owned(), public_access: Some(is_public), protection: None }
    }

    /// Sets deletion protection alone.
    #[must_use]
    pub fn protection(id: &str, is_on: bool) -> Self {
        Self { id: id.to_owned(), public_access: None, protection: Some(is_on) }
    }
}

impl fmt::Display for InstanceAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |is_on: bool| if is_on { "on" } else { "off" };
        let access = self.public_access.map(|is_on| format!("public access {}", word(is_on)));
        let protection = self.protection.map(|is_on| format!("deletion protection {}", word(is_on)));
        let parts: Vec<_> = access.into_iter().chain(protection).collect();
        write!(f, "turn {} for DB instance {}", parts.join(" and "), self.id)
    }
}

impl Action for InstanceAction {
    fn permission(&self) -> &'static str {
        MODIFY_DB_INSTANCE.action
    }

    fn command(&self, region: &str) -> String {
        let option = |name: &str, is_on: Option<bool>| match is_on {
            Some(true) => format!(" --{name}"),
            Some(false) => format!(" --no-{name}"),
            None => String::new(),
        };
        let (id, access) = (word(&self.id), option("publicly-accessible", self.public_access));
        let protection = option("deletion-protection", self.protection);
        in_region(&format!("aws rds modify-db-instance --db-instance-identifier {id}{access}{protection}"), region)
    }

    /// One call sets both: after the first, the instance may refuse a second for minutes.
    fn absorb(&mut self, other: &Self) -> bool {
        let agrees = |mine: Option<bool>, theirs: Option<bool>| mine.is_none() || theirs.is_none() || mine == theirs;
        let is_one = self.id == other.id
            && agrees(self.public_access, other.public_access)
            && agrees(self.protection, other.protection);
        if is_one {
            self.public_access = self.public_access.or(other.public_access);
            self.protection = self.protection.or(other.protection);
        }
        is_one
    }

    fn effect(&self) -> Effect {
        match (self.public_access, self.protection) {
            (Some(false) | None, Some(true) | None) => Effect::Restoring,
            (Some(true), _) | (_, Some(false)) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        usize::from(self.public_access.is_some()) + usize::from(self.protection.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_settings_are_one_call_that_flushes_nothing() {
        let mut call = InstanceAction::access("orders", false);
        assert!(call.absorb(&InstanceAction::protection("orders", true)));
        assert!(!call.absorb(&InstanceAction::access("orders", true)), "the opposite");
        assert!(!call.absorb(&InstanceAction::access("billing", false)), "another instance");
        let line = call.command("eu-west-1");
        assert_eq!(
            line,
            "aws rds modify-db-instance --db-instance-identifier orders --no-publicly-accessible --deletion-protection \
             --region eu-west-1"
        );
        assert_eq!(call.to_string(), "turn public access off and deletion protection on for DB instance orders");
        assert_eq!(call.elements(), 2);
        let text = serde_json::to_string(&call).unwrap();
        assert_eq!(serde_json::from_str::<InstanceAction>(&text).unwrap(), call);
    }
}
