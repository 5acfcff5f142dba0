//! The public access block of the account.

use super::{AccountBlock, GET_ACCOUNT_BLOCK};
use crate::aws::{FailureKind, done, failure, sts};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::block::Block;
use crate::resources::s3::control::client::S3Control;
use crate::resources::s3::document::{Held, Of, Write};
use aws_sdk_s3control::types::PublicAccessBlockConfiguration;

impl Observe<AccountBlock> for S3Control {
    async fn observe(&self, key: &Of<Option<Block>>, _: ReadDepth) -> Result<Observed<Held<Option<Block>>>, ReadError> {
        match self.client.get_public_access_block().account_id(&key.name).send().await {
            Ok(answer) => {
                let block = answer.public_access_block_configuration.as_ref().map(block);
                Ok(Observed::Known(Held::of(key, block)))
            }
            // An account that never had one says so.
            Err(error) => match failure(&error) {
                failure if failure.kind == FailureKind::NotThere => Ok(Observed::Known(Held::of(key, None))),
                failure => failure.of_read(GET_ACCOUNT_BLOCK.action),
            },
        }
    }
}

impl List<AccountBlock> for S3Control {
    /// One page, with the one setting of the account whose credentials these are.
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<AccountBlock>>, ReadError> {
        let account = match sts::caller(&self.config).await {
            Ok(caller) => caller.account,
            Err(error) => return Err(ReadError { why: error.to_string() }),
        };
        let key = Of::new(account, false);
        let seen = Observe::<AccountBlock>::observe(self, &key, ReadDepth::Full).await?;
        Ok(Observed::Known(Page { found: vec![(key, seen)], next: None }))
    }
}

impl Apply<Write<AccountBlock>> for S3Control {
    async fn apply(&self, action: &Write<AccountBlock>) -> Result<Applied, ApplyError> {
        match action.value {
            Some(block) => {
                let configuration = PublicAccessBlockConfiguration::builder()
                    .block_public_acls(block.acls)
                    .ignore_public_acls(block.ignores_acls)
                    .block_public_policy(block.policy)
                    .restrict_public_buckets(block.restricts)
                    .build();
                let call = self.client.put_public_access_block().account_id(&action.name);
                done(call.public_access_block_configuration(configuration).send().await, action.permission())
            }
            None => {
                let call = self.client.delete_public_access_block().account_id(&action.name);
                done(call.send().await, action.permission())
            }
        }
    }
}

pub(in crate::resources::s3) fn block(configuration: &PublicAccessBlockConfiguration) -> Block {
    Block {
        acls: configuration.block_public_acls() == Some(true),
        ignores_acls: configuration.ignore_public_acls() == Some(true),
        policy: configuration.block_public_policy() == Some(true),
        restricts: configuration.restrict_public_buckets() == Some(true),
    }
}
