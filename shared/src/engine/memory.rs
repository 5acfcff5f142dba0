//! The last known good states: what cannot be read after the fact (a flow log that was deleted, the previous value of a
//! setting) is kept while it can be.
//!
//! Written after everything else, read before judging, and only for the families that need it.

use crate::engine::erased::{AnyFamily, AnyKey, AnyMemory, AnyState};
use crate::engine::family::Counter;
use crate::engine::observed::{Observed, Place};
use crate::engine::unavailable::Unavailable;
use std::future::Future;
use thiserror::Error;

/// What is kept where the last good state is known to have been another than the one that was kept.
pub(crate) const NOTHING: &str = "null";

/// Why it is unknown what was kept, or why something was not kept.
#[derive(Clone, Debug, Error)]
pub enum MemoryError {
    /// There is no store.
    #[error("there is no ledger (`PARAPET_LEDGER_TABLE`) that would have kept it")]
    NoStore,
    /// The store did not answer, or did not take it.
    #[error(transparent)]
    Store(#[from] Unavailable),
    /// Another principal may have written what is there.
    #[error("what the ledger keeps of it is not used: {0}")]
    NotBelieved(String),
}

/// Where states are kept, by name.
pub trait Memory: Sync {
    /// What was kept.
    fn recall(&self, name: &str) -> impl Future<Output = Result<Option<String>, MemoryError>> + Send;

    /// Keeps it in place of what was kept.
    fn keep(&self, name: &str, state: &str) -> impl Future<Output = Result<(), MemoryError>> + Send;

    /// Takes an event into a counter and answers its number: the same for the same event, and no other's. None where
    /// [`MOST_COUNTED`](crate::engine::family::MOST_COUNTED) came before it.
    fn count(&self, counter: &Counter) -> impl Future<Output = Result<Option<u64>, MemoryError>> + Send;
}

/// How the names of notes begin. They are no states: none is ever restored.
pub const NOTE: &str = "note#";
/// How the names of the calls begin that wrote over something: none of them is ever restored either.
pub(crate) const WROTE: &str = "wrote#";

/// Whether it is worth keeping for as long as a process lives: without a ledger, what comes of it within minutes is still noticed.
#[must_use]
pub fn is_note(name: &str) -> bool {
    name.starts_with(NOTE) || name.starts_with(WROTE)
}

/// Nothing is kept: there is no ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMemory;

impl Memory for NoMemory {
    async fn recall(&self, name: &str) -> Result<Option<String>, MemoryError> {
        // Without a memory nothing is written over: there is no note that could be missing.
        if is_note(name) {
            return Ok(None);
        }
        Err(MemoryError::NoStore)
    }

    async fn keep(&self, _: &str, _: &str) -> Result<(), MemoryError> {
        Ok(())
    }

    async fn count(&self, _: &Counter) -> Result<Option<u64>, MemoryError> {
        Err(MemoryError::NoStore)
    }
}

/// The whole name of what a family keeps about a resource. None for a family that keeps nothing.
pub(crate) fn name(family: &dyn AnyFamily, key: &AnyKey, place: &Place) -> Option<String> {
    let about = family.memory(key)?;
    Some(format!("kept#{}#{}#{}#{about}", family.kind(), place.account, place.region))
}

/// What was kept about a resource. None where the family needs no such thing for it.
pub(crate) async fn kept(
    family: &dyn AnyFamily,
    memory: &dyn AnyMemory,
    place: &Place,
    key: &AnyKey,
) -> Option<Observed<AnyState>> {
    let name = name(family, key, place).filter(|_| family.recalls(key))?;
    Some(match memory.recall(&name).await {
        Ok(None) => Observed::Absent,
        Ok(Some(text)) if text == NOTHING => Observed::Absent,
        Ok(Some(text)) => match serde_json::from_str(&text).and_then(|value| family.state_from(value)) {
            Ok(state) => Observed::Known(state),
            Err(error) => Observed::Unknown { why: format!("what was kept cannot be read: {error}") },
        },
        Err(error) => Observed::Unknown { why: error.to_string() },
    })
}
