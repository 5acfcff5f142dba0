//! The calls: a policy with the statement, and the one of before.

use super::{DELETE, PUT};
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::resource_policy::argument;
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A call that writes a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsAction {
    /// The policy with the statement.
    Require(PolicyOf),
    /// The undo: the policy without it, or none.
    Restore(PolicyOf),
}

/// What a bucket's policy is to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyOf {
    /// The bucket's name.
    pub bucket: String,
    /// The document; none where there is to be no policy.
    pub document: Option<String>,
}

/// What a document says, null for none.
pub(super) fn content(document: Option<&str>) -> Value {
    document.map_or(Value::Null, iam_policy::json::content)
}

impl TlsAction {
    /// What is written.
    #[must_use]
    pub fn policy(&self) -> &PolicyOf {
        match self {
            Self::Require(policy) | Self::Restore(policy) => policy,
        }
    }
}

impl fmt::Display for TlsAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PolicyOf { bucket, document } = self.policy();
        match (self, document) {
            (Self::Require(_), _) => write!(f, "deny requests without TLS in the policy of bucket {bucket}"),
            (Self::Restore(_), Some(_)) => write!(f, "restore the policy of bucket {bucket}"),
            (Self::Restore(_), None) => write!(f, "delete the policy of bucket {bucket}"),
        }
    }
}

impl Action for TlsAction {
    fn permission(&self) -> &'static str {
        if self.policy().document.is_some() { PUT.action } else { DELETE.action }
    }

    fn command(&self, region: &str) -> String {
        let PolicyOf { bucket, document } = self.policy();
        let bucket = word(bucket);
        let line = match document {
            Some(document) => format!("aws s3api put-bucket-policy --bucket {bucket} --policy {}", argument(document)),
            None => format!("aws s3api delete-bucket-policy --bucket {bucket}"),
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    fn elements(&self) -> usize {
        1
    }
}
