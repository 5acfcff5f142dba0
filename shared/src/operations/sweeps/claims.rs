//! Who works on a step of a sweep, and how far they are.

use super::{Order, Position};
use crate::operations::ledger::LedgerError;
use jiff::Timestamp;
use std::future::Future;
use thiserror::Error;

/// The name of a step's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(pub String);

impl Key {
    /// The entry of this step of a function's sweep.
    #[must_use]
    pub fn of(function: &str, order: &Order) -> Self {
        Self(format!("sweep#{function}#{}#{}", order.id, order.step))
    }
}

/// The answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The step is this run's. Where an earlier try of the same run, or one that died, had come to.
    Mine(Option<Position>),
    /// Another run works on it.
    Taken,
    /// It is done, and handed on.
    Done,
}

/// Why a claim could not be made or noted.
#[derive(Debug, Error)]
pub enum ClaimError {
    /// The ledger does not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What it holds of the step cannot be read.
    #[error("how far the sweep was cannot be read: {0}")]
    Unreadable(#[source] serde_json::Error),
    /// What it would hold of the step cannot be written.
    #[error("how far the sweep is cannot be written: {0}")]
    Unwritable(#[source] serde_json::Error),
}

/// Where steps are claimed.
pub trait Claims: Sync {
    /// Claims a step for `owner` until `until`, by which time Lambda has ended its run. A claim holds against others until
    /// then; the same owner (a repeated try of the same invocation) gets it again.
    fn claim(
        &self,
        key: &Key,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Claim, ClaimError>> + Send;

    /// Notes how far the owner is.
    fn advance(&self, key: &Key, owner: &str, at: &Position) -> impl Future<Output = Result<(), ClaimError>> + Send;

    /// Notes that the step is done.
    fn finish(&self, key: &Key, owner: &str) -> impl Future<Output = Result<(), ClaimError>> + Send;
}

/// There is no ledger: a step belongs to the process that it is handed to. The day and the number of steps bound the sweep even so, and the
/// names of the schedules keep it from forking while a step waits.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClaims;

impl Claims for NoClaims {
    async fn claim(&self, _: &Key, _: &str, _: Timestamp, _: Timestamp) -> Result<Claim, ClaimError> {
        Ok(Claim::Mine(None))
    }

    async fn advance(&self, _: &Key, _: &str, _: &Position) -> Result<(), ClaimError> {
        Ok(())
    }

    async fn finish(&self, _: &Key, _: &str) -> Result<(), ClaimError> {
        Ok(())
    }
}
