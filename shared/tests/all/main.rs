//! Every integration test of the library but for those beside its code, in one binary: `cargo test -p shared --test all MODULE`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]
#![allow(unreachable_pub, reason = "an item of a test binary is as good as private")]

mod asked;
mod assume;
mod believing;
mod commands;
mod corpora;
mod costs;
mod denies;
mod effects;
mod example;
mod fixtures;
mod flood;
mod hints;
mod instance;
mod invariants;
mod labelled_identity;
mod layout;
mod listing;
mod modes;
mod network;
mod noise;
mod overwriting;
mod own_calls;
mod pipeline;
mod policy_corpora;
mod recalling;
mod recorded_iam_users;
mod resource_policy;
mod size;
mod variants;
mod world;
