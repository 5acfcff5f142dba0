//! Making the calls, and looking at what came of them.
//!
//! A call that overwrites is compared with what stands right before it is made: what another caller has written meanwhile is judged
//! and planned for anew, and never written over with what was made of something older. What may still come between is the time of
//! one read: [`crate::engine::pipeline::window`] keeps it.

use super::evaluation::{Evaluation, Lens};
use super::pipe::{Obstacles, Pipe};
use super::window::{Other, Window};
use super::{Deferral, Retry};
use crate::engine::erased::{AnyAction, AnyState, AnyTarget};
use crate::engine::family::ReadDepth;
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError, MOST_A_CALL, Plan};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// How long to wait for a resource that is not ready for the call: databases are minutes in the making.
const NOT_YET: Duration = Duration::from_secs(120);

/// What became of the calls.
pub(super) struct Ran {
    /// One was made.
    pub(super) was_called: bool,
    /// What stands is not what the next call was computed from: it was not made.
    pub(super) changed: Option<Observed<AnyState>>,
}

/// What a look right before a call shows.
enum Compared {
    /// What the call was computed from.
    Same,
    /// Something else.
    Changed(Observed<AnyState>),
    /// It could not be looked at.
    Unread(ApplyError),
}

impl Pipe<'_> {
    /// Runs the plans of all cases that take part, in as few calls as they allow. A call that follows a failed one of the same
    /// plan is not made. Without a `target`, nothing is compared.
    pub(super) async fn run<X: Apply<AnyAction> + ?Sized>(
        &self,
        target: Option<&AnyTarget>,
        executor: &X,
        evaluations: &mut [Evaluation],
        takes_part: impl Fn(&Evaluation) -> bool,
        obstacles: &mut Obstacles,
    ) -> Ran {
        let taking_part: Vec<bool> = evaluations.iter().map(takes_part).collect();
        let most: usize = evaluations.iter().map(|evaluation| evaluation.left().steps.len()).sum();
        let mut was_called = false;
        for _ in 0..most {
            let mut plan = Plan::default();
            for (evaluation, _) in evaluations.iter().zip(&taking_part).filter(|(_, takes_part)| **takes_part) {
                plan.merge(&evaluation.left());
            }
            let Some(step) = plan.steps.into_iter().next() else { break };
            let since = self.context.clock.now();
            let compared = match target.filter(|_| must_be_compared(&step.apply)) {
                Some(target) => self.compare(target, evaluations, &taking_part, &step.apply).await,
                None => Compared::Same,
            };
            let mut unread = match compared {
                Compared::Same => None,
                Compared::Changed(seen) => return Ran { was_called, changed: Some(seen) },
                Compared::Unread(error) => Some(error),
            };
            for part in step.split(MOST_A_CALL) {
                // What is only notified takes no time.
                if !obstacles.is_rehearsal && !self.context.rules.have_time(self.context.clock.now()) {
                    self.run_out(obstacles);
                    return Ran { was_called, changed: None };
                }
                let (answer, was_tried) = match unread.take() {
                    Some(error) => (Err(error), false),
                    None => (executor.apply(&part.apply).await, true),
                };
                if let (Err(ApplyError::Changed { .. }), Some(target)) = (&answer, target)
                    && let Ok(seen) = self.look(target, ReadDepth::Quick).await
                {
                    return Ran { was_called, changed: Some(seen) };
                }
                was_called = true;
                if let Ok(applied) = &answer {
                    super::itself::note(self.family, self.context.memory, &self.place, applied).await;
                }
                let at = self.context.clock.now();
                obstacles.note(&answer, &part.apply, self.context.rules.can_wait, self.is_late());
                if was_tried {
                    obstacles.windows.extend(self.window(evaluations, &step.apply, &answer, since));
                }
                // One call may run for several cases: each takes down its own part.
                for (evaluation, _) in evaluations.iter_mut().zip(&taking_part).filter(|(_, takes_part)| **takes_part) {
                    evaluation.record(&part.apply, &answer, at);
                }
            }
            evaluations.iter_mut().for_each(|evaluation| evaluation.is_over(&step.apply));
        }
        Ran { was_called, changed: None }
    }

    /// Looks right before a call whether what it was computed from still stands.
    async fn compare(
        &self,
        target: &AnyTarget,
        evaluations: &[Evaluation],
        taking_part: &[bool],
        call: &AnyAction,
    ) -> Compared {
        let seen = match self.look(target, ReadDepth::Quick).await {
            Ok(seen) => seen,
            Err(Retry(why)) => return Compared::Unread(ApplyError::Transient { why }),
        };
        let now = match &seen {
            Observed::Known(state) => self.family.content(state),
            Observed::Absent => return Compared::Changed(seen),
            Observed::Unknown { why } => {
                let (code, message) = ("Unread".to_owned(), why.clone());
                return Compared::Unread(ApplyError::Refused { code, message });
            }
        };
        let mine = evaluations.iter().zip(taking_part).filter(|(_, takes_part)| **takes_part);
        let mut bases = mine.filter_map(|(evaluation, _)| evaluation.basis_of(call));
        if bases.all(|basis| self.family.content(basis) == now) { Compared::Same } else { Compared::Changed(seen) }
    }

    /// What a call that was made has overwritten, and since when there was no look.
    fn window(
        &self,
        evaluations: &[Evaluation],
        call: &AnyAction,
        answer: &Result<Applied, ApplyError>,
        since: Timestamp,
    ) -> Option<Window> {
        // A call without an answer may have been made.
        let is_done = match answer {
            Ok(applied) => !applied.is_rehearsal,
            Err(error) => matches!(error, ApplyError::Transient { .. }),
        };
        let basis = evaluations
            .iter()
            .find_map(|evaluation| evaluation.basis_of(call))
            .filter(|_| is_done && must_be_compared(call))?;
        let elsewhere = self.family.elsewhere(call).map(|other| Other {
            name: (other.kind.to_owned(), other.about),
            again: other.again.command(&self.place.region),
        });
        let wrote = match &elsewhere {
            Some(_) => Value::Null,
            None => self.family.writes(call)?,
        };
        let ((part, read), until, call) = (self.family.part(call, basis), self.context.clock.now(), call.to_string());
        Some(Window { since, until, part, read, wrote, call, is_sure: answer.is_ok(), kept: None, elsewhere })
    }

    /// What the run has no time for comes back at once, and is judged by what stands then.
    fn run_out(&self, obstacles: &mut Obstacles) {
        let why = "the run's time was up before everything was closed".to_owned();
        if self.context.rules.can_wait {
            obstacles.deferred = Some(Deferral { wait: Duration::ZERO, why });
        } else {
            obstacles.retry = obstacles.retry.take().or(Some(Retry(why)));
        }
    }

    /// How long to look again: not at all where the time is up, and hardly where others would wait for it.
    pub(super) fn lag(&self) -> &'static [Duration] {
        let (rules, all) = (self.context.rules, self.family.lag());
        let most = if !rules.have_time(self.context.clock.now()) {
            0
        } else if rules.hurries {
            1
        } else {
            all.len()
        };
        all.get(..most).unwrap_or(all)
    }

    /// Whether what a read shows may be older than the event.
    pub(super) fn may_be_behind(&self) -> bool {
        let lag: Duration = self.family.lag().iter().sum();
        // An event's time is a whole second.
        let end = self.event.time.checked_add(lag + Duration::from_secs(1)).unwrap_or(Timestamp::MAX);
        !self.is_sweep && !self.is_late() && self.context.clock.now() < end
    }

    /// Looks again while a look does not show what the record proves and reads may still be behind.
    pub(super) async fn insist(
        &self,
        target: &AnyTarget,
        evaluations: &mut [Evaluation],
        latest: &mut Option<Observed<AnyState>>,
    ) {
        for pause in self.lag() {
            if !evaluations.iter().any(Evaluation::is_behind) || !self.may_be_behind() {
                return;
            }
            self.context.clock.pause(*pause).await;
            let Ok(seen) = self.look(target, ReadDepth::Quick).await else { return };
            for evaluation in evaluations.iter_mut().filter(|evaluation| evaluation.is_behind()) {
                evaluation.see(&seen, &self.terms(), Lens::Read(ReadDepth::Quick), None);
            }
            *latest = Some(seen);
        }
    }

    /// What was just made may not show yet: it is looked for again before it is said to be gone.
    pub(super) async fn unless_new(
        &self,
        target: &AnyTarget,
        depth: ReadDepth,
        first: Result<Observed<AnyState>, Retry>,
    ) -> Result<Observed<AnyState>, Retry> {
        let mut seen = first;
        for pause in self.lag() {
            if !matches!(seen, Ok(Observed::Absent)) || self.event.is_deletion() || !self.may_be_behind() {
                break;
            }
            self.context.clock.pause(*pause).await;
            seen = self.look(target, depth).await;
        }
        seen
    }

    /// Looks until no acted-on hole shows as open any more, or the lag that AWS may have has passed.
    pub(super) async fn look_again(
        &self,
        target: &AnyTarget,
        evaluations: &mut [Evaluation],
    ) -> Result<Observed<AnyState>, Retry> {
        let mut pauses = self.lag().iter();
        loop {
            let seen = self.look(target, ReadDepth::Full).await?;
            let now = self.context.clock.now();
            for evaluation in evaluations.iter_mut() {
                evaluation.see(&seen, &self.terms(), Lens::Read(ReadDepth::Full), Some(now));
            }
            let is_behind = self.may_be_behind() && evaluations.iter().any(Evaluation::is_behind);
            let stale = is_behind || evaluations.iter().any(|evaluation| evaluation.seems_stale());
            match pauses.next() {
                Some(pause) if stale => self.context.clock.pause(*pause).await,
                _ => return Ok(seen),
            }
        }
    }
}

/// Whether what stands is read once more before the call: AWS does not refuse it by itself when it is another by now.
fn must_be_compared(call: &AnyAction) -> bool {
    !call.effect().may_trust_a_record() && !call.guards_itself()
}

impl Obstacles {
    /// Takes down what makes another try worth while.
    fn note(&mut self, answer: &Result<Applied, ApplyError>, call: &AnyAction, can_wait: bool, is_late: bool) {
        match answer {
            Err(ApplyError::Transient { why }) => self.retry = Some(Retry(why.clone())),
            Err(ApplyError::NotYet { .. }) if can_wait => {
                self.deferred = Some(Deferral { wait: NOT_YET, why: format!("{call}: not possible yet") });
            }
            // Without schedules, Lambda's own attempts are all there is.
            Err(ApplyError::NotYet { .. }) if !is_late => {
                self.retry = Some(Retry(format!("{call}: not possible yet")));
            }
            Ok(_) | Err(_) => {}
        }
    }
}
