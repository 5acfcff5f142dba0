//! A role of which GuardDuty reports a session, and what is known of it.

use crate::engine::observed::Observed;
use crate::resources::iam::deny_policy::Deny;
use crate::resources::threat::{Caller, Report};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How to find the role, and what is reported of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRef {
    /// Its name, its unique id and the session's key.
    pub caller: Caller,
    /// The report.
    pub report: Report,
}

/// What is known of the role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedRole {
    /// Its name.
    pub name: String,
    /// Its path, by which AWS's own roles are known.
    pub path: String,
    /// What is reported.
    pub report: Report,
    /// What Parapet denies it already.
    pub denies: Observed<Vec<Deny>>,
    /// Whether it is not there any more.
    #[serde(default)]
    pub is_gone: bool,
    /// When it was looked at. Not part of what it is: a role that was looked at later has not changed.
    #[serde(skip)]
    pub seen: Timestamp,
}
