//! Every integration test of the command, in one binary: `cargo test -p parapet --test all MODULE`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

mod analyze;
mod check;
mod corpora;
mod custom;
mod delivery;
mod documents;
mod exempt;
mod explain;
mod gate;
mod index;
mod integrations;
mod labelled;
mod odd_input;
mod policy;
mod recorded_attacks;
mod replay;
mod report;
mod reported_cases;
mod settled;
mod skipping;
mod support;
mod together;
