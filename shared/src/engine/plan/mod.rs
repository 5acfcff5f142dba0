//! What will be done: an ordered list of typed actions, each with its inverse. A plan leaves no choice to what
//! executes it.

mod batch;

pub use batch::{MOST_A_CALL, pieces};

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::{self, Debug, Display};
use std::future::Future;
use thiserror::Error;

/// A plan longer than this is reported, not run, where no event made what it changes: a sweep, or a disruptive remediation
/// (class R2), should never empty a security group of hundreds of rules because of a mistake in one of ours. What an
/// event has just made is closed however many elements it is: a limit would be the way around the guardrail.
pub const MAX_ELEMENTS: usize = 60;

/// What a call does to what stands there, and so how far a record may be believed before it. Records can be late, repeated,
/// reordered, incomplete and forged (docs/adr/0012-what-a-record-may-prove.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Removes one element, named by its content or by an id that never comes to mean something else, and that cannot hold
    /// a Deny: this rule, this share, this key. A record may prove enough for it.
    Removing,
    /// Idempotent, and only stricter whatever stands there: switch a block on. A record may prove enough for it.
    Restoring,
    /// Everything else: writes a document or a setting, or detaches, deletes or replaces by a name whose content may be another
    /// by now; or restores what was removed. Computed from a read of what stands, and compared with it right before the
    /// call.
    Overwriting,
    /// Makes something that is gone: from a read that shows its absence, and from a state that was kept.
    Recreating,
}

impl Effect {
    /// The word of the table in docs/security.md.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Removing => "removing",
            Self::Restoring => "restoring",
            Self::Overwriting => "overwriting",
            Self::Recreating => "recreating",
        }
    }

    /// Whether what a record proves may be enough for the call.
    #[must_use]
    pub fn may_trust_a_record(self) -> bool {
        match self {
            Self::Removing | Self::Restoring => true,
            Self::Overwriting | Self::Recreating => false,
        }
    }
}

/// One API call that changes something. `Display` says it to a person in one line.
pub trait Action: Clone + Debug + Display + PartialEq + Serialize + Send + Sync {
    /// The IAM action that the call needs, such as `ec2:RevokeSecurityGroupIngress`.
    fn permission(&self) -> &'static str;

    /// The same call as a line for the AWS command line, so that a person can do or undo it by hand; in `region`, or in
    /// the reader's own where that is empty.
    fn command(&self, region: &str) -> String;

    /// Takes `other` into this call when one call can do both; false leaves this one as it was.
    fn absorb(&mut self, other: &Self) -> bool;

    /// How many elements (rules, keys, statements) the call changes.
    fn elements(&self) -> usize;

    /// The same as several calls of at most `most` elements each, in order; as one where it cannot be split. The inverse of
    /// a call is split alike.
    #[must_use]
    fn split(&self, most: usize) -> Vec<Self> {
        let _ = most;
        vec![self.clone()]
    }

    /// What it does to what stands there. The weakest claim of several: a call that sets two settings is
    /// [`Effect::Restoring`] only where both are.
    fn effect(&self) -> Effect;

    /// Whether the call needs no look at what stands right before it: it carries a condition (a revision, an ETag) by which AWS refuses
    /// it when what it was computed from no longer stands ([`ApplyError::Changed`]), or it can write over nothing but itself.
    fn guards_itself(&self) -> bool {
        false
    }
}

/// The actions of a family that only notifies: there are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoAction {}

impl Display for NoAction {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl Action for NoAction {
    fn permission(&self) -> &'static str {
        match *self {}
    }

    fn command(&self, _: &str) -> String {
        match *self {}
    }

    fn absorb(&mut self, _: &Self) -> bool {
        match *self {}
    }

    fn elements(&self) -> usize {
        match *self {}
    }

    fn effect(&self) -> Effect {
        match *self {}
    }
}

/// A command that does not depend on the reader's configuration. A region that is none stays out of a shell line.
#[must_use]
pub fn in_region(command: &str, region: &str) -> String {
    let is_plain = region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_plain && !region.is_empty() { format!("{command} --region {region}") } else { command.to_owned() }
}

/// What undoes a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo<A> {
    /// This call restores what was.
    Apply(A),
    /// Nothing does.
    Irreversible {
        /// Why, for a person.
        why: Cow<'static, str>,
    },
}

/// A call and its inverse, computed before acting from what was observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step<A> {
    /// The call.
    pub apply: A,
    /// Its inverse.
    pub undo: Undo<A>,
}

impl<A: Action> Step<A> {
    /// Takes `other` in when the two calls and their inverses can each be one call.
    fn absorb(&mut self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let (Undo::Apply(back), Undo::Apply(other_back)) = (&self.undo, &other.undo) else { return false };
        let (mut apply, mut back) = (self.apply.clone(), back.clone());
        let one = apply.absorb(&other.apply) && back.absorb(other_back);
        if one {
            *self = Self { apply, undo: Undo::Apply(back) };
        }
        one
    }
}

/// The ordered calls that close a violation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan<A> {
    /// In order.
    pub steps: Vec<Step<A>>,
}

impl<A> Default for Plan<A> {
    fn default() -> Self {
        Self { steps: Vec::new() }
    }
}

impl<A: Action> Plan<A> {
    /// A plan of one call with its inverse.
    #[must_use]
    pub fn one(apply: A, undo: A) -> Self {
        Self { steps: vec![Step { apply, undo: Undo::Apply(undo) }] }
    }

    /// Adds another plan's calls, in as few calls as they allow: two guardrails that object to the same rule revoke it
    /// once.
    pub fn merge(&mut self, other: &Self) {
        for step in &other.steps {
            let taken = self.steps.iter_mut().any(|mine| mine.absorb(step));
            if !taken {
                self.steps.push(step.clone());
            }
        }
    }

    /// Whether what a record proves may be enough to run it: all of its calls remove or restore.
    #[must_use]
    pub fn may_trust_a_record(&self) -> bool {
        self.steps.iter().all(|step| step.apply.effect().may_trust_a_record())
    }

    /// How many elements it changes in all.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.steps.iter().map(|step| step.apply.elements()).sum()
    }
}

/// What a call answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// AWS's id of the request, to find it in CloudTrail.
    pub request_id: Option<String>,
    /// No call was made: the executor only went through the motions.
    pub is_rehearsal: bool,
}

/// Why a call did not do its work.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// There is nothing left to change: another caller was faster, or this is a repeated delivery.
    #[error("nothing left to change (`{code}`)")]
    NotThere {
        /// AWS's error code.
        code: String,
    },
    /// What stands is no longer what the call was computed from: AWS refused it by its condition.
    #[error("it was changed meanwhile (`{code}`)")]
    Changed {
        /// AWS's error code.
        code: String,
    },
    /// The function's role may not do it.
    #[error("the role lacks `{permission}` (`{code}`)")]
    Denied {
        /// The missing permission.
        permission: &'static str,
        /// AWS's error code.
        code: String,
    },
    /// AWS refused for good: trying again will not help.
    #[error("AWS refused with `{code}`: {message}")]
    Refused {
        /// AWS's error code.
        code: String,
        /// AWS's sentence.
        message: String,
    },
    /// The resource is not in a state that allows the call, and will be: another try in a while can succeed. An instance
    /// that is still being created, a gateway that is being changed.
    #[error("not possible yet (`{code}`): {message}")]
    NotYet {
        /// AWS's error code.
        code: String,
        /// AWS's sentence.
        message: String,
    },
    /// Throttled, timed out or a server error: trying again can succeed.
    #[error("{why}")]
    Transient {
        /// What was tried and what came back.
        why: String,
    },
}

/// The one seam that writes. A dry run is the same path with [`DryRun`] in its place.
pub trait Apply<A: Action>: Sync {
    /// Does the call.
    fn apply(&self, action: &A) -> impl Future<Output = Result<Applied, ApplyError>> + Send;
}

/// The executor that does nothing: mode `notify`.
#[derive(Clone, Copy, Debug, Default)]
pub struct DryRun;

impl<A: Action> Apply<A> for DryRun {
    async fn apply(&self, _: &A) -> Result<Applied, ApplyError> {
        Ok(Applied { request_id: None, is_rehearsal: true })
    }
}
