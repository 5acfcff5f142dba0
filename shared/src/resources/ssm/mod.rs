//! AWS Systems Manager: documents.

pub mod document;
pub mod public_sharing;
pub mod resource_policy;

pub use document::DocumentShares;
pub use public_sharing::PublicSharing;
pub use resource_policy::SsmPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// The service's name in records.
pub(crate) const SOURCE: &str = "ssm.amazonaws.com";

/// "AWS Systems Manager API reference".
pub const SSM: Api = Api {
    signed_as: "ssm",
    host: "ssm",
    protocol: Protocol::Json { version: "1.1", target: "AmazonSSM" },
    errors: &[
        ("InvalidDocument", Means::NotThere),
        ("TooManyUpdates", Means::Transient),
        ("InternalServerError", Means::Transient),
    ],
};
