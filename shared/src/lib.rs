//! What every Parapet function shares: it judges account changes against named guardrails, closes what is
//! open with the smallest change that does it, keeps what undoes it, and notifies the security channel.
//!
//! Read `docs/architecture.md` first. The flow is one line:
//! event → locate → observe → judge → decide → apply → look again → notify.
//! Everything up to *apply* is pure; the modules under [`aws`] and [`lambda`] are the only ones that name an SDK,
//! each behind a feature that is off by default.

pub mod engine;
pub mod net;
pub mod notify;
pub mod operations;
pub mod policy;
pub mod resources;

#[cfg(feature = "sdk")]
pub mod aws;
#[cfg(feature = "lambda")]
pub mod lambda;
