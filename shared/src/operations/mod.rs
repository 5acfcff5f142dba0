//! What a deployment needs around the engine: the ledger and what is believed of it, circuit breakers, bursts, the channel, sweeps
//! over many runs, and what an operator does with findings.

pub mod brakes;
pub mod bursts;
pub mod channel;
pub mod deadline;
pub mod deferral;
pub mod incoming;
pub mod ledger;
pub mod metrics;
#[cfg(feature = "dynamodb")]
pub mod operate;
pub mod report;
pub mod reporting;
pub mod signature;
pub mod sweeps;
