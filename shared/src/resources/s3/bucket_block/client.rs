//! The public access block of buckets.

use super::{BucketBlocks, GET_BLOCK};
use crate::aws::{done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::block::Block;
use crate::resources::s3::client::{S3, unset};
use crate::resources::s3::document::{Held, Of, Write};
use aws_sdk_s3::types::PublicAccessBlockConfiguration;

impl Observe<BucketBlocks> for S3 {
    async fn observe(&self, key: &Of<Option<Block>>, _: ReadDepth) -> Result<Observed<Held<Option<Block>>>, ReadError> {
        match self.client.get_public_access_block().bucket(&key.name).send().await {
            Ok(answer) => {
                let block = answer.public_access_block_configuration.as_ref().map(block);
                Ok(Observed::Known(Held::of(key, block)))
            }
            Err(error) => unset(failure(&error), key, None, GET_BLOCK.action),
        }
    }
}

impl Apply<Write<BucketBlocks>> for S3 {
    async fn apply(&self, action: &Write<BucketBlocks>) -> Result<Applied, ApplyError> {
        self.put_block(&action.name, action.value, action.permission()).await
    }
}

impl S3 {
    /// Writes the block of a bucket; deletes it where there is to be none.
    pub(in crate::resources::s3) async fn put_block(
        &self,
        bucket: &str,
        block: Option<Block>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        let Some(block) = block else {
            return done(self.client.delete_public_access_block().bucket(bucket).send().await, permission);
        };
        let configuration = PublicAccessBlockConfiguration::builder()
            .block_public_acls(block.acls)
            .ignore_public_acls(block.ignores_acls)
            .block_public_policy(block.policy)
            .restrict_public_buckets(block.restricts)
            .build();
        let call = self.client.put_public_access_block().bucket(bucket);
        done(call.public_access_block_configuration(configuration).send().await, permission)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_that_is_not_there_is_off() {
        let some = PublicAccessBlockConfiguration::builder().block_public_acls(true).build();
        assert_eq!(block(&some), Block { acls: true, ..Block::default() });
    }
}
