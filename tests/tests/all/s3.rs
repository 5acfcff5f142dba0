//! The families of the function `s3` against the local AWS with the real binary: a principal deletes or weakens a bucket's public
//! access block, its encryption, versioning, logging or ownership; the function takes that back and nothing else.
//!
//! The account's block is held by the situations: S3 Control puts the account before the name of its endpoint, which loopback has
//! none of.

use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketLoggingStatus, BucketVersioningStatus, CreateBucketConfiguration, LoggingEnabled,
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    VersioningConfiguration,
};
use serde_json::{Value, json};
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::moto::REGION;
use tests::records::{self, Caller};
use tests::story::{Subject, run_story};
use tests::world::World;

static WORLD: World = World::new();

const FUNCTION: &str = "s3";
const SOURCE: &str = "s3.amazonaws.com";

/// A bucket, by its name.
struct Bucket(&'static str);

impl Subject for Bucket {
    async fn lines(&self, lab: &Lab) -> tests::Result<Vec<String>> {
        let s3 = &lab.clients.s3;
        // A bucket without a block answers an error.
        let block = s3.get_public_access_block().bucket(self.0).send().await.ok();
        let block = block.and_then(|answer| answer.public_access_block_configuration);
        let encryption = s3.get_bucket_encryption().bucket(self.0).send().await?;
        let tags = s3.get_bucket_tagging().bucket(self.0).send().await?;
        let rules = encryption.server_side_encryption_configuration;
        Ok(vec![format!("{block:?}"), format!("{rules:?}"), format!("{:?}", tags.tag_set())])
    }
}

async fn bucket(lab: &Lab, name: &'static str) -> Bucket {
    let s3 = &lab.clients.s3;
    let mut call = s3.create_bucket().bucket(name);
    if REGION != "us-east-1" {
        let place = BucketLocationConstraint::from(REGION);
        call =
            call.create_bucket_configuration(CreateBucketConfiguration::builder().location_constraint(place).build());
    }
    call.send().await.unwrap();
    let tag = aws_sdk_s3::types::Tag::builder().key("team").value("orders").build().unwrap();
    let tags = aws_sdk_s3::types::Tagging::builder().tag_set(tag).build().unwrap();
    s3.put_bucket_tagging().bucket(name).tagging(tags).send().await.unwrap();
    encrypt(lab, name, "aws:kms").await;
    Bucket(name)
}

async fn block(lab: &Lab, name: &str, policy: bool) {
    let block = PublicAccessBlockConfiguration::builder().block_public_acls(true).ignore_public_acls(true);
    let block = block.block_public_policy(policy).restrict_public_buckets(true).build();
    let call = lab.clients.s3.put_public_access_block().bucket(name);
    call.public_access_block_configuration(block).send().await.unwrap();
}

async fn encrypt(lab: &Lab, name: &str, algorithm: &str) {
    let default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::from(algorithm));
    let key = (algorithm == "aws:kms").then(|| "arn:aws:kms:eu-west-1:111122223333:key/1234".to_owned());
    let default = default.set_kms_master_key_id(key).build().unwrap();
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default);
    let rule = rule.bucket_key_enabled(false).build();
    let all = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    let call = lab.clients.s3.put_bucket_encryption().bucket(name);
    call.server_side_encryption_configuration(all).send().await.unwrap();
}

fn event(name: &str, bucket: &Bucket, more: Value) -> Value {
    let mut request = json!({"bucketName": bucket.0});
    if let (Some(request), Value::Object(more)) = (request.as_object_mut(), more) {
        request.extend(more);
    }
    records::event(&Caller::user("ben"), SOURCE, name, request, Value::Null)
}

#[tokio::test]
async fn a_block_that_was_deleted() {
    let lab = WORLD.lab("block-deleted").await.unwrap();
    let bucket = bucket(&lab, "block-deleted").await;
    block(&lab, bucket.0, true).await;
    let closed = bucket.lines(&lab).await.unwrap();
    lab.clients.s3.delete_public_access_block().bucket(bucket.0).send().await.unwrap();
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    let event = event("DeleteBucketPublicAccessBlock", &bucket, json!({"publicAccessBlock": ""}));
    let guardrail = "s3-bucket-public-access-block-weakened";
    run_story(&lab, &mut function, guardrail, &bucket, &event, &closed).await.unwrap();
}

#[tokio::test]
async fn a_block_that_was_weakened() {
    let lab = WORLD.lab("block-weakened").await.unwrap();
    let bucket = bucket(&lab, "block-weakened").await;
    block(&lab, bucket.0, true).await;
    let closed = bucket.lines(&lab).await.unwrap();
    block(&lab, bucket.0, false).await;
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    let set = json!({"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": false, "RestrictPublicBuckets": true});
    let more = json!({"publicAccessBlock": "", "PublicAccessBlockConfiguration": set});
    let event = event("PutBucketPublicAccessBlock", &bucket, more);
    let guardrail = "s3-bucket-public-access-block-weakened";
    run_story(&lab, &mut function, guardrail, &bucket, &event, &closed).await.unwrap();
}

/// The function has seen the key that the bucket had: it comes back, from the ledger.
#[tokio::test]
async fn an_encryption_that_was_downgraded() {
    let lab = WORLD.lab("encryption").await.unwrap();
    let bucket = bucket(&lab, "encryption-downgraded").await;
    let closed = bucket.lines(&lab).await.unwrap();
    let settings = Settings { ledger: Some(lab.ledger().await.unwrap()), ..lab.settings() };
    let mut function = Host::start(FUNCTION, &settings).await.unwrap();
    function.send(&event("PutBucketEncryption", &bucket, json!({"encryption": ""}))).await.unwrap();
    encrypt(&lab, bucket.0, "AES256").await;
    let event = event("PutBucketEncryption", &bucket, json!({"encryption": ""}));
    let guardrail = "s3-bucket-encryption-downgraded";
    run_story(&lab, &mut function, guardrail, &bucket, &event, &closed).await.unwrap();
}

/// What a bucket keeps and who owns it, by its name.
struct Kept(&'static str);

impl Subject for Kept {
    async fn lines(&self, lab: &Lab) -> tests::Result<Vec<String>> {
        let s3 = &lab.clients.s3;
        let versioning = s3.get_bucket_versioning().bucket(self.0).send().await?;
        let logging = s3.get_bucket_logging().bucket(self.0).send().await?;
        let ownership = s3.get_bucket_ownership_controls().bucket(self.0).send().await.ok();
        let ownership = ownership.and_then(|answer| answer.ownership_controls);
        Ok(vec![
            format!("{:?}", versioning.status()),
            format!("{:?}", logging.logging_enabled()),
            format!("{ownership:?}"),
        ])
    }
}

async fn own(lab: &Lab, name: &str, ownership: &str) {
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::from(ownership)).build().unwrap();
    let controls = OwnershipControls::builder().rules(rule).build().unwrap();
    let call = lab.clients.s3.put_bucket_ownership_controls().bucket(name);
    call.ownership_controls(controls).send().await.unwrap();
}

async fn version(lab: &Lab, name: &str, status: BucketVersioningStatus) {
    let configuration = VersioningConfiguration::builder().status(status).build();
    let call = lab.clients.s3.put_bucket_versioning().bucket(name);
    call.versioning_configuration(configuration).send().await.unwrap();
}

#[tokio::test]
async fn versioning_that_was_suspended() {
    let lab = WORLD.lab("versioning").await.unwrap();
    let bucket = bucket(&lab, "versioning-suspended").await;
    version(&lab, bucket.0, BucketVersioningStatus::Enabled).await;
    let kept = Kept(bucket.0);
    let closed = kept.lines(&lab).await.unwrap();
    version(&lab, bucket.0, BucketVersioningStatus::Suspended).await;
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    let more = json!({"versioning": "", "VersioningConfiguration": {"Status": "Suspended"}});
    let event = event("PutBucketVersioning", &bucket, more);
    run_story(&lab, &mut function, "s3-bucket-versioning-suspended", &kept, &event, &closed).await.unwrap();
}

#[tokio::test]
async fn acls_that_were_enabled() {
    let lab = WORLD.lab("ownership").await.unwrap();
    let bucket = bucket(&lab, "acls-enabled").await;
    own(&lab, bucket.0, "BucketOwnerEnforced").await;
    let kept = Kept(bucket.0);
    let closed = kept.lines(&lab).await.unwrap();
    own(&lab, bucket.0, "ObjectWriter").await;
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    let more = json!({"ownershipControls": "", "OwnershipControls": {"Rule": {"ObjectOwnership": "ObjectWriter"}}});
    let event = event("PutBucketOwnershipControls", &bucket, more);
    run_story(&lab, &mut function, "s3-bucket-acls-enabled", &kept, &event, &closed).await.unwrap();
}

/// Where access was logged to is in the ledger alone.
#[tokio::test]
async fn logging_that_was_switched_off() {
    let lab = WORLD.lab("logging").await.unwrap();
    let bucket = bucket(&lab, "logging-off").await;
    let target = self::bucket(&lab, "logging-target").await;
    // moto asks for the grant that S3 asked for before bucket policies did.
    own(&lab, target.0, "ObjectWriter").await;
    let acl = aws_sdk_s3::types::BucketCannedAcl::from("log-delivery-write");
    lab.clients.s3.put_bucket_acl().bucket(target.0).acl(acl).send().await.unwrap();
    let enabled = LoggingEnabled::builder().target_bucket(target.0).target_prefix("orders/").build().unwrap();
    let status = BucketLoggingStatus::builder().logging_enabled(enabled).build();
    let call = lab.clients.s3.put_bucket_logging().bucket(bucket.0);
    call.bucket_logging_status(status).send().await.unwrap();
    let kept = Kept(bucket.0);
    let closed = kept.lines(&lab).await.unwrap();
    let settings = Settings { ledger: Some(lab.ledger().await.unwrap()), ..lab.settings() };
    let mut function = Host::start(FUNCTION, &settings).await.unwrap();
    function.send(&event("PutBucketLogging", &bucket, json!({"logging": ""}))).await.unwrap();
    let call = lab.clients.s3.put_bucket_logging().bucket(bucket.0);
    call.bucket_logging_status(BucketLoggingStatus::builder().build()).send().await.unwrap();
    let event = event("PutBucketLogging", &bucket, json!({"logging": "", "BucketLoggingStatus": ""}));
    run_story(&lab, &mut function, "s3-bucket-logging-off", &kept, &event, &closed).await.unwrap();
}
