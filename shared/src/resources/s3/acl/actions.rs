//! What can be done to a bucket's ACL: S3 takes it whole, with its owner.

use super::PUT_ACL;
use super::state::{BucketAcl, Grant};
use crate::engine::plan::{Action, Effect, Plan, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;

/// A call that changes an ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AclAction {
    /// The ACL without these grants.
    Revoke(Change),
    /// The undo: the ACL with them.
    Grant(Change),
}

/// Some grants of an ACL, and the rest of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The bucket's name.
    pub bucket: String,
    /// The canonical user that owns it.
    pub owner: String,
    /// The grants that are revoked, or granted again.
    pub grants: BTreeSet<Grant>,
    /// The grants that stay.
    pub rest: BTreeSet<Grant>,
}

impl AclAction {
    /// What it is about.
    #[must_use]
    pub fn change(&self) -> &Change {
        match self {
            Self::Revoke(change) | Self::Grant(change) => change,
        }
    }

    /// The grants that the ACL has then.
    #[must_use]
    pub fn leaves(&self) -> BTreeSet<Grant> {
        match self {
            Self::Revoke(change) => change.rest.clone(),
            Self::Grant(change) => change.all(),
        }
    }

    /// `AccessControlPolicy`, as the AWS command line takes it.
    #[must_use]
    pub fn policy(&self) -> Value {
        let grants: Vec<Value> = self.leaves().iter().map(Grant::value).collect();
        json!({"Grants": grants, "Owner": {"ID": self.change().owner}})
    }
}

impl Change {
    fn all(&self) -> BTreeSet<Grant> {
        self.rest.union(&self.grants).cloned().collect()
    }
}

/// A plan that revokes the grants at fault; empty where the ACL's owner, whom the call has to name, was not read.
pub(super) fn revoking(acl: &BucketAcl, at_fault: impl Fn(&Grant) -> bool) -> Plan<AclAction> {
    let (grants, rest): (BTreeSet<_>, BTreeSet<_>) = acl.grants.iter().cloned().partition(|grant| at_fault(grant));
    match &acl.owner {
        Some(owner) if !grants.is_empty() => {
            let change = Change { bucket: acl.bucket.clone(), owner: owner.clone(), grants, rest };
            Plan::one(AclAction::Revoke(change.clone()), AclAction::Grant(change))
        }
        Some(_) | None => Plan::default(),
    }
}

impl fmt::Display for AclAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change { bucket, grants, .. } = self.change();
        let named = grants.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Grant(_) if grants.is_empty() => write!(f, "write the ACL of bucket {bucket} again"),
            Self::Revoke(_) => write!(f, "revoke {named} in the ACL of bucket {bucket}"),
            Self::Grant(_) => write!(f, "grant {named} in the ACL of bucket {bucket}"),
        }
    }
}

impl Action for AclAction {
    fn permission(&self) -> &'static str {
        PUT_ACL.action
    }

    fn command(&self, region: &str) -> String {
        let policy = self.policy().to_string();
        let (bucket, policy) = (word(&self.change().bucket), word(&policy));
        in_region(&format!("aws s3api put-bucket-acl --bucket {bucket} --access-control-policy {policy}"), region)
    }

    /// Two calls that were computed from the same ACL are one.
    fn absorb(&mut self, other: &Self) -> bool {
        let (mine, theirs) = match (&mut *self, other) {
            (Self::Revoke(mine), Self::Revoke(theirs)) | (Self::Grant(mine), Self::Grant(theirs)) => (mine, theirs),
            (Self::Revoke(_), Self::Grant(_)) | (Self::Grant(_), Self::Revoke(_)) => return false,
        };
        if mine.bucket != theirs.bucket || mine.owner != theirs.owner || mine.all() != theirs.all() {
            return false;
        }
        mine.grants.extend(theirs.grants.iter().cloned());
        mine.rest.retain(|grant| theirs.rest.contains(grant));
        true
    }

    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    fn elements(&self) -> usize {
        self.change().grants.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::s3::acl::state::Grantee;

    fn change(revoked: &[&str], rest: &[&str]) -> Change {
        let of = |ids: &[&str]| ids.iter().map(|id| Grant::new(Grantee::User((*id).to_owned()), "READ")).collect();
        Change { bucket: "orders".to_owned(), owner: "o".to_owned(), grants: of(revoked), rest: of(rest) }
    }

    #[test]
    fn two_guardrails_revoke_by_one_call() {
        let mut first = AclAction::Revoke(change(&["a"], &["b", "c"]));
        assert!(first.absorb(&AclAction::Revoke(change(&["b"], &["a", "c"]))));
        assert_eq!(first, AclAction::Revoke(change(&["a", "b"], &["c"])));
        assert_eq!(AclAction::Grant(change(&["a", "b"], &["c"])).leaves().len(), 3);
        assert!(!first.absorb(&AclAction::Revoke(change(&["b"], &["c"]))), "computed from another ACL");
        assert!(!first.absorb(&AclAction::Grant(change(&["b"], &["a", "c"]))));
    }
}
