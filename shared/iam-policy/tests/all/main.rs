//! Every integration test of the analyser, in one binary: `cargo test -p iam-policy-analyser --test all MODULE`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

mod adversarial;
mod defects;
mod generator;
mod managed_policies;
mod power;
mod reach;
mod repair;
mod soundness;
