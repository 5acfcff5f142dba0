//! EC2: the client that all of its resources share, each in a module of its own.

use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::setting::{OfAccount, Setting};
use aws_config::SdkConfig;
use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::Tag;

/// The EC2 API of one account and region.
#[derive(Clone, Debug)]
pub struct Ec2 {
    pub(super) client: Client,
    pub(super) image_block: super::image_block_public_access::client::Accepted,
}

/// The tag that CloudFormation puts on what a stack makes, and that no other caller can put there.
pub(crate) fn stack(tags: &[Tag]) -> Option<String> {
    let tag = tags.iter().find(|tag| tag.key() == Some("aws:cloudformation:stack-id"))?;
    tag.value().map(str::to_owned)
}

impl Ec2 {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config), image_block: super::image_block_public_access::client::Accepted::default() }
    }
}

pub(crate) fn id_of(answer: &impl RequestId) -> Option<String> {
    answer.request_id().map(str::to_owned)
}

/// A setting of the account in the region: one page, with the one setting.
impl<S: Setting<Key = OfAccount>> List<S> for Ec2
where
    Self: Observe<S>,
{
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<S>>, ReadError> {
        let seen = Observe::<S>::observe(self, &OfAccount {}, ReadDepth::Full).await?;
        Ok(Observed::Known(Page { found: vec![(OfAccount {}, seen)], next: None }))
    }
}
