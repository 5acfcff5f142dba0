//! What can be seen and done, as plain types: one module a service, no SDK in sight.

use serde::{Deserialize, Serialize};

/// The answer of a read. Unknown is an answer of its own: a failed read is neither a closed door nor an open one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observed<T> {
    /// This is what is there.
    Known(T),
    /// It is not there.
    Absent,
    /// Unknown.
    Unknown {
        /// What was tried and what came back, for a person.
        why: String,
    },
}

impl<T> Observed<T> {
    /// What is there, if that is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown { .. } => None,
        }
    }

    /// The same of what is there.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Known(value) => Observed::Known(change(value)),
            Self::Absent => Observed::Absent,
            Self::Unknown { why } => Observed::Unknown { why },
        }
    }
}

/// A resource as findings name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// The ARN where AWS gives one.
    pub id: String,
    /// The resource type of the AWS Security Finding Format, such as `AwsEc2SecurityGroup`.
    pub kind: &'static str,
    /// The short id that people know, such as `sg-0123456789abcdef0`.
    pub name: String,
}

/// Where a resource lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The twelve digits.
    pub account: String,
    /// The region, also for global services (where their events arrive).
    pub region: String,
}
