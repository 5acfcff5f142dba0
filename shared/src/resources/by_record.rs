//! The event lens alone: what a record proves by itself, for the replay of old logs.
//!
//! The same pipeline, in a world that cannot be read and is never written to: what only a read could show stays
//! undetermined, with the reason that the judge gives, and no mode goes further than `notify`.

use crate::engine::event::Event;
use crate::engine::family::Counter;
use crate::engine::family::{Family, Observe, ReadDepth, ReadError};
use crate::engine::finding::Finding;
use crate::engine::memory::{Memory, MemoryError, NoMemory};
use crate::engine::observed::Observed;
use crate::engine::pipeline::{Clock, Detail, Rules, RunContext, handle_located, is_passed_over};
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::policy::{Mode, Policy};
use crate::resources::{Triggered, Visitor, visit_all};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// An operator's decisions for a replay. Built once, used for any number of records.
#[derive(Clone, Debug)]
pub struct Judge {
    rules: Rules,
    now: Timestamp,
    detail: Detail,
    past: Past,
    families: Arc<Families>,
}

impl Judge {
    /// Judges by these rules; `now` decides which exemptions still hold.
    #[must_use]
    pub fn new(rules: Rules, now: Timestamp) -> Self {
        let mut rules = rules;
        rules.policy.limit(Mode::Notify);
        rules.fallback = rules.fallback.min(Mode::Notify);
        let families = Arc::new(Families::all(&rules.policy));
        Self { rules, now, detail: Detail::Whole, past: Past::Unknown, families }
    }

    /// The rules, no mode of which goes further than `notify`.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The same with as much in each finding as `detail` says.
    #[must_use]
    pub fn with(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// As if all resources had just been made: nothing was before them.
    #[cfg(test)]
    pub(crate) fn of_new_resources(self) -> Self {
        Self { past: Past::Empty, ..self }
    }

    /// What the guardrails that the function `family` serves say of the event. None for one that does not exist.
    #[must_use]
    pub fn by_record(&self, family: &str, event: &Event) -> Option<Vec<Finding>> {
        let served = self.families.of(family)?;
        let triggered = self.families.triggered.by(&event.name);
        let asked = triggered.range(served).filter_map(|at| self.families.all.get(*at));
        Some(asked.flat_map(|family| family.findings(self, event)).collect())
    }

    fn findings<F: Family>(&self, family: &F, event: &Event) -> Vec<Finding> {
        if is_passed_over(&self.rules, event) {
            return Vec::new();
        }
        let located = family.locate(event);
        // What the request claims counts only where the response proves nothing.
        let is_proven = located.as_ref().is_ok_and(|found| found.iter().any(|target| target.proven.is_some()));
        let world = RecordOnly { family, claims: (!is_proven).then_some(event) };
        let context = RunContext { world: &world, clock: &Stopped(self.now), memory: &self.past, rules: &self.rules };
        at_once(handle_located(family, context, event, located, self.detail)).findings
    }
}

/// All families, those of one function side by side.
struct Families {
    all: Vec<Box<dyn Judged>>,
    /// Where those of each function are.
    functions: BTreeMap<&'static str, Range<usize>>,
    /// The families that have a guardrail which the name of a call triggers: the others say nothing of it.
    triggered: Triggered<usize>,
}

impl Families {
    fn all(policy: &Policy) -> Self {
        struct Seen<'p> {
            policy: &'p Policy,
            all: Vec<Box<dyn Judged>>,
            functions: BTreeMap<&'static str, Range<usize>>,
            triggers: Vec<(&'static str, usize)>,
        }

        impl Visitor for Seen<'_> {
            fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F) {
                for family in family.of_policy(self.policy).into_iter().chain([family]) {
                    let at = self.all.len();
                    self.functions.entry(function).or_insert(at..at).end = at + 1;
                    let triggers = family.guardrails().iter().flat_map(|guardrail| guardrail.about().triggers);
                    self.triggers.extend(triggers.map(|trigger| (*trigger, at)));
                    self.all.push(Box::new(Of(family)));
                }
            }
        }

        let mut seen = Seen { policy, all: Vec::new(), functions: BTreeMap::new(), triggers: Vec::new() };
        visit_all(&mut seen);
        Self { all: seen.all, functions: seen.functions, triggered: seen.triggers.into_iter().collect() }
    }

    fn of(&self, function: &str) -> Option<Range<usize>> {
        self.functions.get(function).cloned()
    }
}

impl fmt::Debug for Families {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Families").field("functions", &self.functions).finish_non_exhaustive()
    }
}

/// A family, whatever its types.
trait Judged: Send + Sync {
    fn findings(&self, judge: &Judge, event: &Event) -> Vec<Finding>;
}

struct Of<F>(F);

impl<F: Family> Judged for Of<F> {
    fn findings(&self, judge: &Judge, event: &Event) -> Vec<Finding> {
        judge.findings(&self.0, event)
    }
}

/// The world of a replay: no reads but of the record, no writes.
struct RecordOnly<'a, F> {
    family: &'a F,
    /// The event whose request may be believed.
    claims: Option<&'a Event>,
}

impl<F: Family> Observe<F> for RecordOnly<'_, F> {
    async fn observe(&self, key: &F::Key, _: ReadDepth) -> Result<Observed<F::State>, ReadError> {
        let why = "the record does not show the resource's state: a read is needed";
        let claimed = self.claims.and_then(|event| self.family.claimed(event, key));
        claimed.map(Observed::Known).ok_or_else(|| ReadError { why: why.to_owned() })
    }
}

impl<F: Family, A: Action> Apply<A> for RecordOnly<'_, F> {
    async fn apply(&self, action: &A) -> Result<Applied, ApplyError> {
        Err(ApplyError::Denied { permission: action.permission(), code: "Replay".to_owned() })
    }
}

/// What was kept of the resources.
#[derive(Clone, Copy, Debug)]
enum Past {
    /// A replay cannot ask.
    Unknown,
    /// They were made by the record.
    #[cfg(test)]
    Empty,
}

impl Memory for Past {
    async fn recall(&self, name: &str) -> Result<Option<String>, MemoryError> {
        match self {
            Self::Unknown => NoMemory.recall(name).await,
            #[cfg(test)]
            Self::Empty => Ok(None),
        }
    }

    async fn keep(&self, _: &str, _: &str) -> Result<(), MemoryError> {
        Ok(())
    }

    async fn count(&self, counter: &Counter) -> Result<Option<u64>, MemoryError> {
        NoMemory.count(counter).await
    }
}

/// Time that does not pass.
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }

    async fn pause(&self, _: Duration) {}
}

/// Nothing in this world waits: the first poll is the last.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return answer;
        }
    }
}

#[cfg(test)]
mod tests;
