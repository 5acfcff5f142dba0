//! Parapet's own inline policies on users and roles: each only denies, says in its name what it is, and is put and lifted whole.
//!
//! A deny is the one change of a principal that takes nothing away which undoing would have to restore: no credential, no
//! grant and no password is touched. docs/adr/0010-what-closes-an-iam-user.md has what each of them closes.

#[cfg(feature = "iam")]
pub(crate) mod client;

use super::inline_policy::state::{DELETE_ROLE_POLICY, DELETE_USER_POLICY, PUT_ROLE_POLICY, PUT_USER_POLICY};
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// Whose policy it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Principal {
    /// An IAM user, by name.
    User(String),
    /// An IAM role, by name.
    Role(String),
}

impl Principal {
    /// The bare name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Role(name) => name,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user {name}"),
            Self::Role(name) => write!(f, "role {name}"),
        }
    }
}

/// What is denied. Requests that are signed with a long-term access key carry neither `aws:TokenIssueTime` nor
/// `aws:MultiFactorAuthPresent`: none of these touches them ("AWS global condition context keys").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deny {
    /// Everything, to sessions that were issued before this moment: what `AWSRevokeOlderSessions` does ("Revoke IAM role
    /// temporary security credentials"). `until` is when the last of them has ended by itself.
    SessionsBefore {
        /// The moment.
        moment: Timestamp,
        /// From then on the policy denies nothing any more.
        until: Timestamp,
    },
    /// Everything, to sessions that were issued since this moment: a sign-in with a password that was set then.
    SessionsSince {
        /// The moment.
        moment: Timestamp,
    },
    /// Everything, to sessions without MFA; enrolling a device is left to them where `may_enrol` says so. Sid and exceptions
    /// as in "AWS: Allows MFA-authenticated IAM users to manage their own credentials".
    SessionsWithoutMfa {
        /// Whether such a session may enrol a device.
        may_enrol: bool,
    },
}

/// What a session without MFA needs to get one: to make a device, to enable it, and to see what it does.
const ENROLMENT: [&str; 7] = [
    "iam:CreateVirtualMFADevice",
    "iam:EnableMFADevice",
    "iam:GetMFADevice",
    "iam:GetUser",
    "iam:ListMFADevices",
    "iam:ListVirtualMFADevices",
    "iam:ResyncMFADevice",
];

/// How the names of cuts begin; the rest is when they end.
const CUT: &str = "parapet-session-cut-until-";
/// How the names of holds begin; the rest is the moment.
const HOLD: &str = "parapet-sign-in-hold-since-";
/// The name of the one that asks for MFA.
const MFA: &str = "parapet-deny-without-mfa";
const COMPACT: &str = "%Y%m%dT%H%M%SZ";

impl Deny {
    /// The policy's name.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::SessionsBefore { until, .. } => format!("{CUT}{}", until.strftime(COMPACT)),
            Self::SessionsSince { moment } => format!("{HOLD}{}", moment.strftime(COMPACT)),
            Self::SessionsWithoutMfa { .. } => MFA.to_owned(),
        }
    }

    /// Whether a policy of this name claims to be one of these.
    #[must_use]
    pub fn is_named(name: &str) -> bool {
        name.starts_with(CUT) || name.starts_with(HOLD) || name == MFA
    }

    /// When the cut of this name ends; none where the name is not a cut's.
    #[must_use]
    pub fn cut_until(name: &str) -> Option<Timestamp> {
        compact(name.strip_prefix(CUT)?)
    }

    /// Since when the hold of this name holds; none where the name is not a hold's.
    #[must_use]
    pub fn hold_since(name: &str) -> Option<Timestamp> {
        compact(name.strip_prefix(HOLD)?)
    }

    /// Whether a policy of this name claims to be the one that asks for MFA.
    #[must_use]
    pub fn is_named_for_mfa(name: &str) -> bool {
        name == MFA
    }

    /// What a policy is, by its name and its document. None where the two do not say the same, or something else: a name alone
    /// is anybody's to choose.
    #[must_use]
    pub fn read(name: &str, document: &Value) -> Option<Self> {
        let condition = |operator: &str| {
            let text = document.pointer(&format!("/Statement/0/Condition/{operator}/aws:TokenIssueTime"))?.as_str()?;
            text.parse::<Timestamp>().ok()
        };
        let said = if let Some(until) = Self::cut_until(name) {
            Self::SessionsBefore { moment: condition("DateLessThan")?, until }
        } else if let Some(moment) = name.strip_prefix(HOLD).and_then(compact) {
            Self::SessionsSince { moment }
        } else if name == MFA {
            Self::SessionsWithoutMfa { may_enrol: document.pointer("/Statement/0/NotAction").is_some() }
        } else {
            return None;
        };
        (said.document() == *document).then_some(said)
    }

    /// The policy's document.
    #[must_use]
    pub fn document(&self) -> Value {
        let time = |moment: &Timestamp| moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let statement = match self {
            Self::SessionsBefore { moment, .. } => json!({
                "Sid": "ParapetSessionCut", "Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {"DateLessThan": {"aws:TokenIssueTime": time(moment)}},
            }),
            Self::SessionsSince { moment } => json!({
                "Sid": "ParapetSignInHold", "Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {"DateGreaterThanEquals": {"aws:TokenIssueTime": time(moment)}},
            }),
            Self::SessionsWithoutMfa { may_enrol } => {
                let (key, value) = if *may_enrol { ("NotAction", json!(ENROLMENT)) } else { ("Action", json!("*")) };
                json!({
                    "Sid": "DenyAllExceptListedIfNoMFA", "Effect": "Deny", key: value, "Resource": "*",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
                })
            }
        };
        json!({"Version": "2012-10-17", "Statement": [statement]})
    }
}

fn compact(text: &str) -> Option<Timestamp> {
    let read = text.parse::<Timestamp>().ok()?;
    (read.strftime(COMPACT).to_string() == text).then_some(read)
}

impl fmt::Display for Deny {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SessionsBefore { moment, .. } => write!(f, "everything to sessions from before {moment}"),
            Self::SessionsSince { moment } => write!(f, "everything to sessions since {moment}"),
            Self::SessionsWithoutMfa { may_enrol: true } => {
                f.write_str("everything but enrolling MFA to sessions without MFA")
            }
            Self::SessionsWithoutMfa { may_enrol: false } => f.write_str("everything to sessions without MFA"),
        }
    }
}

/// A deny on a principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenyPolicy {
    /// Whose.
    pub on: Principal,
    /// What is denied.
    pub deny: Deny,
}

/// The calls that change one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DenyAction {
    /// Puts it; the same twice is the same as once.
    Put(DenyPolicy),
    /// Lifts it.
    Lift(DenyPolicy),
}

impl DenyAction {
    /// The policy that either call is about.
    #[must_use]
    pub fn policy(&self) -> &DenyPolicy {
        match self {
            Self::Put(policy) | Self::Lift(policy) => policy,
        }
    }
}

impl fmt::Display for DenyAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DenyPolicy { on, deny } = self.policy();
        match self {
            Self::Put(_) => write!(f, "deny {on} {deny}"),
            Self::Lift(_) => write!(f, "lift from {on} the deny of {deny}"),
        }
    }
}

impl Action for DenyAction {
    fn permission(&self) -> &'static str {
        match (self, &self.policy().on) {
            (Self::Put(_), Principal::User(_)) => PUT_USER_POLICY.action,
            (Self::Put(_), Principal::Role(_)) => PUT_ROLE_POLICY.action,
            (Self::Lift(_), Principal::User(_)) => DELETE_USER_POLICY.action,
            (Self::Lift(_), Principal::Role(_)) => DELETE_ROLE_POLICY.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let DenyPolicy { on, deny } = self.policy();
        let (kind, owner) = match on {
            Principal::User(name) => ("user", word(name)),
            Principal::Role(name) => ("role", word(name)),
        };
        let verb = match self {
            Self::Put(_) => "put",
            Self::Lift(_) => "delete",
        };
        let mut line = format!("aws iam {verb}-{kind}-policy --{kind}-name {owner} --policy-name {}", deny.name());
        if let Self::Put(_) = self {
            line = format!("{line} --policy-document {}", word(&deny.document().to_string()));
        }
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// A document under a name, which shuts a principal out: not on a record's word alone.
    fn effect(&self) -> Effect {
        match self {
            Self::Put(_) | Self::Lift(_) => Effect::Overwriting,
        }
    }

    /// A moment in the name fixes what the policy of that name says.
    fn guards_itself(&self) -> bool {
        match (self, &self.policy().deny) {
            (Self::Put(_), Deny::SessionsBefore { .. } | Deny::SessionsSince { .. }) => true,
            (Self::Put(_), Deny::SessionsWithoutMfa { .. }) | (Self::Lift(_), _) => false,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests;
