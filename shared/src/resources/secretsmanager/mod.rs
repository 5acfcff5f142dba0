//! AWS Secrets Manager: secrets.

#[cfg(feature = "secretsmanager")]
pub(crate) mod client;
pub mod secret_policy;

pub use secret_policy::SecretPolicies;
