//! S3 Control: settings of the account.

use crate::resources::s3::client::S3;
use aws_config::SdkConfig;
use aws_sdk_s3control::Client;
use aws_sdk_s3control::config::Builder;
use aws_sdk_s3control::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};

/// The S3 Control API of one account and region.
#[derive(Clone, Debug)]
pub struct S3Control {
    pub(in crate::resources::s3) client: Client,
    /// Whose account it is shows by these credentials: its calls name the account.
    pub(in crate::resources::s3) config: SdkConfig,
    /// The buckets, which the account's block stands before.
    pub(in crate::resources::s3) buckets: S3,
}

impl S3Control {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: connect(config), config: config.clone(), buckets: S3::new(config) }
    }
}

/// The SDK's own client. An endpoint on loopback is called as it is written: it has no name for each account.
#[must_use]
pub fn connect(config: &SdkConfig) -> Client {
    let builder = Builder::from(config);
    let builder = match config.endpoint_url() {
        Some(url) => builder.endpoint_resolver(AsWritten(url.to_owned())),
        None => builder,
    };
    Client::from_conf(builder.build())
}

/// An endpoint as it is written: the SDK would put the account before its name.
#[derive(Debug)]
struct AsWritten(String);

impl ResolveEndpoint for AsWritten {
    fn resolve_endpoint(&self, _: &Params) -> EndpointFuture<'_> {
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).build()))
    }
}
