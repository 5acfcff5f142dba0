//! What is looked at: each check says which calls it needs, and judges their answers. None of them asks by itself.

#![allow(clippy::indexing_slicing, reason = "what a JSON value does not have is null")]

pub mod alive;
pub mod channel;
pub mod functions;
pub mod ledger;
pub mod policy;
pub mod regions;
pub mod roles;
pub mod rules;
pub mod stack;
pub mod trail;
