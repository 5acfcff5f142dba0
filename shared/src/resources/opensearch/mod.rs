//! Amazon OpenSearch Service: domains, of Elasticsearch as well.

pub mod domain_policy;

pub use domain_policy::DomainPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon OpenSearch Service API reference". It serves domains of both engines.
pub const OPENSEARCH: Api = Api {
    signed_as: "es",
    host: "es",
    protocol: Protocol::Rest,
    errors: &[("ResourceNotFoundException", Means::NotThere), ("InternalException", Means::Transient)],
};
