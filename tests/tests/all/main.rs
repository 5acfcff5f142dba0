//! Stories with the real SDK and the real function binaries against a local AWS, in one binary: each one would link every SDK.
//! A module has a local AWS of its own (`WORLD`), so that what one leaves behind is no other's business. What counts round trips wants
//! quiet and stands apart, in `own_events.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

mod attacks;
mod bad_input;
mod custom;
mod database;
mod doctor;
mod faults;
mod findings;
mod hub;
mod iam_policy;
mod iam_policy_enforced;
mod iam_trust;
mod iam_trust_enforced;
mod iam_user;
mod image_sharing;
mod instance;
mod instance_role;
mod kms;
mod least_privilege;
mod ledger;
mod network;
mod network_privilege;
mod operating;
mod own_parts;
mod requests;
mod resource_policy;
mod s3;
mod sign_in;
mod stories;
mod sweep;
mod template;
mod undo;
