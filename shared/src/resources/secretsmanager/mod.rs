//! AWS Secrets Manager: secrets.

#[cfg(feature = "secretsmanager")]
pub(crate) mod client;
mod record;
pub mod secret;
pub mod secret_policy;

pub use secret::SecretStates;
pub use secret_policy::SecretPolicies;
