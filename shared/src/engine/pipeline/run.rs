//! Making the calls, and looking at what came of them.
//!
//! A call that overwrites is compared with what stands right before it is made: what somebody else has written meanwhile is judged
//! and planned for anew, and never written over with what was made of something older. What may still come between is the time of
//! one read: [`crate::engine::pipeline::window`] keeps it.

use super::case::{Case, Lens};
use super::pipe::{Obstacles, Pipe};
use super::window::{Other, Window};
use super::{Clock, Later, Retry};
use crate::engine::family::{Family, Glance, Observe, TargetOf};
use crate::engine::memory::Memory;
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError, MOST_A_CALL, Plan};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// How long to wait for a resource that is not ready for the call: databases are minutes in the making.
const NOT_YET: Duration = Duration::from_secs(120);

/// What became of the calls.
pub(super) struct Ran<S> {
    /// One was made.
    pub(super) was_called: bool,
    /// What stands is not what the next call was computed from: it was not made.
    pub(super) changed: Option<Observed<S>>,
}

/// What a look right before a call shows.
enum Compared<S> {
    /// What the call was computed from.
    Same,
    /// Something else.
    Changed(Observed<S>),
    /// It could not be looked at.
    Unread(ApplyError),
}

impl<F, W, C, M> Pipe<'_, F, W, C, M>
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
    C: Clock,
    M: Memory,
{
    /// Runs the plans of all cases that take part, in as few calls as they allow. A call that follows a failed one of the same
    /// plan is not made. Without a `target`, nothing is compared.
    pub(super) async fn run<X: Apply<F::Action>>(
        &self,
        target: Option<&TargetOf<F>>,
        executor: &X,
        cases: &mut [Case<F>],
        takes_part: impl Fn(&Case<F>) -> bool,
        obstacles: &mut Obstacles,
    ) -> Ran<F::State> {
        let taking_part: Vec<bool> = cases.iter().map(takes_part).collect();
        let most: usize = cases.iter().map(|case| case.left().steps.len()).sum();
        let mut was_called = false;
        for _ in 0..most {
            let mut plan = Plan::default();
            for (case, _) in cases.iter().zip(&taking_part).filter(|(_, takes_part)| **takes_part) {
                plan.merge(&case.left());
            }
            let Some(step) = plan.steps.into_iter().next() else { break };
            let since = self.around.clock.now();
            let compared = match target.filter(|_| must_be_compared(&step.apply)) {
                Some(target) => self.compare(target, cases, &taking_part, &step.apply).await,
                None => Compared::Same,
            };
            let mut unread = match compared {
                Compared::Same => None,
                Compared::Changed(seen) => return Ran { was_called, changed: Some(seen) },
                Compared::Unread(error) => Some(error),
            };
            for part in step.split(MOST_A_CALL) {
                // What is only told takes no time.
                if !obstacles.is_rehearsal && !self.around.rules.have_time(self.around.clock.now()) {
                    self.run_out(obstacles);
                    return Ran { was_called, changed: None };
                }
                let (answer, was_tried) = match unread.take() {
                    Some(error) => (Err(error), false),
                    None => (executor.apply(&part.apply).await, true),
                };
                if let (Err(ApplyError::Changed { .. }), Some(target)) = (&answer, target)
                    && let Ok(seen) = self.look(target, Glance::Quick).await
                {
                    return Ran { was_called, changed: Some(seen) };
                }
                was_called = true;
                let at = self.around.clock.now();
                obstacles.note(&answer, &part.apply, self.around.rules.can_wait, self.is_late());
                if was_tried {
                    obstacles.windows.extend(self.window(cases, &step.apply, &answer, since));
                }
                // One call may run for several cases: each takes down its own part.
                for (case, _) in cases.iter_mut().zip(&taking_part).filter(|(_, takes_part)| **takes_part) {
                    case.record(&part.apply, &answer, at);
                }
            }
            cases.iter_mut().for_each(|case| case.is_over(&step.apply));
        }
        Ran { was_called, changed: None }
    }

    /// Looks right before a call whether what it was computed from still stands.
    async fn compare(
        &self,
        target: &TargetOf<F>,
        cases: &[Case<F>],
        taking_part: &[bool],
        call: &F::Action,
    ) -> Compared<F::State> {
        let seen = match self.look(target, Glance::Quick).await {
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
        let mine = cases.iter().zip(taking_part).filter(|(_, takes_part)| **takes_part);
        let mut bases = mine.filter_map(|(case, _)| case.basis_of(call));
        if bases.all(|basis| self.family.content(basis) == now) { Compared::Same } else { Compared::Changed(seen) }
    }

    /// What a call that was made has overwritten, and since when nobody had looked.
    fn window(
        &self,
        cases: &[Case<F>],
        call: &F::Action,
        answer: &Result<Applied, ApplyError>,
        since: Timestamp,
    ) -> Option<Window> {
        // A call without an answer may have been made.
        let is_done = match answer {
            Ok(applied) => !applied.is_rehearsal,
            Err(error) => matches!(error, ApplyError::Transient { .. }),
        };
        let basis = cases.iter().find_map(|case| case.basis_of(call)).filter(|_| is_done && must_be_compared(call))?;
        let elsewhere = self.family.elsewhere(call).map(|other| Other {
            name: (other.kind.to_owned(), other.about),
            again: other.again.command(&self.place.region),
        });
        let wrote = match &elsewhere {
            Some(_) => Value::Null,
            None => self.family.writes(call)?,
        };
        let ((part, read), until, call) = (self.family.part(call, basis), self.around.clock.now(), call.to_string());
        Some(Window { since, until, part, read, wrote, call, is_sure: answer.is_ok(), kept: None, elsewhere })
    }

    /// What the run has no time for comes back at once, and is judged by what stands then.
    fn run_out(&self, obstacles: &mut Obstacles) {
        let why = "the run's time was up before everything was closed".to_owned();
        if self.around.rules.can_wait {
            obstacles.later = Some(Later { wait: Duration::ZERO, why });
        } else {
            obstacles.retry = obstacles.retry.take().or(Some(Retry(why)));
        }
    }

    /// How long to look again: not at all where the time is up, and hardly where others would wait for it.
    pub(super) fn lag(&self) -> &'static [Duration] {
        let (rules, all) = (self.around.rules, self.family.lag());
        let most = if !rules.have_time(self.around.clock.now()) {
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
        !self.is_sweep && !self.is_late() && self.around.clock.now() < end
    }

    /// Looks again while a look does not show what the record proves and reads may still be behind.
    pub(super) async fn insist(
        &self,
        target: &TargetOf<F>,
        cases: &mut [Case<F>],
        latest: &mut Option<Observed<F::State>>,
    ) {
        for pause in self.lag() {
            if !cases.iter().any(Case::is_behind) || !self.may_be_behind() {
                return;
            }
            self.around.clock.pause(*pause).await;
            let Ok(seen) = self.look(target, Glance::Quick).await else { return };
            for case in cases.iter_mut().filter(|case| case.is_behind()) {
                case.see(&seen, &self.terms(), Lens::Read(Glance::Quick), None);
            }
            *latest = Some(seen);
        }
    }

    /// What was just made may not show yet: it is looked for again before it is said to be gone.
    pub(super) async fn unless_new(
        &self,
        target: &TargetOf<F>,
        glance: Glance,
        first: Result<Observed<F::State>, Retry>,
    ) -> Result<Observed<F::State>, Retry> {
        let mut seen = first;
        for pause in self.lag() {
            if !matches!(seen, Ok(Observed::Absent)) || self.event.is_deletion() || !self.may_be_behind() {
                break;
            }
            self.around.clock.pause(*pause).await;
            seen = self.look(target, glance).await;
        }
        seen
    }

    /// Looks until no acted-on hole shows as open any more, or the lag that AWS may have has passed.
    pub(super) async fn look_again(
        &self,
        target: &TargetOf<F>,
        cases: &mut [Case<F>],
    ) -> Result<Observed<F::State>, Retry> {
        let mut pauses = self.lag().iter();
        loop {
            let seen = self.look(target, Glance::Full).await?;
            let now = self.around.clock.now();
            for case in cases.iter_mut() {
                case.see(&seen, &self.terms(), Lens::Read(Glance::Full), Some(now));
            }
            let is_behind = self.may_be_behind() && cases.iter().any(Case::is_behind);
            let stale = is_behind || cases.iter().any(|case| case.seems_stale());
            match pauses.next() {
                Some(pause) if stale => self.around.clock.pause(*pause).await,
                _ => return Ok(seen),
            }
        }
    }
}

/// Whether what stands is read once more before the call: AWS does not refuse it by itself when it is another by now.
fn must_be_compared<A: Action>(call: &A) -> bool {
    !call.effect().may_trust_a_record() && !call.guards_itself()
}

impl Obstacles {
    /// Takes down what makes another try worth while.
    fn note<A: Action>(&mut self, answer: &Result<Applied, ApplyError>, call: &A, can_wait: bool, is_late: bool) {
        match answer {
            Err(ApplyError::Transient { why }) => self.retry = Some(Retry(why.clone())),
            Err(ApplyError::NotYet { .. }) if can_wait => {
                self.later = Some(Later { wait: NOT_YET, why: format!("{call}: not possible yet") });
            }
            // Without schedules, Lambda's own attempts are all there is.
            Err(ApplyError::NotYet { .. }) if !is_late => {
                self.retry = Some(Retry(format!("{call}: not possible yet")));
            }
            Ok(_) | Err(_) => {}
        }
    }
}
