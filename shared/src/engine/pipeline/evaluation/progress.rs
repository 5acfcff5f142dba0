//! How far an evaluation is: what keeps it from acting, and what its calls have come to.

use crate::engine::plan::{Action, Applied, ApplyError, Step};
use jiff::Timestamp;

/// What keeps an evaluation from acting. One at a time: an exemption outweighs a suppression, and that the rest.
#[derive(Debug)]
pub(in crate::engine::pipeline) enum Restraint {
    /// An exemption covers the resource.
    Exempt {
        /// The exemption, for a person.
        sentence: String,
        /// See [`crate::policy::Exemption::key`].
        key: String,
    },
    /// A standing order suspends the guardrail here.
    Suppressed(Suppression),
    /// It acts when the event comes back: why.
    Waiting(String),
    /// The plan changes more elements than may be changed at once where no event made them.
    TooLarge,
}

/// A standing order by which an evaluation only notifies for now, and why.
#[derive(Debug)]
pub(in crate::engine::pipeline) enum Suppression {
    /// The circuit breaker is open.
    BreakerOpen(String),
    /// The resource is flapping, and policy lets the other side win.
    Flapping(String),
}

/// How far the calls of an evaluation are.
#[derive(Debug)]
pub(super) enum Progress<A> {
    /// It was judged. No call has changed anything, or found it changed.
    Judged,
    /// Calls were answered.
    Called { effect: Effect<A>, look: Look },
    /// A call failed: none follows.
    Failed { effect: Option<Effect<A>>, failure: Failure },
}

/// What the calls have done.
#[derive(Debug)]
pub(super) enum Effect<A> {
    /// There was nothing left to change.
    NothingLeft,
    /// These steps were done, as they can be done and undone; the first at this time.
    Applied { steps: Vec<Step<A>>, at: Timestamp },
}

/// Whether the resource was read since the last call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Pending,
    Taken,
}

/// Why a call failed, for a person.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another try will not help.
    Final(String),
    /// Another try can succeed.
    Passing(String),
}

impl Failure {
    pub(super) fn why(&self) -> &str {
        match self {
            Self::Final(why) | Self::Passing(why) => why,
        }
    }

    /// None where there was nothing left to change: that is no failure.
    fn of(action: &str, error: &ApplyError) -> Option<Self> {
        let why = format!("cannot {action}: {error}");
        match error {
            ApplyError::NotThere { .. } => None,
            ApplyError::Denied { .. } | ApplyError::Refused { .. } => Some(Self::Final(why)),
            ApplyError::Transient { .. } | ApplyError::NotYet { .. } | ApplyError::Changed { .. } => {
                Some(Self::Passing(why))
            }
        }
    }
}

impl<A: Action> Progress<A> {
    /// What the calls have done, whether or not one failed.
    pub(super) fn effect(&self) -> Option<&Effect<A>> {
        match self {
            Self::Judged => None,
            Self::Called { effect, .. } => Some(effect),
            Self::Failed { effect, .. } => effect.as_ref(),
        }
    }

    pub(super) fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Judged | Self::Called { .. } => None,
            Self::Failed { failure, .. } => Some(failure),
        }
    }

    /// The steps that were done; none where no call has changed anything.
    pub(super) fn applied(&self) -> Option<(&[Step<A>], Timestamp)> {
        match self.effect()? {
            Effect::NothingLeft => None,
            Effect::Applied { steps, at } => Some((steps, *at)),
        }
    }

    /// Notes that the resource was read after the call.
    pub(super) fn looked(&mut self) {
        match self {
            Self::Called { look, .. } => *look = Look::Taken,
            Self::Judged | Self::Failed { .. } => {}
        }
    }

    /// Takes in the answer to `step`, whose call reads `action`. A rehearsal changes nothing.
    pub(super) fn advance(
        &mut self,
        action: &str,
        step: &Step<A>,
        answer: &Result<Applied, ApplyError>,
        at: Timestamp,
    ) {
        let error = match answer {
            Ok(Applied { is_rehearsal: true, .. }) => return,
            Ok(Applied { is_rehearsal: false, .. }) => None,
            Err(error) => Some(error),
        };
        let (effect, failure) = match std::mem::replace(self, Self::Judged) {
            Self::Judged => (None, None),
            Self::Called { effect, .. } => (Some(effect), None),
            Self::Failed { effect, failure } => (effect, Some(failure)),
        };
        let newer = error.and_then(|error| Failure::of(action, error));
        let effect = match error {
            None => Some(done(effect, step, at)),
            // The call looks at what is there; a read that still shows it is behind.
            Some(ApplyError::NotThere { .. }) => effect.or(Some(Effect::NothingLeft)),
            Some(
                ApplyError::Changed { .. }
                | ApplyError::Denied { .. }
                | ApplyError::Refused { .. }
                | ApplyError::NotYet { .. }
                | ApplyError::Transient { .. },
            ) => effect,
        };
        *self = match (newer.or(failure), effect) {
            (Some(failure), effect) => Self::Failed { effect, failure },
            (None, Some(effect)) => Self::Called { effect, look: Look::Pending },
            (None, None) => Self::Judged,
        };
    }

    /// Ends the calls for this reason.
    pub(super) fn fail(&mut self, failure: Failure) {
        let effect = match std::mem::replace(self, Self::Judged) {
            Self::Judged => None,
            Self::Called { effect, .. } => Some(effect),
            Self::Failed { effect, .. } => effect,
        };
        *self = Self::Failed { effect, failure };
    }
}

/// One more step is done.
fn done<A: Action>(effect: Option<Effect<A>>, step: &Step<A>, at: Timestamp) -> Effect<A> {
    match effect {
        None | Some(Effect::NothingLeft) => Effect::Applied { steps: vec![step.clone()], at },
        Some(Effect::Applied { mut steps, at }) => {
            steps.push(step.clone());
            Effect::Applied { steps, at }
        }
    }
}

#[cfg(test)]
mod tests;
