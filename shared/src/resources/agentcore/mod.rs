//! Amazon Bedrock AgentCore: runtimes and gateways.

pub mod resource_policy;

pub use resource_policy::AgentPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon Bedrock AgentCore Control Plane API reference".
pub const AGENTCORE: Api = Api {
    signed_as: "bedrock-agentcore",
    host: "bedrock-agentcore-control",
    protocol: Protocol::Rest,
    errors: &[("ResourceNotFoundException", Means::NotThere), ("InternalServerException", Means::Transient)],
};
