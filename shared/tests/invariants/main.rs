//! What must hold whatever happens, shown on generated sequences of changes, records, repeated, reordered, late and forged ones,
//! operator actions and faults, on an account whose reads lag and in which somebody writes between a read and a write:
//!
//! - no call leaves a state more permissive than what stood, or than what its owner has allowed and policy allows;
//! - no state that complies is changed, or the overwritten change is reported;
//! - every opening that policy forbids is closed or reported within one delivery of its record, and closed in the end;
//! - nothing is reported as closed that is open.
//!
//! `SEQUENCES=1000000 cargo test -p shared --release --test invariants` plays as many of each family; `FIRST=n` begins at another
//! seed. The number is small where nothing is said.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]
#![allow(unreachable_pub, dead_code, reason = "the world is shared by test files that each use a part of it")]

mod account;
mod console;
mod groups;
mod overwritten;
mod random;
mod story;
mod trusts;
#[path = "../world/mod.rs"]
mod world;

use shared::families::instance::SerialConsole;
use shared::families::role_trust::RoleTrusts;
use shared::families::security_group::SecurityGroups;
use story::{Story, play};

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

fn hold<F: Story>() {
    let (first, count) = (number("FIRST", 0), number("SEQUENCES", 400));
    for seed in first..first + count {
        if let Err(broken) = play::<F>(seed) {
            panic!("seed {}: {}\n{}", broken.seed, broken.promise, broken.log.join("\n"));
        }
    }
}

#[test]
fn security_groups() {
    hold::<SecurityGroups>();
}

#[test]
fn serial_console() {
    hold::<SerialConsole>();
}

#[test]
fn trust_policies() {
    hold::<RoleTrusts>();
}
