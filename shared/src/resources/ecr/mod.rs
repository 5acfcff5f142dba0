//! Amazon ECR: repositories and the registry that holds them.

#[cfg(feature = "ecr")]
pub(crate) mod client;
pub mod registry_policy;
pub mod repository_policy;

pub use registry_policy::RegistryPolicies;
pub use repository_policy::RepositoryPolicies;
