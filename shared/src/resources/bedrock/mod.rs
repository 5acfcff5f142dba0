//! Amazon Bedrock: custom models and guardrails.

pub mod resource_policy;

pub use resource_policy::BedrockPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon Bedrock API reference".
pub const BEDROCK: Api = Api {
    signed_as: "bedrock",
    host: "bedrock",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("ConflictException", Means::Transient),
        ("InternalServerException", Means::Transient),
    ],
};
