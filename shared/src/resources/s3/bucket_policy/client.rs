//! Policies of buckets, and the blocks that stand before them.

use super::{Bucket, Buckets, GET, written};
use crate::aws::{FailureKind, done, failure, sts};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::s3::account_block::GET_ACCOUNT_BLOCK;
use crate::resources::s3::block::Block;
use crate::resources::s3::bucket_block::GET_BLOCK;
use crate::resources::s3::control::client::S3Control;
use crate::resources::s3::{LIST_BUCKETS, account_block, bucket_block};

serves_policies!(S3Control: Buckets);

/// Buckets of a page: each is read for itself.
const PAGE: i32 = 200;

impl S3Control {
    /// The document; `Absent` where the bucket has none.
    async fn policy(&self, bucket: &str) -> Result<Observed<Option<String>>, ReadError> {
        match self.buckets.client.get_bucket_policy().bucket(bucket).send().await {
            Ok(answer) => Ok(Observed::Known(answer.policy)),
            Err(error) => match failure(&error) {
                failure if failure.code == "NoSuchBucketPolicy" => Ok(Observed::Known(None)),
                failure => failure.of_read(GET.action),
            },
        }
    }

    pub(in crate::resources::s3) async fn block(&self, bucket: &str) -> Result<Observed<Option<Block>>, ReadError> {
        match self.buckets.client.get_public_access_block().bucket(bucket).send().await {
            Ok(answer) => {
                Ok(Observed::Known(answer.public_access_block_configuration().map(bucket_block::client::block)))
            }
            Err(error) => match failure(&error) {
                failure if failure.kind == FailureKind::NotThere => Ok(Observed::Known(None)),
                failure => failure.of_read(GET_BLOCK.action),
            },
        }
    }

    pub(in crate::resources::s3) async fn account_block(
        &self,
        account: &str,
    ) -> Result<Observed<Option<Block>>, ReadError> {
        match self.client.get_public_access_block().account_id(account).send().await {
            Ok(answer) => {
                Ok(Observed::Known(answer.public_access_block_configuration().map(account_block::client::block)))
            }
            Err(error) => match failure(&error) {
                failure if failure.kind == FailureKind::NotThere => Ok(Observed::Known(None)),
                failure => failure.of_read(GET_ACCOUNT_BLOCK.action),
            },
        }
    }

    /// Whether it serves a website, for a person.
    async fn website(&self, bucket: &str) -> Vec<String> {
        let said = match self.buckets.client.get_bucket_website().bucket(bucket).send().await {
            Ok(_) => "the bucket serves a website".to_owned(),
            Err(error) => match failure(&error) {
                failure if failure.kind == FailureKind::NotThere => return Vec::new(),
                failure => format!("whether the bucket serves a website is unknown: {failure}"),
            },
        };
        vec![said]
    }
}

/// What makes a public policy ineffective.
fn shield(own: &Observed<Option<Block>>, account: &Observed<Option<Block>>) -> Observed<String> {
    let restricts =
        |block: &Observed<Option<Block>>| block.known().is_some_and(|block| block.is_some_and(|block| block.restricts));
    let why = |whose: &str| Observed::Known(format!("the public access block of {whose} restricts public buckets"));
    match (own, account) {
        (own, _) if restricts(own) => why("the bucket"),
        (_, account) if restricts(account) => why("the account"),
        (Observed::Unknown { why }, _) | (_, Observed::Unknown { why }) => Observed::Unknown { why: why.clone() },
        (Observed::Known(_) | Observed::Absent, Observed::Known(_) | Observed::Absent) => Observed::Absent,
    }
}

impl PolicyClient<Buckets> for S3Control {
    async fn read(&self, bucket: &Bucket, depth: ReadDepth) -> Result<Observed<Read>, ReadError> {
        let Bucket { name, account } = bucket;
        let reads = (self.policy(name), self.block(name), self.account_block(account));
        let (policy, own, account) = futures_util::future::try_join3(reads.0, reads.1, reads.2).await?;
        let policy = match policy {
            Observed::Known(policy) => policy,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let felt = match depth {
            ReadDepth::Full => self.website(name).await,
            ReadDepth::Quick => Vec::new(),
        };
        let setting = own.known().map(|block| written(*block));
        Ok(Observed::Known(Read { shield: shield(&own, &account), setting, felt, ..Read::of(policy) }))
    }

    async fn write(
        &self,
        bucket: &Bucket,
        document: Option<&str>,
        _: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        match document {
            Some(document) => {
                let call = self.buckets.client.put_bucket_policy().bucket(&bucket.name).policy(document);
                done(call.send().await, permission)
            }
            None => {
                let answer = self.buckets.client.delete_bucket_policy().bucket(&bucket.name).send().await;
                done(answer, permission)
            }
        }
    }

    async fn set_shield(
        &self,
        bucket: &Bucket,
        setting: &str,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        self.buckets.put_block(&bucket.name, super::read(setting), permission).await
    }

    /// The buckets of the region, as those of the account whose credentials these are.
    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<Bucket>>, ReadError> {
        let account = match sts::caller(&self.config).await {
            Ok(caller) => caller.account,
            Err(error) => return Err(ReadError { why: error.to_string() }),
        };
        let region = self.config.region().map(ToString::to_string);
        let call = self.buckets.client.list_buckets().max_buckets(PAGE).set_bucket_region(region);
        let answer = match call.set_continuation_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_BUCKETS.action),
        };
        let names = answer.buckets().iter().filter_map(|bucket| bucket.name().map(str::to_owned));
        let found = names.map(|name| Bucket { name, account: account.clone() }).collect();
        Ok(Observed::Known(Listed { found, next: answer.continuation_token }))
    }
}
