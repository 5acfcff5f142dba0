//! Amazon SQS: queues.

#[cfg(feature = "sqs")]
pub(crate) mod client;
pub mod queue_policy;

pub use queue_policy::QueuePolicies;
