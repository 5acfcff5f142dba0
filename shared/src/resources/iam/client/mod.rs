//! IAM: the client that all of its resources share, each in a module of its own.

pub(crate) mod details;
pub(crate) mod holdings;
mod versions;

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use std::sync::Arc;

/// The IAM API of one account.
#[derive(Clone, Debug)]
pub struct Iam {
    pub(super) client: Client,
    versions: Arc<versions::Versions>,
}

impl Iam {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config), versions: Arc::default() }
    }
}
