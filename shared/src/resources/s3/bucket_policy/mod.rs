//! S3-01 and S3-02: the policies of buckets.
//!
//! A public policy has no effect for strangers while the bucket's or the account's public access block restricts public buckets
//! (`RestrictPublicBuckets`). So the bucket's block is what closes it: merged with what it blocks already, and the policy stays as it is written.
//! An event that weakens a bucket's block is read as well: what was not effective before may be now.
//! Sources: "Blocking public access to your Amazon S3 storage", "Setting permissions for website access" (S3 user guide).

#[cfg(feature = "s3control")]
mod client;

use super::LIST_BUCKETS;
use super::account_block::GET_ACCOUNT_BLOCK;
use super::block::Block;
use super::bucket_block::{GET_BLOCK, PUT_BLOCK};
use super::record::{bucket_name, bucket_resource};
use super::website::GET_WEBSITE;
use crate::engine::resource_policy::prelude::*;
use crate::engine::setting::Subject;
use crate::policy::GuardrailSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ON: &[&str] = &["s3:::*"];
pub(crate) const GET: Permission = Permission::on("s3:GetBucketPolicy", ON);
pub(crate) const PUT: Permission = Permission::on("s3:PutBucketPolicy", ON);
pub(crate) const DELETE: Permission = Permission::on("s3:DeleteBucketPolicy", ON);

/// The block as a text where there is none.
const NO_BLOCK: &str = "none";

/// The policies of buckets.
pub type BucketPolicies = Policies<Buckets>;

/// Buckets, each by its name and the account that owns it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buckets;

/// A bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account that owns it: its block counts as well.
    pub account: String,
}

impl Subject for Bucket {
    fn name(&self) -> &str {
        &self.name
    }
}

/// How a public policy is closed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BucketPolicySettings {
    /// Whether the public statement is removed from the policy. Without it, the bucket's public access block is switched on and the policy
    /// stays as it is written.
    pub remove_statement: bool,
}

impl GuardrailSettings for BucketPolicySettings {}

impl ResourcePolicy for Buckets {
    type Subject = Bucket;
    type PublicSettings = BucketPolicySettings;

    const KIND: &'static str = "s3-bucket-policy";
    const NOUN: &'static str = "bucket";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "S3 bucket",
        public: "s3-bucket-policy-public" is "S3-01" at Critical,
        untrusted: "s3-bucket-policy-untrusted" is "S3-02",
        class: R1,
        controls: &[
            "S3.2",
            "S3.3",
            "S3.8",
            "CIS AWS Foundations 5.0.0/2.1.4",
            "IAM Access Analyzer AWS::S3::Bucket",
            "Amazon Macie Policy:IAMUser/S3BucketPublic",
            "GuardDuty Policy:S3/BucketAnonymousAccessGranted",
            "GuardDuty Policy:S3/BucketPublicAccessGranted",
        ],
        untrusted_controls: &[
            "IAM Access Analyzer AWS::S3::Bucket",
            "Amazon Macie Policy:IAMUser/S3BucketSharedExternally",
        ],
        technique: "T1530",
        triggers: &["PutBucketPolicy", "DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock"],
        actions: Self::WRITES,
        ids: &["arn:%:s3:::%"],
        not_watched: &[
            ("DeleteBucketPolicy", "without a policy, only the account's own principals may use the bucket"),
            ("PutBucketAcl, PutObjectAcl", "an ACL is another door than the policy"),
            ("DeleteAccountPublicAccessBlock, PutAccountPublicAccessBlock", "the account's block is a guardrail of its own"),
        ],
        default: "If nothing is left, the policy is deleted.",
        beside: "Public access is closed by the bucket's public access block, merged with what it blocks already, while the policy stays; \
            with `remove_statement` the statement is removed instead. A bucket whose own block or whose account's restricts public buckets \
            complies. A bucket that serves a website on purpose needs an exemption; one behind CloudFront needs none, since \
            its policy names the distribution.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::S3::BucketPolicy", "PolicyDocument"), ("aws_s3_bucket", "policy"), ("aws_s3_bucket_policy", "policy")];
    const READS: &'static [Permission] = &[GET, GET_BLOCK, GET_ACCOUNT_BLOCK, GET_WEBSITE];
    const LISTS: &'static [Permission] = &[LIST_BUCKETS];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);
    const WRITES: &'static [Permission] = &[PUT, DELETE, PUT_BLOCK];
    const SHIELD: Option<Shield> =
        Some(Shield { permission: PUT_BLOCK, noun: "public access block", raised, line: block_line });

    fn prefers_removal(settings: &BucketPolicySettings) -> bool {
        settings.remove_statement
    }

    fn changed_by(event: &Event) -> Result<Option<Change<Bucket>>, Unlocatable> {
        if !event.is_one_of("s3.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let bucket = Bucket { name: bucket_name(event)?, account: event.account.clone() };
        Ok(Some(Change::of(bucket, event.request.at(&["bucketPolicy"]))))
    }

    fn named(bucket: &Bucket, place: &Place) -> Resource {
        bucket_resource(&bucket.name, place)
    }

    fn owner(bucket: &Bucket) -> Option<&str> {
        Some(bucket.account.as_str()).filter(|account| !account.is_empty())
    }

    fn when_nothing_is_left(_: &Bucket, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(bucket: &str, document: &str) -> String {
        format!("aws s3api put-bucket-policy --bucket {bucket} --policy {}", argument(document))
    }

    fn delete_line(bucket: &str) -> String {
        format!("aws s3api delete-bucket-policy --bucket {bucket}")
    }
}

/// The block as a text: S3's names and values, as the AWS command line takes them.
fn written(block: Option<Block>) -> String {
    block.map_or(NO_BLOCK.to_owned(), Block::text)
}

/// The block that such a text means; none for no block.
fn read(text: &str) -> Option<Block> {
    let is_on = |name: &str| text.split(',').any(|flag| flag.strip_prefix(name) == Some("=true"));
    (text != NO_BLOCK).then(|| Block {
        acls: is_on("BlockPublicAcls"),
        ignores_acls: is_on("IgnorePublicAcls"),
        policy: is_on("BlockPublicPolicy"),
        restricts: is_on("RestrictPublicBuckets"),
    })
}

/// What is blocked already, and public policies.
fn raised(was: &str) -> String {
    let policies = Block { policy: true, restricts: true, ..Block::default() };
    written(Some(read(was).unwrap_or_default().or(policies)))
}

fn block_line(bucket: &str, setting: &str) -> String {
    match setting {
        NO_BLOCK => format!("aws s3api delete-public-access-block --bucket {bucket}"),
        flags => {
            format!("aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration {flags}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_merged_with_what_it_blocks_already() {
        let acls = Block { acls: true, ..Block::default() };
        for block in [None, Some(acls), Some(Block::ALL)] {
            assert_eq!(read(&written(block)), block);
        }
        assert_eq!(read(&raised(NO_BLOCK)), Some(Block { policy: true, restricts: true, ..Block::default() }));
        assert_eq!(read(&raised(&written(Some(acls)))), Some(Block { ignores_acls: false, ..Block::ALL }));
    }
}
