//! Amazon Bedrock: custom models and guardrails, and what is logged of invocations.

pub mod guardrails_deleted;
pub mod invocation_logging;
pub mod resource_policy;

pub use guardrails_deleted::DeletedGuardrails;
pub use invocation_logging::InvocationLogging;
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
