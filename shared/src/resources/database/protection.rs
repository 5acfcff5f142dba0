//! Deletion protection: the switch that has to be turned off before a cluster, a table or a load balancer can be deleted.

use super::names::word;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug, Display};

pub(crate) const MODIFY_DB_CLUSTER: Permission =
    Permission::on("rds:ModifyDBCluster", &["rds:${Region}:${Account}:cluster:*"]);
pub(crate) const UPDATE_TABLE: Permission =
    Permission::on("dynamodb:UpdateTable", &["dynamodb:${Region}:${Account}:table/*"]);
pub(crate) const MODIFY_LOAD_BALANCER_ATTRIBUTES: Permission = Permission::on(
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    &[
        "elasticloadbalancing:${Region}:${Account}:loadbalancer/app/*",
        "elasticloadbalancing:${Region}:${Account}:loadbalancer/gwy/*",
        "elasticloadbalancing:${Region}:${Account}:loadbalancer/net/*",
    ],
);

/// The element of a resource without protection.
pub const PROTECTION_OFF: &str = "deletion protection off";

/// The attribute of a load balancer.
pub const LOAD_BALANCER_ATTRIBUTE: &str = "deletion_protection.enabled";

/// How to find something that has the switch. `Display` says what it is.
pub trait Protectable: Clone + Debug + Display + PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// The IAM action that turns the switch.
    const PERMISSION: &'static str;

    /// The command line that turns it, without its region.
    fn line(&self, is_on: bool) -> String;

    /// The name that people know.
    fn name(&self) -> &str;
}

/// A DB cluster: Aurora, Multi-AZ, DocumentDB, Neptune.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterRef {
    /// Its identifier, in the lower case that RDS keeps.
    pub id: String,
}

/// A DynamoDB table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRef {
    /// Its name.
    pub name: String,
}

/// An application, network or gateway load balancer. Classic ones have no such switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancerRef {
    /// `arn:aws:elasticloadbalancing:…:loadbalancer/app/name/id`
    pub arn: String,
}

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected<K> {
    /// Which.
    pub key: K,
    /// Whether the switch is on.
    pub is_on: bool,
    /// Whether the switch is to be judged: the event turned it, or nobody knows what the event did.
    pub in_question: bool,
    /// It is on its way out: nothing about it can be changed any more.
    pub is_being_deleted: bool,
    /// The event set other attributes beside it, as tools do that make a resource and send everything that they know.
    #[serde(skip)]
    pub is_among_others: bool,
    /// When it was made and when it was looked at, where a look shows it.
    #[serde(skip)]
    pub made: Option<Made>,
}

/// When something was made, and when somebody looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// When it was made.
    pub at: Timestamp,
    /// When it was looked at.
    pub seen: Timestamp,
}

impl Made {
    /// What is younger than this is still being set up: a protection that is off has not been lost.
    const NEW: SignedDuration = SignedDuration::from_hours(1);

    /// Whether it is still being set up.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.at + Self::NEW > self.seen
    }
}

impl<K> Protected<K> {
    /// With the switch on or off, and nothing else known of it.
    pub fn switched(key: K, is_on: bool) -> Self {
        Self { key, is_on, in_question: true, is_being_deleted: false, is_among_others: false, made: None }
    }

    /// The switch is off, and nobody turned it off: the resource was made just now and got all of its settings.
    #[must_use]
    pub fn is_being_set_up(&self) -> bool {
        self.is_among_others && self.made.is_some_and(|made| made.is_new())
    }
}

/// The calls that turn the switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protection<K> {
    /// On.
    On(K),
    /// Off.
    Off(K),
}

impl<K> Protection<K> {
    /// What either call is about.
    pub fn key(&self) -> &K {
        match self {
            Self::On(key) | Self::Off(key) => key,
        }
    }

    /// Whether the call turns it on.
    pub fn is_on(&self) -> bool {
        match self {
            Self::On(_) => true,
            Self::Off(_) => false,
        }
    }
}

impl Protectable for ClusterRef {
    const PERMISSION: &'static str = MODIFY_DB_CLUSTER.action;

    fn line(&self, is_on: bool) -> String {
        let no = if is_on { "" } else { "no-" };
        format!("aws rds modify-db-cluster --db-cluster-identifier {} --{no}deletion-protection", word(&self.id))
    }

    fn name(&self) -> &str {
        &self.id
    }
}

impl Protectable for TableRef {
    const PERMISSION: &'static str = UPDATE_TABLE.action;

    fn line(&self, is_on: bool) -> String {
        let no = if is_on { "" } else { "no-" };
        format!("aws dynamodb update-table --table-name {} --{no}deletion-protection-enabled", word(&self.name))
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Protectable for LoadBalancerRef {
    const PERMISSION: &'static str = MODIFY_LOAD_BALANCER_ATTRIBUTES.action;

    fn line(&self, is_on: bool) -> String {
        let (arn, attribute) = (word(&self.arn), LOAD_BALANCER_ATTRIBUTE);
        format!(
            "aws elbv2 modify-load-balancer-attributes --load-balancer-arn {arn} --attributes Key={attribute},Value={is_on}"
        )
    }

    /// The third part of `loadbalancer/app/name/id`.
    fn name(&self) -> &str {
        self.arn.split('/').nth(2).unwrap_or(&self.arn)
    }
}

impl Display for ClusterRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DB cluster {}", self.id)
    }
}

impl Display for TableRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {}", self.name)
    }
}

impl Display for LoadBalancerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "load balancer {}", self.name())
    }
}

impl<K: Protectable> Display for Protection<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_on() { "on" } else { "off" };
        write!(f, "turn deletion protection {word} for {}", self.key())
    }
}

impl<K: Protectable> Action for Protection<K> {
    fn permission(&self) -> &'static str {
        K::PERMISSION
    }

    fn command(&self, region: &str) -> String {
        in_region(&self.key().line(self.is_on()), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        match self {
            Self::On(_) => Effect::Restoring,
            Self::Off(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<K: Protectable>(key: K) -> (String, String) {
        let call = Protection::Off(key);
        let text = serde_json::to_string(&call).unwrap();
        assert_eq!(serde_json::from_str::<Protection<K>>(&text).unwrap(), call);
        (call.to_string(), call.command("eu-west-1"))
    }

    #[test]
    fn each_says_what_it_turns_and_how() {
        let (sentence, line) = said(ClusterRef { id: "orders".to_owned() });
        assert_eq!(sentence, "turn deletion protection off for DB cluster orders");
        assert!(line.ends_with("--db-cluster-identifier orders --no-deletion-protection --region eu-west-1"));
        let (sentence, line) = said(TableRef { name: "orders".to_owned() });
        assert_eq!(sentence, "turn deletion protection off for table orders");
        assert!(line.ends_with("--table-name orders --no-deletion-protection-enabled --region eu-west-1"));
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188";
        let (sentence, line) = said(LoadBalancerRef { arn: arn.to_owned() });
        assert_eq!(sentence, "turn deletion protection off for load balancer shop");
        let attributes = "--attributes Key=deletion_protection.enabled,Value=false --region eu-west-1";
        assert!(line.ends_with(&format!("--load-balancer-arn {arn} {attributes}")), "{line}");
    }
}
