//! Where a function keeps the last known good states and its notes.

use crate::aws::dynamodb::Table;
use crate::engine::family::Counter;
use crate::engine::memory::{Memory, MemoryError, NoMemory, is_note};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where states are kept: the ledger, where there is one.
#[derive(Clone, Debug)]
pub enum Store {
    /// The ledger.
    Table(Table),
    /// Nowhere.
    None,
}

impl Memory for Store {
    async fn recall(&self, name: &str) -> Result<Option<String>, MemoryError> {
        match self {
            Self::Table(table) => table.recall(name).await,
            // Notes are for minutes: a process that has no ledger keeps its own.
            Self::None if is_note(name) => Ok(notes().get(name).cloned()),
            Self::None => NoMemory.recall(name).await,
        }
    }

    async fn keep(&self, name: &str, state: &str) -> Result<(), MemoryError> {
        match self {
            Self::Table(table) => table.keep(name, state).await,
            Self::None if is_note(name) => {
                notes().insert(name.to_owned(), state.to_owned());
                Ok(())
            }
            Self::None => NoMemory.keep(name, state).await,
        }
    }

    async fn count(&self, counter: &Counter) -> Result<Option<u64>, MemoryError> {
        match self {
            Self::Table(table) => table.count(counter).await,
            Self::None => NoMemory.count(counter).await,
        }
    }
}

/// The notes of this process.
fn notes() -> MutexGuard<'static, BTreeMap<String, String>> {
    static NOTES: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let mut notes = NOTES.lock().unwrap_or_else(PoisonError::into_inner);
    // More than that is no account's renames: what is left then is found by the ledger and the sweep.
    if notes.len() > 1000 {
        notes.clear();
    }
    notes
}
