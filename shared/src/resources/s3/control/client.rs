//! S3 Control: settings of the account.

use aws_config::SdkConfig;
use aws_sdk_s3control::Client;

/// The S3 Control API of one account and region.
#[derive(Clone, Debug)]
pub struct S3Control {
    pub(in crate::resources::s3) client: Client,
    /// Whose account it is shows by these credentials: its calls name the account.
    pub(in crate::resources::s3) config: SdkConfig,
}

impl S3Control {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config), config: config.clone() }
    }
}
