//! One resource of an account as AWS is on a bad day: reads lag behind writes, calls fail before or after they did their work,
//! and another principal writes between two of Parapet's calls.

use crate::invariants::random::Random;
use crate::invariants::story::Story;
use crate::world::Living;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::engine::family::{Counter, Family, Observe, ReadDepth, ReadError, TargetOf};
use shared::engine::memory::{Memory, MemoryError};
use shared::engine::observed::Observed;
use shared::engine::pipeline::Clock;
use shared::engine::plan::{Action as _, Applied, Apply, ApplyError};
use shared::engine::span::Span;
use shared::engine::unavailable::Unavailable;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// The longest that a read lags behind a write, in milliseconds: less than the pipeline waits for one (`engine::family::LAG`).
pub const LAG: i64 = 1500;

/// Who changed the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    Owner,
    Attacker,
    Parapet,
}

/// A state and since when it has been there.
#[derive(Clone, Debug)]
pub struct Version<S> {
    pub since: i64,
    pub state: Observed<S>,
    pub by: Writer,
}

/// A record that CloudTrail has written and that has not been handled to the end yet.
#[derive(Clone, Debug)]
pub struct Sent<S> {
    /// When the change was made, in milliseconds.
    pub at: i64,
    pub record: Value,
    /// The elements that the change made, by content; empty for one that made nothing.
    pub made: Vec<String>,
    #[expect(dead_code, reason = "shown where a sequence fails")]
    pub by: Writer,
    /// What its change left; of a forged one, would have left.
    pub state: Observed<S>,
    /// Nothing of what it says has happened.
    #[expect(dead_code, reason = "shown where a sequence fails")]
    pub is_forged: bool,
    /// It came back later: it proves nothing.
    pub waited: bool,
}

/// A defect that is planted between the engine and the account: what the engine sees is what it would go by with that defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// No read before a call: the record's word is taken for what stands.
    NoRead,
    /// The same, for records that come late alone.
    LateBelieved,
    /// No comparison right before the call: the last look shows what the first one did.
    NotCompared,
}

/// A call that changed something.
#[derive(Clone, Debug)]
pub struct Write<S> {
    pub at: i64,
    pub call: String,
    pub before: Observed<S>,
    pub after: Observed<S>,
    /// Who else wrote last: a call may follow one of Parapet's own.
    pub over: Writer,
    /// Since when there was what Parapet itself had left there, where it had.
    pub own: Option<i64>,
    /// Since when there was what the last look before it showed; the end of time where no read was made.
    pub seen: i64,
    /// How many reads were made since the record came; since the call before it and once more.
    pub looks: u32,
    /// It may not be made from a record, nor be made without a comparison.
    pub overwrites: bool,
}

pub struct Inner<F: Story> {
    pub now: i64,
    pub random: Random,
    pub versions: Vec<Version<F::State>>,
    pub sent: Vec<Sent<F::State>>,
    pub writes: Vec<Write<F::State>>,
    pub kept: BTreeMap<String, String>,
    /// How often, in a hundred calls, one fails.
    pub faults: u64,
    /// How often, in a hundred calls, another principal writes right before it.
    pub meddling: u64,
    pub planted: Option<Planted>,
    /// What the record that is being handled left, and whether it comes late; none in a sweep.
    pub handling: Option<(Observed<F::State>, bool)>,
    /// What the first look of this handling showed; none after a call.
    pub first: Option<Observed<F::State>>,
    pub was_called: bool,
    /// Since when there was what the last look really showed, and how many looks there were since the last call.
    pub seen: i64,
    pub looks: u32,
    /// Every call, for a person who reads about a failure.
    pub log: Vec<String>,
}

/// See the module.
pub struct Account<F: Story>(Mutex<Inner<F>>);

impl<F: Story> Account<F> {
    pub fn new(seed: u64, planted: Option<Planted>) -> Self {
        let mut random = Random::new(seed);
        let state = F::start(&mut random);
        let versions = vec![Version { since: -100_000, state, by: Writer::Owner }];
        let (faults, meddling) = (*random.pick(&[0, 0, 10, 25]), *random.pick(&[0, 0, 10, 30]));
        Self(Mutex::new(Inner {
            now: 0,
            random,
            versions,
            sent: Vec::new(),
            writes: Vec::new(),
            kept: BTreeMap::new(),
            faults,
            meddling,
            planted,
            handling: None,
            first: None,
            was_called: false,
            seen: i64::MAX,
            looks: 0,
            log: Vec::new(),
        }))
    }

    pub fn inner(&self) -> MutexGuard<'_, Inner<F>> {
        self.0.lock().unwrap()
    }
}

impl<F: Story> Inner<F> {
    pub fn truth(&self) -> &Version<F::State> {
        self.versions.last().unwrap()
    }

    pub fn note(&mut self, line: String) {
        let now = self.now;
        self.log.push(format!("{now:>7} {line}"));
    }

    /// What stood `lag` ago.
    fn seen(&mut self) -> Observed<F::State> {
        let lag = match self.random.below(10) {
            0..6 => 0,
            6..9 => LAG / 5,
            _ => LAG,
        };
        let lag = i64::try_from(self.random.below(u64::try_from(lag + 1).unwrap())).unwrap();
        let at = self.now - lag;
        let version = self.versions.iter().rev().find(|version| version.since <= at).unwrap();
        self.seen = version.since;
        self.looks += 1;
        version.state.clone()
    }

    /// What the engine sees: what stood a moment ago, but for a planted defect.
    fn shown(&mut self) -> Observed<F::State> {
        let seen = self.seen();
        let first = self.first.get_or_insert_with(|| seen.clone()).clone();
        match (self.planted, &self.handling) {
            _ if self.was_called => seen,
            (Some(Planted::NotCompared), _) => first,
            (Some(Planted::NoRead), Some((description, _)))
            | (Some(Planted::LateBelieved), Some((description, true))) => description.clone(),
            (None | Some(_), _) => seen,
        }
    }

    /// A record is about to be handled, or a sweep.
    pub fn begin(&mut self, handling: Option<(Observed<F::State>, bool)>) {
        self.handling = handling;
        self.first = None;
        self.was_called = false;
        self.seen = i64::MAX;
        self.looks = 0;
    }

    /// The owner or an attacker changes the resource, and CloudTrail writes a record.
    pub fn change(&mut self, by: Writer) {
        let state = self.truth().state.clone();
        let Some(change) = F::change_by(by, &mut self.random, &state) else { return };
        self.now += 1;
        self.note(format!("{by:?}: {}", change.says));
        let at = self.now;
        self.versions.push(Version { since: at, state: change.state, by });
        if let Some(record) = change.record {
            let record = dated(record, at, &format!("change-{}", self.versions.len()));
            let state = self.truth().state.clone();
            self.sent.push(Sent { at, record, made: change.made, by, state, is_forged: false, waited: false });
        }
    }

    /// A record of something that did not happen.
    pub fn forge(&mut self) {
        let state = self.truth().state.clone();
        let Some(change) = F::change_by(Writer::Attacker, &mut self.random, &state) else { return };
        let Some(record) = change.record else { return };
        let at = self.now;
        self.note(format!("forged: {}", change.says));
        let record = dated(record, at, &format!("forged-{}-{at}", self.sent.len()));
        let (made, by) = (Vec::new(), Writer::Attacker);
        self.sent.push(Sent { at, record, made, by, state: change.state, is_forged: true, waited: false });
    }

    fn meddle(&mut self) {
        self.now += 5 + i64::try_from(self.random.below(60)).unwrap();
        if self.random.chance(self.meddling) {
            let by = if self.random.chance(70) { Writer::Owner } else { Writer::Attacker };
            self.change(by);
        }
    }
}

/// The record with its time, to the second as CloudTrail writes it, and its id.
fn dated(mut record: Value, at: i64, id: &str) -> Value {
    let time = instant(at).strftime("%FT%TZ").to_string();
    record["eventTime"] = time.into();
    record["eventID"] = id.into();
    record
}

pub fn instant(millis: i64) -> Timestamp {
    let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    start + SignedDuration::from_millis(millis)
}

impl<F: Story> Observe<F> for Account<F> {
    async fn observe(&self, key: &F::Key, depth: ReadDepth) -> Result<Observed<F::State>, ReadError> {
        let mut inner = self.inner();
        inner.meddle();
        let faults = inner.faults;
        if inner.random.chance(faults) {
            inner.note("read: fails".to_owned());
            return Err(ReadError { why: "Throttling".to_owned() });
        }
        let seen = inner.shown();
        inner.note(format!("read {depth:?}: {:?}", F::lines(&seen)));
        Ok(<F as Living>::read(&seen, key))
    }

    /// Nothing else belongs to the principal.
    async fn spread(&self, span: &Span) -> Result<Observed<Vec<TargetOf<F>>>, ReadError> {
        Ok(match span {
            Span::HeldBy(_) | Span::Without { .. } => Observed::Known(Vec::new()),
            Span::Unshown { .. } | Span::PrefixList(_) => Observed::Unknown { why: span.sentence() },
        })
    }
}

impl<F: Story> Apply<F::Action> for Account<F> {
    async fn apply(&self, action: &F::Action) -> Result<Applied, ApplyError> {
        let mut inner = self.inner();
        inner.meddle();
        let faults = inner.faults;
        let is_lost = inner.random.chance(faults);
        if is_lost && inner.random.chance(50) {
            inner.note(format!("call {action}: fails"));
            return Err(ApplyError::Transient { why: "ServiceUnavailable".to_owned() });
        }
        inner.was_called = true;
        let before = inner.truth().clone();
        let mut state = before.state.clone();
        let answer = F::change(&mut state, action);
        inner.note(format!("call {action}: {answer:?}"));
        answer?;
        inner.now += 1;
        let at = inner.now;
        inner.versions.push(Version { since: at, state: state.clone(), by: Writer::Parapet });
        let overwrites = !action.effect().may_trust_a_record() && !action.guards_itself();
        let (call, looks) = (action.to_string(), std::mem::replace(&mut inner.looks, 1));
        let others = inner.versions.iter().rev().find(|version| version.by != Writer::Parapet);
        let own = (before.by == Writer::Parapet).then_some(before.since);
        let (before, over, seen) = (before.state, others.map_or(before.by, |version| version.by), inner.seen);
        inner.writes.push(Write { at, call, before, after: state, over, own, seen, looks, overwrites });
        if is_lost {
            return Err(ApplyError::Transient { why: "the connection was lost".to_owned() });
        }
        Ok(Applied { request_id: Some(format!("request-{at}")), ..Applied::default() })
    }
}

impl<F: Story> Memory for Account<F> {
    async fn recall(&self, name: &str) -> Result<Option<String>, MemoryError> {
        let mut inner = self.inner();
        let faults = inner.faults;
        // That what was written over is not noticed while the ledger does not answer stands in docs/security.md.
        if inner.random.chance(faults / 2) && !name.starts_with("wrote#") {
            return Err(Unavailable::new("the ledger does not answer").into());
        }
        Ok(inner.kept.get(name).cloned())
    }

    async fn keep(&self, name: &str, state: &str) -> Result<(), MemoryError> {
        let mut inner = self.inner();
        inner.kept.insert(name.to_owned(), state.to_owned());
        Ok(())
    }

    async fn count(&self, _: &Counter) -> Result<Option<u64>, MemoryError> {
        Err(MemoryError::NoStore)
    }
}

impl<F: Story> Clock for Account<F> {
    fn now(&self) -> Timestamp {
        let mut inner = self.inner();
        inner.now += 1;
        instant(inner.now)
    }

    async fn pause(&self, time: Duration) {
        self.inner().now += i64::try_from(time.as_millis()).unwrap();
    }
}

/// The state of the family, as text for a person.
pub fn description<F: Family + Living>(state: &Observed<F::State>) -> String {
    F::lines(state).join(" | ")
}
