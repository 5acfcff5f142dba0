//! Amazon EventBridge: event buses.

pub mod bus_policy;
#[cfg(feature = "events")]
pub(crate) mod client;

pub use bus_policy::BusPolicies;
