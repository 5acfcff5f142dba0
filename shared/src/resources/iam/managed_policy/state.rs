//! Managed policies of the account, which AWS keeps in up to five versions, one of them the default.

use crate::engine::holder::document_argument;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const SET_DEFAULT_POLICY_VERSION: Permission =
    Permission::on("iam:SetDefaultPolicyVersion", &["iam::${Account}:policy/*"]);
pub(crate) const CREATE_POLICY_VERSION: Permission =
    Permission::on("iam:CreatePolicyVersion", &["iam::${Account}:policy/*"]);
pub(crate) const DELETE_POLICY_VERSION: Permission =
    Permission::on("iam:DeletePolicyVersion", &["iam::${Account}:policy/*"]);

/// How to find a managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRef {
    /// Its ARN.
    pub arn: String,
    /// The id of the version that the event made the default one.
    pub version: Option<String>,
    /// How it did.
    pub since: Since,
    /// The version that was the default when the policy was last seen good.
    pub before: Observed<Version>,
}

/// A version of a managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// `v3`.
    pub id: String,
    /// What it says.
    pub document: String,
}

/// What is known of a managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// The version that holds.
    pub default: Version,
    /// How many principals hold it.
    #[serde(skip, default = "uncounted")]
    pub holders: Observed<usize>,
    /// The version that was the default when the policy was last seen good.
    pub before: Observed<Version>,
    /// Which versions there are, by their ids.
    pub versions: Observed<Vec<String>>,
    /// What the versions that are not the default one say, the newest first.
    #[serde(skip, default = "unread")]
    pub others: Observed<Vec<Version>>,
    /// What made the default version hold.
    pub since: Since,
}

/// Why it is not known how many principals hold a policy.
#[must_use]
pub fn uncounted() -> Observed<usize> {
    Observed::Unknown { why: "the principals that hold it were not counted".to_owned() }
}

/// Why it is not known what a policy's other versions say.
#[must_use]
pub fn unread() -> Observed<Vec<Version>> {
    Observed::Unknown { why: "the policy's other versions were not read".to_owned() }
}

/// How many versions IAM keeps of a policy ("You can have up to five versions").
pub const MOST_VERSIONS: usize = 5;

/// What made the default version of a policy hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Since {
    /// Nothing that the event did: it stood there before anybody looked.
    Before,
    /// The event made the policy.
    MadeWithThePolicy,
    /// The event made the version.
    MadeByTheEvent,
    /// The event chose it among those that were there.
    ChosenByTheEvent,
}

/// The calls that change which version holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum VersionAction {
    /// One that is there.
    SetDefault {
        /// The policy.
        arn: String,
        /// The version's id.
        version: String,
    },
    /// A new one, where no good one is left and IAM keeps no more: in place of one that grants the same.
    Replace {
        /// The policy.
        arn: String,
        /// The version that makes room, with what it says.
        deleted: Version,
        /// What the new one says.
        document: String,
        /// What it lacks and has beside what the default version says, each in a few words.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changes: Vec<String>,
    },
    /// A new one, where no good one is left.
    Create {
        /// The policy.
        arn: String,
        /// What it says.
        document: String,
        /// What it lacks and has beside what the default version says, each in a few words.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changes: Vec<String>,
    },
}

/// The number of a version: `v12` is the twelfth.
#[must_use]
pub fn number(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.parse().ok()
}

fn listed(changes: &[String]) -> String {
    if changes.is_empty() { String::new() } else { format!(": {}", changes.join(", ")) }
}

impl fmt::Display for VersionAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetDefault { arn, version } => write!(f, "make {version} the default version of {arn}"),
            Self::Create { arn, changes, .. } => write!(f, "make a new default version of {arn}{}", listed(changes)),
            Self::Replace { arn, deleted, changes, .. } => {
                let (deleted, changes) = (&deleted.id, listed(changes));
                write!(f, "delete {deleted} of {arn}, which is as bad, and make a new default version{changes}")
            }
        }
    }
}

impl Action for VersionAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::SetDefault { .. } => SET_DEFAULT_POLICY_VERSION.action,
            Self::Create { .. } => CREATE_POLICY_VERSION.action,
            // And that of making one.
            Self::Replace { .. } => DELETE_POLICY_VERSION.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let make = |arn: &str, document: &str| {
            let (arn, document) = (word(arn), document_argument(document));
            format!("aws iam create-policy-version --policy-arn {arn} --policy-document {document} --set-as-default")
        };
        let line = match self {
            Self::SetDefault { arn, version } => {
                let (arn, version) = (word(arn), word(version));
                format!("aws iam set-default-policy-version --policy-arn {arn} --version-id {version}")
            }
            Self::Create { arn, document, .. } => make(arn, document),
            Self::Replace { arn, deleted, document, .. } => {
                let (name, version) = (word(arn), word(&deleted.id));
                let delete = format!("aws iam delete-policy-version --policy-arn {name} --version-id {version}");
                format!("{} && {}", in_region(&delete, region), make(arn, document))
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// What a version says never changes, but another one may be the default by now.
    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    fn elements(&self) -> usize {
        1
    }
}
