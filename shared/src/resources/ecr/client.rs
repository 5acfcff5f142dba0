//! ECR: the client of its resources.

use aws_config::SdkConfig;
use aws_sdk_ecr::Client;

/// The ECR API of one account and region.
#[derive(Clone, Debug)]
pub struct Ecr {
    pub(super) client: Client,
}

impl Ecr {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}
