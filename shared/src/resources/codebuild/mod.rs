//! AWS CodeBuild: projects.

pub mod project_visibility;
pub mod webhook;

pub use project_visibility::ProjectVisibilities;
pub use webhook::Webhooks;

use crate::engine::request::{Api, Means, Protocol};

/// The service's name in records.
pub(crate) const SOURCE: &str = "codebuild.amazonaws.com";

/// "AWS CodeBuild API reference".
pub const CODEBUILD: Api = Api {
    signed_as: "codebuild",
    host: "codebuild",
    protocol: Protocol::Json { version: "1.1", target: "CodeBuild_20161006" },
    errors: &[("ResourceNotFoundException", Means::NotThere)],
};
