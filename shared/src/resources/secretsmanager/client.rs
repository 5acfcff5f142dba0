//! Secrets Manager: the client of its resources.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;

/// The Secrets Manager API of one account and region.
#[derive(Clone, Debug)]
pub struct SecretsManager {
    pub(super) client: Client,
}

impl SecretsManager {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}
