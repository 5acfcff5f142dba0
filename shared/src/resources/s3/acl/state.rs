//! What a bucket's ACL grants, and whether it is in force.

use crate::engine::observed::Observed;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;

/// The groups of everybody, and of everybody with an AWS account.
const GLOBAL: [&str; 2] = ["/groups/global/AllUsers", "/groups/global/AuthenticatedUsers"];

/// What is known of the ACL of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketAcl {
    /// The bucket's name.
    pub bucket: String,
    /// The canonical user that owns the bucket, where that shows.
    pub owner: Option<String>,
    /// What it grants. A record shows the owner's own grant only where the request writes it out.
    pub grants: BTreeSet<Grant>,
    /// Why grants to the global groups have no effect; absent where they do.
    pub ignored: Observed<String>,
    /// Why no grant has any effect; absent where ACLs are enabled.
    pub disabled: Observed<String>,
}

/// `Grant`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// To whom.
    pub grantee: Grantee,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
    pub permission: String,
}

/// `Grantee`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// A group, by its URI.
    Group(String),
    /// An account, by its canonical user id.
    User(String),
    /// An account, by its e-mail address: S3 keeps the canonical user that it means.
    Email(String),
}

impl Grantee {
    /// Whether anyone may use it, with an account of AWS or without.
    #[must_use]
    pub fn is_public(&self) -> bool {
        matches!(self, Self::Group(uri) if GLOBAL.iter().any(|group| uri.ends_with(group)))
    }

    fn value(&self) -> Value {
        match self {
            Self::Group(uri) => json!({"Type": "Group", "URI": uri}),
            Self::User(id) => json!({"Type": "CanonicalUser", "ID": id}),
            Self::Email(address) => json!({"Type": "AmazonCustomerByEmail", "EmailAddress": address}),
        }
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(uri) => f.write_str(uri.rsplit('/').next().unwrap_or(uri)),
            Self::User(text) | Self::Email(text) => f.write_str(text),
        }
    }
}

impl Grant {
    /// A grant by its two parts.
    #[must_use]
    pub fn new(grantee: Grantee, permission: &str) -> Self {
        Self { grantee, permission: permission.to_owned() }
    }

    /// As the AWS command line takes it.
    #[must_use]
    pub fn value(&self) -> Value {
        json!({"Grantee": self.grantee.value(), "Permission": self.permission})
    }

    /// Whether its holder can change what is in the bucket, or who may.
    #[must_use]
    pub fn lets_write(&self) -> bool {
        matches!(self.permission.as_str(), "WRITE" | "WRITE_ACP" | "FULL_CONTROL")
    }

    /// How evidence names it.
    #[must_use]
    pub fn element(&self, bucket: &str) -> String {
        format!("{} to {} on {bucket}", self.permission, self.grantee)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.permission, self.grantee)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::everybody("http://acs.amazonaws.com/groups/global/AllUsers", true)]
    #[case::every_account("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", true)]
    #[case::log_delivery("http://acs.amazonaws.com/groups/s3/LogDelivery", false)]
    fn who_is_everybody(#[case] uri: &str, #[case] is_public: bool) {
        assert_eq!(Grantee::Group(uri.to_owned()).is_public(), is_public);
        assert!(!Grantee::User(uri.to_owned()).is_public());
    }
}
