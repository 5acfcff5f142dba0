//! A console password of an IAM user, and who set it.

use crate::engine::observed::Observed;
use crate::resources::iam::deny_policy::Deny;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How to find it, with what only the event shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfileRef {
    /// The user's name.
    pub user: String,
    /// How the password was set.
    pub set: PasswordSet,
}

/// How a password was set. Only the event shows it: IAM does not say who set one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordSet {
    /// The principal as people know it.
    pub by: String,
    /// Its ARN, and the ARN of the role behind its session.
    pub arns: Vec<String>,
    /// Whether it is the user itself.
    pub by_itself: bool,
    /// When.
    pub at: Timestamp,
    /// The user had none before.
    pub is_first: bool,
    /// Whether the user has to change it on signing in, where the record says.
    pub must_change: Option<bool>,
}

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile {
    /// The user's name.
    pub user: String,
    /// How the password was set.
    pub set: PasswordSet,
    /// What Parapet denies the user already; `Absent` as long as it was not read.
    pub denies: Observed<Vec<Deny>>,
}
