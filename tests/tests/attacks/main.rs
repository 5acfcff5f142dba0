//! Attacks that somebody who may change things in an account could try against the guardrails, each as a story with the real
//! function binaries against the local AWS: what must not happen does not happen.
//!
//! One module for each kind of attack; docs/security.md says what holds and what does not.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails says so by panicking"
)]

mod entrances;
mod forged;
mod ledger_written;
mod noise;
