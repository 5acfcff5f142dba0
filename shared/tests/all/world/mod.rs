//! A world without a network: one resource, every call written down, answers that a test can script. What each family's
//! resource is and how calls change it stands in its own folder, in `fake.rs`; `make generate` lists them in `fakes.rs`.

pub mod document;
pub mod fakes;
pub mod notice;
pub mod resource_policy;
pub mod setting;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::engine::family::{Counter, Family, MOST_COUNTED, Observe, ReadDepth, ReadError, TargetOf};
use shared::engine::memory::{Memory, MemoryError};
use shared::engine::observed::Observed;
use shared::engine::pipeline::Clock;
use shared::engine::plan::{Applied, Apply, ApplyError};
use shared::engine::span::Span;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A family's resource, as something that calls change.
pub trait Living: Family {
    /// What AWS would do.
    fn change(live: &mut Observed<Self::State>, action: &Self::Action) -> Result<(), ApplyError>;

    /// What a read by this key would answer, when the state is this.
    fn read(live: &Observed<Self::State>, key: &Self::Key) -> Observed<Self::State>;

    /// The state that a fixture's `live` describes.
    fn live(value: &Value) -> Observed<Self::State>;

    /// The state as lines that a fixture can name.
    fn lines(live: &Observed<Self::State>) -> Vec<String>;

    /// One of each of its calls as the ledger keeps them: every variant, and each setting to its good and to its bad value.
    fn samples() -> Vec<Value>;
}

/// What a look answers.
pub type Look<F> = Result<Observed<<F as Family>::State>, ReadError>;

/// One resource and everything that was asked of it.
pub struct World<F: Family> {
    live: Mutex<Observed<F::State>>,
    /// `look …` and `call …`, in order, and in which round trip: what is asked at the same time shares one.
    log: Mutex<Vec<(usize, String)>>,
    /// What the next calls answer instead; none does the call.
    pub answers: Mutex<VecDeque<Option<ApplyError>>>,
    /// What the next looks show instead; none shows the resource.
    pub looks: Mutex<VecDeque<Option<Look<F>>>>,
    /// The last known good state, as it was kept.
    pub kept: Mutex<Option<String>>,
    /// What a span leads to.
    spread: Mutex<Observed<Vec<TargetOf<F>>>>,
    /// What else was kept, by its name.
    pub noted: Mutex<BTreeMap<String, String>>,
    /// What another principal makes of the resource right after the next looks.
    pub others: Mutex<VecDeque<Option<Observed<F::State>>>>,
}

impl<F: Living> World<F> {
    pub fn new(live: Observed<F::State>) -> Self {
        Self {
            live: Mutex::new(live),
            log: Mutex::default(),
            answers: Mutex::default(),
            looks: Mutex::default(),
            kept: Mutex::default(),
            spread: Mutex::new(Observed::Known(Vec::new())),
            noted: Mutex::default(),
            others: Mutex::default(),
        }
    }

    pub fn spreading(self, spread: Observed<Vec<TargetOf<F>>>) -> Self {
        *self.spread.lock().unwrap() = spread;
        self
    }

    pub fn answering(self, answers: impl IntoIterator<Item = Option<ApplyError>>) -> Self {
        *self.answers.lock().unwrap() = answers.into_iter().collect();
        self
    }

    pub fn showing(self, looks: impl IntoIterator<Item = Option<Look<F>>>) -> Self {
        *self.looks.lock().unwrap() = looks.into_iter().collect();
        self
    }

    pub fn keeping(self, kept: Option<String>) -> Self {
        *self.kept.lock().unwrap() = kept;
        self
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().iter().map(|(_, line)| line.clone()).collect()
    }

    /// Takes down what is asked; the answer takes a round trip.
    async fn ask(&self, line: String) {
        self.log.lock().unwrap().push((ROUND.get(), line));
        let asked = ROUND.get();
        poll_fn(|context| {
            if ROUND.get() > asked {
                return Poll::Ready(());
            }
            ASKING.with_borrow_mut(|asking| asking.push(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// The calls that change something.
    pub fn calls(&self) -> Vec<String> {
        self.log().iter().filter_map(|line| line.strip_prefix("call ")).map(str::to_owned).collect()
    }

    /// How many calls there were one after another up to the first that changes something, which is counted too. Calls at
    /// the same time count as one.
    pub fn calls_before_containment(&self) -> Option<usize> {
        let is_closing = |round: &Vec<String>| round.iter().any(|line| line.starts_with("call "));
        self.rounds().iter().position(is_closing).map(|at| at + 1)
    }

    /// What was asked in each round trip.
    pub fn rounds(&self) -> Vec<Vec<String>> {
        let mut rounds: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (round, line) in self.log.lock().unwrap().iter() {
            rounds.entry(*round).or_default().push(line.clone());
        }
        rounds.into_values().collect()
    }

    pub fn lines(&self) -> Vec<String> {
        F::lines(&self.live.lock().unwrap())
    }
}

impl<F: Living> Apply<F::Action> for World<F> {
    async fn apply(&self, action: &F::Action) -> Result<Applied, ApplyError> {
        self.ask(format!("call {action}")).await;
        match self.answers.lock().unwrap().pop_front().flatten() {
            Some(error) => Err(error),
            None => F::change(&mut self.live.lock().unwrap(), action)
                .map(|()| Applied { request_id: Some("request-1".to_owned()), ..Applied::default() }),
        }
    }
}

impl<F: Living> Observe<F> for World<F> {
    async fn observe(&self, key: &F::Key, depth: ReadDepth) -> Result<Observed<F::State>, ReadError> {
        self.ask(format!("look {depth:?}").to_lowercase()).await;
        let answer = match self.looks.lock().unwrap().pop_front().flatten() {
            Some(answer) => answer,
            None => Ok(F::read(&self.live.lock().unwrap(), key)),
        };
        if let Some(theirs) = self.others.lock().unwrap().pop_front().flatten() {
            *self.live.lock().unwrap() = theirs;
        }
        answer
    }

    async fn spread(&self, span: &Span) -> Result<Observed<Vec<TargetOf<F>>>, ReadError> {
        self.ask(format!("list {}", span.sentence())).await;
        Ok(self.spread.lock().unwrap().clone())
    }
}

impl<F: Living> Memory for World<F> {
    async fn recall(&self, name: &str) -> Result<Option<String>, MemoryError> {
        self.ask(format!("recall {name}")).await;
        if name.starts_with("kept#") {
            return Ok(self.kept.lock().unwrap().clone());
        }
        Ok(self.noted.lock().unwrap().get(name).cloned())
    }

    async fn keep(&self, name: &str, state: &str) -> Result<(), MemoryError> {
        self.ask(format!("keep {name}")).await;
        if name.starts_with("kept#") {
            *self.kept.lock().unwrap() = Some(state.to_owned());
        } else {
            self.noted.lock().unwrap().insert(name.to_owned(), state.to_owned());
        }
        Ok(())
    }

    /// What a situation keeps is the number before.
    async fn count(&self, counter: &Counter) -> Result<Option<u64>, MemoryError> {
        self.ask(format!("count {}", counter.name)).await;
        let before = self.kept.lock().unwrap().clone().ok_or(MemoryError::NoStore)?;
        Ok(Some(before.parse::<u64>().unwrap() + 1).filter(|number| *number <= MOST_COUNTED as u64))
    }
}

/// A call and its inverse, about the same.
pub fn both(apply: &str, back: &str, of: &Value) -> Vec<Value> {
    vec![json!({ apply: of }), json!({ back: of })]
}

pub fn not_there(code: &str) -> ApplyError {
    ApplyError::NotThere { code: code.to_owned() }
}

/// Every look at it is a millisecond later; a pause is over at once.
#[derive(Default)]
pub struct Watch {
    millis: Mutex<i64>,
    pub pauses: Mutex<Vec<Duration>>,
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        let mut millis = self.millis.lock().unwrap();
        *millis += 1;
        let start: Timestamp = "2026-03-02T09:14:20Z".parse().unwrap();
        start + jiff::SignedDuration::from_millis(*millis)
    }

    async fn pause(&self, time: Duration) {
        self.pauses.lock().unwrap().push(time);
    }
}

thread_local! {
    /// Which round trip of the fake world it is.
    static ROUND: Cell<usize> = const { Cell::new(0) };
    /// The waiters for the end of this round.
    static ASKING: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
}

/// Nothing here waits for anything but answers, and every round brings those that were asked for.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        ROUND.set(ROUND.get() + 1);
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
        let asking = ASKING.take();
        assert!(!asking.is_empty(), "a future of the fake world waits for nothing");
        asking.into_iter().for_each(Waker::wake);
    }
}
