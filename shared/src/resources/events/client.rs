//! EventBridge: the client of its resources.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;

/// The EventBridge API of one account and region.
#[derive(Clone, Debug)]
pub struct Events {
    pub(super) client: Client,
}

impl Events {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}
