//! AWS Glue: the Data Catalog.

pub mod catalog_policy;

pub use catalog_policy::CatalogPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "AWS Glue Web API reference".
pub const GLUE: Api = Api {
    signed_as: "glue",
    host: "glue",
    protocol: Protocol::Json { version: "1.1", target: "AWSGlue" },
    errors: &[
        ("EntityNotFoundException", Means::NotThere),
        ("ConditionCheckFailureException", Means::Changed),
        ("InternalServiceException", Means::Transient),
        ("OperationTimeoutException", Means::Transient),
    ],
};
