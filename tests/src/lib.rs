//! An AWS on loopback for tests, the demonstration and the benchmark: moto behind a proxy that counts, delays and breaks,
//! the real function binaries behind the real Lambda Runtime API, and the records that CloudTrail would deliver.
//!
//! Everything answers with a [`Result`] whose error a person can act on; tests unwrap, `make run` prints.

#![allow(clippy::indexing_slicing, reason = "indexing a `serde_json::Value` answers null for what is not there")]

pub mod aws;
pub mod bus;
pub mod channel;
pub mod cloudformation;
pub mod command;
pub mod databases;
pub mod demo;
pub mod deployed;
pub mod host;
pub mod http;
pub mod lab;
pub mod ledger;
pub mod many;
pub mod moto;
pub mod paths;
pub mod play;
pub mod proxy;
pub mod reader;
pub mod records;
pub mod resource_policies;
pub mod roles;
pub mod schedules;
pub mod stage;
pub mod standin;
pub mod story;
pub mod undo;
pub mod view;
pub mod world;

/// What went wrong, for a person.
pub type Problem = Box<dyn std::error::Error + Send + Sync>;

/// The answer of everything here.
pub type Result<T> = std::result::Result<T, Problem>;
