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
mod tests {
    use super::*;
    use crate::engine::plan::Undo;
    use crate::resources::iam::access_key::state::{KeyAction, UserKey};
    use rstest::rstest;

    fn step(id: &str) -> Step<KeyAction> {
        let key = UserKey { id: id.to_owned(), user: "ana".to_owned() };
        Step { apply: KeyAction::Deactivate(key.clone()), undo: Undo::Apply(KeyAction::Activate(key)) }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn done() -> Result<Applied, ApplyError> {
        Ok(Applied { request_id: None, is_rehearsal: false })
    }

    fn rehearsed() -> Result<Applied, ApplyError> {
        Ok(Applied { request_id: None, is_rehearsal: true })
    }

    fn not_there() -> Result<Applied, ApplyError> {
        Err(ApplyError::NotThere { code: "NoSuchEntity".to_owned() })
    }

    fn denied() -> Result<Applied, ApplyError> {
        Err(ApplyError::Denied { permission: "iam:UpdateAccessKey", code: "AccessDenied".to_owned() })
    }

    fn throttled() -> Result<Applied, ApplyError> {
        Err(ApplyError::Transient { why: "throttled".to_owned() })
    }

    /// One word for each state.
    fn word(progress: &Progress<KeyAction>) -> String {
        let effect = |effect: &Effect<KeyAction>| match effect {
            Effect::NothingLeft => "nothing left".to_owned(),
            Effect::Applied { steps, at } => format!("{} applied at {}", steps.len(), at.as_second()),
        };
        match progress {
            Progress::Judged => "judged".to_owned(),
            Progress::Called { effect: had, look: Look::Pending } => effect(had),
            Progress::Called { effect: had, look: Look::Taken } => format!("{}, looked", effect(had)),
            Progress::Failed { effect: had, failure } => {
                let kind = match failure {
                    Failure::Final(_) => "final",
                    Failure::Passing(_) => "passing",
                };
                format!("failed ({kind}), {}", had.as_ref().map_or_else(|| "unchanged".to_owned(), effect))
            }
        }
    }

    #[rstest]
    #[case::no_call(vec![], "judged")]
    #[case::a_rehearsal(vec![rehearsed()], "judged")]
    #[case::nothing_to_change(vec![not_there()], "nothing left")]
    #[case::one_step(vec![done()], "1 applied at 1")]
    #[case::two_steps_count_from_the_first(vec![done(), done()], "2 applied at 1")]
    #[case::nothing_left_and_then_a_step(vec![not_there(), done()], "1 applied at 2")]
    #[case::a_step_and_then_nothing_left(vec![done(), not_there()], "1 applied at 1")]
    #[case::a_refusal(vec![denied()], "failed (final), unchanged")]
    #[case::a_refusal_after_a_step(vec![done(), denied()], "failed (final), 1 applied at 1")]
    #[case::a_part_that_succeeds_after_one_that_failed(vec![throttled(), done()], "failed (passing), 1 applied at 2")]
    #[case::the_latest_failure_counts(vec![throttled(), denied()], "failed (final), unchanged")]
    #[case::nothing_left_ends_no_failure(vec![denied(), not_there()], "failed (final), nothing left")]
    fn calls_advance_it(#[case] answers: Vec<Result<Applied, ApplyError>>, #[case] expected: &str) {
        let mut progress = Progress::Judged;
        for (n, answer) in answers.iter().enumerate() {
            progress.advance("deactivate the key", &step(&n.to_string()), answer, at(n as i64 + 1));
        }
        assert_eq!(word(&progress), expected);
    }

    #[test]
    fn a_look_counts_until_the_next_call() {
        let mut progress = Progress::Judged;
        progress.looked();
        assert_eq!(word(&progress), "judged");
        progress.advance("deactivate the key", &step("a"), &done(), at(1));
        progress.looked();
        assert_eq!(word(&progress), "1 applied at 1, looked");
        progress.advance("deactivate the key", &step("b"), &rehearsed(), at(2));
        assert_eq!(word(&progress), "1 applied at 1, looked", "a rehearsal is no call");
        progress.advance("deactivate the key", &step("b"), &done(), at(3));
        assert_eq!(word(&progress), "2 applied at 1");
        progress.fail(Failure::Final("it changed each time".to_owned()));
        assert_eq!(word(&progress), "failed (final), 2 applied at 1");
        assert_eq!(progress.failure().unwrap().why(), "it changed each time");
    }
}
