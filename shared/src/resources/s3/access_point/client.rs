//! Access points: their policies, and what neutralises these.

use super::{AccessPoints, GET, GET_POINT, LIST_POINTS, parts};
use crate::aws::{FailureKind, done, failure, sts};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::s3::block::Block;
use crate::resources::s3::control::client::S3Control;
use aws_sdk_s3control::operation::get_access_point::GetAccessPointOutput;
use aws_sdk_s3control::types::PublicAccessBlockConfiguration;

serves_policies!(S3Control: AccessPoints);

/// Access points of a page: each is read for itself.
const PAGE: i32 = 200;

/// An access point without its policy.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::resources::s3) struct Point {
    /// Its own public access block; none where the answer shows none.
    pub(in crate::resources::s3) block: Option<Block>,
    /// The VPC that it is limited to.
    pub(in crate::resources::s3) vpc: Option<String>,
    /// Its bucket, and the account that owns that.
    pub(in crate::resources::s3) bucket: Option<String>,
    owner: Option<String>,
}

fn block(configuration: &PublicAccessBlockConfiguration) -> Block {
    Block {
        acls: configuration.block_public_acls() == Some(true),
        ignores_acls: configuration.ignore_public_acls() == Some(true),
        policy: configuration.block_public_policy() == Some(true),
        restricts: configuration.restrict_public_buckets() == Some(true),
    }
}

fn point(answer: &GetAccessPointOutput) -> Point {
    Point {
        block: answer.public_access_block_configuration().map(block),
        vpc: answer.vpc_configuration().map(|vpc| vpc.vpc_id().to_owned()),
        bucket: answer.bucket().map(str::to_owned),
        owner: answer.bucket_account_id().map(str::to_owned),
    }
}

impl S3Control {
    /// An access point without its policy.
    pub(in crate::resources::s3) async fn point(&self, arn: &str) -> Result<Observed<Point>, ReadError> {
        let (account, name) = parts(arn);
        match self.client.get_access_point().account_id(account).name(name).send().await {
            Ok(answer) => Ok(Observed::Known(point(&answer))),
            Err(error) => failure(&error).of_read(GET_POINT.action),
        }
    }

    /// The ARNs of a page of the region's access points.
    pub(in crate::resources::s3) async fn points(
        &self,
        from: Option<&str>,
    ) -> Result<Observed<Listed<String>>, ReadError> {
        let account = match sts::caller(&self.config).await {
            Ok(caller) => caller.account,
            Err(error) => return Err(ReadError { why: error.to_string() }),
        };
        let call = self.client.list_access_points().account_id(account).max_results(PAGE);
        let answer = match call.set_next_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_POINTS.action),
        };
        let arns = answer.access_point_list().iter().filter_map(|point| point.access_point_arn().map(str::to_owned));
        Ok(Observed::Known(Listed { found: arns.collect(), next: answer.next_token.clone() }))
    }

    /// The document; none where the access point has none.
    async fn point_policy(&self, arn: &str) -> Result<Observed<Option<String>>, ReadError> {
        let (account, name) = parts(arn);
        match self.client.get_access_point_policy().account_id(account).name(name).send().await {
            Ok(answer) => Ok(Observed::Known(answer.policy)),
            Err(error) => match failure(&error) {
                failure if failure.kind == FailureKind::NotThere && failure.code == "NoSuchAccessPointPolicy" => {
                    Ok(Observed::Known(None))
                }
                failure => failure.of_read(GET.action),
            },
        }
    }

    /// What makes a public policy of an access point ineffective.
    async fn shield(&self, account: &str, point: &Observed<Point>) -> Result<Observed<String>, ReadError> {
        let restricts = |block: Option<Block>| block.is_some_and(|block| block.restricts);
        let why =
            |whose: &str| Ok(Observed::Known(format!("the public access block of {whose} restricts public buckets")));
        let bucket = match point {
            Observed::Known(Point { vpc: Some(vpc), .. }) => {
                return Ok(Observed::Known(format!("the access point is limited to {vpc}")));
            }
            Observed::Known(point) if restricts(point.block) => return why("the access point"),
            // The block of another account's bucket is not this account's to read.
            Observed::Known(Point { bucket: Some(bucket), owner, .. })
                if owner.as_ref().is_none_or(|owner| owner == account) =>
            {
                Ok(bucket)
            }
            Observed::Known(_) | Observed::Absent => Err("the bucket is not the account's own".to_owned()),
            Observed::Unknown { why } => Err(why.clone()),
        };
        let own = self.account_block(account).await?;
        if own.known().copied().is_some_and(restricts) {
            return why("the account");
        }
        let bucket = match bucket {
            Ok(bucket) => self.block(bucket).await?,
            Err(why) => Observed::Unknown { why },
        };
        Ok(match (bucket, own) {
            (Observed::Known(block), _) if restricts(block) => return why("the bucket"),
            (Observed::Unknown { why }, _) | (_, Observed::Unknown { why }) => Observed::Unknown { why },
            (Observed::Known(_) | Observed::Absent, Observed::Known(_) | Observed::Absent) => Observed::Absent,
        })
    }
}

impl PolicyClient<AccessPoints> for S3Control {
    async fn read(&self, arn: &String, _: ReadDepth) -> Result<Observed<Read>, ReadError> {
        let (policy, point) = futures_util::future::try_join(self.point_policy(arn), self.point(arn)).await?;
        let policy = match policy {
            Observed::Known(policy) => policy,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        // Without a policy there is nothing to neutralise.
        let shield = if policy.is_none() { Observed::Absent } else { self.shield(parts(arn).0, &point).await? };
        Ok(Observed::Known(Read { shield, ..Read::of(policy) }))
    }

    async fn write(
        &self,
        arn: &String,
        document: Option<&str>,
        _: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        let (account, name) = parts(arn);
        match document {
            Some(document) => {
                let call = self.client.put_access_point_policy().account_id(account).name(name).policy(document);
                done(call.send().await, permission)
            }
            None => {
                let call = self.client.delete_access_point_policy().account_id(account).name(name);
                done(call.send().await, permission)
            }
        }
    }

    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<String>>, ReadError> {
        self.points(from).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3control::types::VpcConfiguration;

    #[test]
    fn an_access_point_is_read() {
        let flags = PublicAccessBlockConfiguration::builder().restrict_public_buckets(true).build();
        let vpc = VpcConfiguration::builder().vpc_id("vpc-1").build().unwrap();
        let answer = GetAccessPointOutput::builder().public_access_block_configuration(flags).vpc_configuration(vpc);
        let read = point(&answer.bucket("orders").build());
        assert_eq!(read.block, Some(Block { restricts: true, ..Block::default() }));
        assert_eq!((read.vpc.as_deref(), read.bucket.as_deref(), read.owner), (Some("vpc-1"), Some("orders"), None));
    }
}
