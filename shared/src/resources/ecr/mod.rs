//! Amazon ECR: repositories and the registry that holds them, and the repositories of ECR Public.

#[cfg(feature = "ecr")]
pub(crate) mod client;
pub mod public_repository_policy;
pub mod registry_policy;
pub mod repository_policy;

pub use public_repository_policy::PublicRepositoryPolicies;
pub use registry_policy::RegistryPolicies;
pub use repository_policy::RepositoryPolicies;
