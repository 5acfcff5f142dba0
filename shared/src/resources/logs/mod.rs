//! Amazon CloudWatch Logs: resource policies and destinations, protected log groups.

pub mod destination_policy;
pub mod protected;
pub mod protected_group;
pub mod resource_policy;
pub mod retention;

pub use destination_policy::DestinationPolicies;
pub use protected_group::ProtectedGroups;
pub use resource_policy::LogsPolicies;
pub use retention::LogGroupRetentions;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon CloudWatch Logs API reference".
pub const LOGS: Api = Api {
    signed_as: "logs",
    host: "logs",
    protocol: Protocol::Json { version: "1.1", target: "Logs_20140328" },
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("OperationAbortedException", Means::Transient),
        ("ServiceUnavailableException", Means::Transient),
    ],
};
