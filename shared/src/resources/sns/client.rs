//! SNS: the client of its resources. The channel that findings are published to is `aws/sns.rs`.

use aws_config::SdkConfig;
use aws_sdk_sns::Client;

/// The SNS API of one account and region.
#[derive(Clone, Debug)]
pub struct Sns {
    pub(super) client: Client,
}

impl Sns {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}
