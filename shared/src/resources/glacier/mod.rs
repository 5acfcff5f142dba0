//! Amazon S3 Glacier: vaults of the service that is called by its own API, not by S3's storage classes.

pub mod vault_policy;

pub use vault_policy::GlacierVaultPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon S3 Glacier developer guide", API reference.
pub const GLACIER: Api = Api {
    signed_as: "glacier",
    host: "glacier",
    protocol: Protocol::Rest,
    errors: &[("ResourceNotFoundException", Means::NotThere), ("ServiceUnavailableException", Means::Transient)],
};
