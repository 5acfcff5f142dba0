//! The client, the ledger and the clock that the pipeline works with, with their types hidden.

use super::{Answer, AnyAction, AnyKey, AnyState, AnyTarget, hide};
use crate::engine::family::{Counter, Family, Observe, ReadDepth, ReadError};
use crate::engine::memory::{Memory, MemoryError};
use crate::engine::observed::Observed;
use crate::engine::pipeline::Clock;
use crate::engine::plan::{Applied, Apply, ApplyError};
use crate::engine::span::Span;
use jiff::Timestamp;
use std::marker::PhantomData;
use std::time::Duration;

/// What reads and writes; see [`Observe`] and [`Apply`].
pub(crate) trait AnyWorld: Sync {
    fn observe<'a>(&'a self, key: &'a AnyKey, depth: ReadDepth) -> Answer<'a, Result<Observed<AnyState>, ReadError>>;
    fn spread<'a>(&'a self, span: &'a Span) -> Answer<'a, Result<Observed<Vec<AnyTarget>>, ReadError>>;
    fn call<'a>(&'a self, action: &'a AnyAction) -> Answer<'a, Result<Applied, ApplyError>>;
}

/// The world of the family `F`.
pub(crate) struct Hidden<'a, F, W>(&'a W, PhantomData<fn() -> F>);

impl<'a, F, W> Hidden<'a, F, W> {
    pub(crate) fn new(_: &F, world: &'a W) -> Self {
        Self(world, PhantomData)
    }
}

impl<F: Family, W: Observe<F> + Apply<F::Action>> AnyWorld for Hidden<'_, F, W> {
    fn observe<'a>(&'a self, key: &'a AnyKey, depth: ReadDepth) -> Answer<'a, Result<Observed<AnyState>, ReadError>> {
        Box::pin(async move { Ok(self.0.observe(key.of(), depth).await?.map(AnyState::new)) })
    }

    fn spread<'a>(&'a self, span: &'a Span) -> Answer<'a, Result<Observed<Vec<AnyTarget>>, ReadError>> {
        Box::pin(async move { Ok(self.0.spread(span).await?.map(|found| found.into_iter().map(hide::<F>).collect())) })
    }

    fn call<'a>(&'a self, action: &'a AnyAction) -> Answer<'a, Result<Applied, ApplyError>> {
        Box::pin(self.0.apply(action.of()))
    }
}

impl Apply<AnyAction> for dyn AnyWorld + '_ {
    async fn apply(&self, action: &AnyAction) -> Result<Applied, ApplyError> {
        self.call(action).await
    }
}

/// Where nothing can be read or done.
pub(crate) struct NoWorld;

impl AnyWorld for NoWorld {
    fn observe<'a>(&'a self, _: &'a AnyKey, _: ReadDepth) -> Answer<'a, Result<Observed<AnyState>, ReadError>> {
        Box::pin(async { Ok(Observed::Unknown { why: "nothing can be read here".to_owned() }) })
    }

    fn spread<'a>(&'a self, _: &'a Span) -> Answer<'a, Result<Observed<Vec<AnyTarget>>, ReadError>> {
        Box::pin(async { Ok(Observed::Unknown { why: "nothing can be read here".to_owned() }) })
    }

    fn call<'a>(&'a self, _: &'a AnyAction) -> Answer<'a, Result<Applied, ApplyError>> {
        Box::pin(async { Ok(Applied { request_id: None, is_rehearsal: true }) })
    }
}

/// Time; see [`Clock`].
pub(crate) trait AnyClock: Sync {
    fn now(&self) -> Timestamp;
    fn pause(&self, time: Duration) -> Answer<'_, ()>;
}

impl<C: Clock> AnyClock for C {
    fn now(&self) -> Timestamp {
        Clock::now(self)
    }

    fn pause(&self, time: Duration) -> Answer<'_, ()> {
        Box::pin(Clock::pause(self, time))
    }
}

/// The last known good states; see [`Memory`].
pub(crate) trait AnyMemory: Sync {
    fn recall<'a>(&'a self, name: &'a str) -> Answer<'a, Result<Option<String>, MemoryError>>;
    fn keep<'a>(&'a self, name: &'a str, state: &'a str) -> Answer<'a, Result<(), MemoryError>>;
    fn count<'a>(&'a self, counter: &'a Counter) -> Answer<'a, Result<Option<u64>, MemoryError>>;
}

impl<M: Memory> AnyMemory for M {
    fn recall<'a>(&'a self, name: &'a str) -> Answer<'a, Result<Option<String>, MemoryError>> {
        Box::pin(Memory::recall(self, name))
    }

    fn keep<'a>(&'a self, name: &'a str, state: &'a str) -> Answer<'a, Result<(), MemoryError>> {
        Box::pin(Memory::keep(self, name, state))
    }

    fn count<'a>(&'a self, counter: &'a Counter) -> Answer<'a, Result<Option<u64>, MemoryError>> {
        Box::pin(Memory::count(self, counter))
    }
}
