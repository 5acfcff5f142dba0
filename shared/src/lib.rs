//! What every Parapet function shares: it judges account changes against named guardrails, closes what is
//! open with the smallest change that does it, keeps the way back, and tells the security channel.
//!
//! Read `docs/architecture.md` first. The flow is one line:
//! event → locate → observe → judge → decide → apply → look again → notify.
//! Everything up to *apply* is pure; the modules under [`aws`] and [`lambda`] are the only ones that name an SDK,
//! each behind a feature that is off by default.

pub mod brakes;
pub mod bursts;
pub mod channel;
pub mod deadline;
pub mod deferral;
pub mod event;
pub mod families;
pub mod finding;
pub mod guardrails;
pub mod incoming;
pub mod ledger;
pub mod memory;
pub mod metrics;
pub mod model;
pub mod net;
pub mod notify;
pub mod orders;
pub mod pipeline;
pub mod plan;
pub mod policy;
pub mod report;
pub mod reporting;
pub mod signature;
pub mod sweeps;
pub mod verdict;

#[cfg(feature = "sdk")]
pub mod aws;
#[cfg(feature = "lambda")]
pub mod lambda;
#[cfg(feature = "dynamodb")]
pub mod operate;
#[cfg(feature = "dynamodb")]
pub mod service;
