//! Amazon SNS: topics.

#[cfg(feature = "sns")]
pub(crate) mod client;
pub mod topic_policy;

pub use topic_policy::TopicPolicies;
