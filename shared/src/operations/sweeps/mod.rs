//! A sweep over many runs: page after page, kind after kind, place after place, until the deadline nears; then a schedule
//! brings the rest back.
//!
//! A sweep has an id and ends within a day. Each of its steps is one run, claimed in the ledger: a schedule that fires twice, or
//! a payload that is handed over again, does not make two sweeps of one.

mod claims;
mod order;
mod route;
mod run;

pub use claims::{Claim, ClaimError, Claims, Key, NoClaims};
pub use order::{MOST_STEPS, Only, Order, OrderError, Position};
pub use route::Route;
pub use run::{Ended, Next, Page, PageError, Pages, Run, Step, StepError};

#[cfg(test)]
mod tests;
