//! SQS: the client of its resources. The queue of the dead letters is `aws/sqs.rs`.

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;

/// The SQS API of one account and region.
#[derive(Clone, Debug)]
pub struct Sqs {
    pub(super) client: Client,
}

impl Sqs {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}
