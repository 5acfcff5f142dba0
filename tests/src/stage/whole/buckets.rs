//! Buckets, and the account's settings of S3.

use super::{rewritten, written};
use crate::Result;
use crate::moto::ACCOUNT;
use crate::reader::Reader;
use crate::stage::{Script, Stage, done};
use crate::view::View;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat as Format};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, Destination, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, ObjectOwnership, ReplicationConfiguration, ReplicationRule,
    ReplicationRuleFilter, ReplicationRuleStatus, VersioningConfiguration,
};
use serde_json::Value;
use shared::aws::service::clients::{S3, S3Control};
use shared::engine::family::{Family, Observe, ReadDepth};
use shared::engine::observed::Observed;
use shared::resources::s3::account_block::AccountBlock;
use shared::resources::s3::acl::BucketAcls;
use shared::resources::s3::bucket_block::BucketBlocks;
use shared::resources::s3::encryption::BucketEncryptions;
use shared::resources::s3::lifecycle::BucketLifecycles;
use shared::resources::s3::logging::BucketLoggings;
use shared::resources::s3::object_lock::BucketObjectLocks;
use shared::resources::s3::ownership::BucketOwnerships;
use shared::resources::s3::replication::BucketReplications;
use shared::resources::s3::tls::BucketTls;
use shared::resources::s3::versioning::BucketVersionings;
use shared::resources::s3::website::BucketWebsites;

/// The bucket that the event names is made, with what its setting needs beside.
pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    let event = script.call.name.as_str();
    if event.contains("AccountPublicAccessBlock") {
        return written(script, AccountBlock, S3Control::new, rewritten, "played by the account's block".to_owned())
            .await;
    }
    let name = script.request("bucketName").ok_or("it names no bucket")?;
    let note = format!("played by bucket {name}, made for it");
    made(script, &name, event == "PutBucketObjectLockConfiguration").await?;
    match event {
        "PutBucketPublicAccessBlock" | "DeleteBucketPublicAccessBlock" => {
            written(script, BucketBlocks, S3::new, rewritten, note).await
        }
        "PutBucketEncryption" | "DeleteBucketEncryption" => {
            written(script, BucketEncryptions, S3::new, rewritten, note).await
        }
        "PutBucketVersioning" => written(script, BucketVersionings, S3::new, rewritten, note).await,
        "PutBucketLogging" => {
            logged_to(script).await?;
            written(script, BucketLoggings, S3::new, rewritten, note).await
        }
        "PutBucketOwnershipControls" | "DeleteBucketOwnershipControls" => {
            written(script, BucketOwnerships, S3::new, rewritten, note).await
        }
        "PutBucketObjectLockConfiguration" => written(script, BucketObjectLocks, S3::new, rewritten, note).await,
        "PutBucketWebsite" => written(script, BucketWebsites, S3::new, rewritten, note).await,
        "PutBucketLifecycle" | "PutBucketLifecycleConfiguration" => lifecycle(script, &name, note).await,
        "PutBucketReplication" => {
            versioned(script, &name).await?;
            replication(script, &name, note).await
        }
        "CreateBucket" if script.target(BucketAcls)?.proven.is_none_or(|acl| acl.grants.is_empty()) => {
            let reader = Reader::of(BucketTls, script.target(BucketTls)?.key, S3::new);
            Ok(Stage::new(script.event.clone(), note).seen(View::Read(reader)))
        }
        "CreateBucket" | "PutBucketAcl" => acl(script, note).await,
        "DeleteBucketPolicy" => written(script, BucketTls, S3::new, rewritten, note).await,
        other => Err(format!("nothing is known of what `{other}` does to a bucket").into()),
    }
}

/// The ACL of a new bucket grants its owner everything; the event adds to that.
async fn acl(script: &Script<'_>, note: String) -> Result<Stage> {
    let target = script.target(BucketAcls)?;
    let client = S3Control::new(&script.clients.config);
    let Observed::Known(now) = Observe::<BucketAcls>::observe(&client, &target.key, ReadDepth::Full).await? else {
        return Err("the ACL of a new bucket cannot be read".into());
    };
    let mut acl = target.proven.ok_or("the record does not show what was granted")?;
    acl.owner = now.owner;
    acl.grants.extend(now.grants);
    let write = BucketAcls.rewrites(&acl).ok_or("the ACL of a new bucket has no owner")?;
    let view = View::Read(Reader::of(BucketAcls, target.key, S3Control::new));
    Ok(Stage::new(script.event.clone(), note).seen(view).then(async move { done(&client, &write).await }))
}

/// A bucket whose owner has switched ACLs on: a new one of S3 has them off.
async fn made(script: &Script<'_>, name: &str, is_locked: bool) -> Result<()> {
    let call = script.clients.new_bucket(name);
    let call = call.set_object_lock_enabled_for_bucket(is_locked.then_some(true));
    call.object_ownership(ObjectOwnership::BucketOwnerPreferred).send().await?;
    Ok(())
}

/// The rules that the fixture says stand then: a record does not show all of them in the form that a call takes.
async fn lifecycle(script: &Script<'_>, name: &str, note: String) -> Result<Stage> {
    let rules = script.live["Rules"].as_array().into_iter().flatten().map(|rule| {
        let prefix = rule["Filter"]["Prefix"].as_str().or_else(|| rule["Prefix"].as_str()).unwrap_or_default();
        let expiration = LifecycleExpiration::builder()
            .set_days(rule["Expiration"]["Days"].as_i64().and_then(|days| days.try_into().ok()))
            .set_date(
                rule["Expiration"]["Date"].as_str().and_then(|date| DateTime::from_str(date, Format::DateTime).ok()),
            );
        let status = ExpirationStatus::from(rule["Status"].as_str().unwrap_or_default());
        let filter = LifecycleRuleFilter::builder().prefix(prefix).build();
        let built = LifecycleRule::builder().id(rule["ID"].as_str().unwrap_or_default()).status(status).filter(filter);
        Ok(built.expiration(expiration.build()).build()?)
    });
    let rules = rules.collect::<Result<Vec<LifecycleRule>>>()?;
    let all = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build()?;
    let key = script.target(BucketLifecycles)?.key;
    let call = script.clients.s3.put_bucket_lifecycle_configuration().bucket(name).lifecycle_configuration(all);
    let stage = Stage::new(script.event.clone(), note).seen(View::Read(Reader::of(BucketLifecycles, key, S3::new)));
    Ok(stage.then(async move { Ok(call.send().await.map(|_| ())?) }))
}

/// The same of replication.
async fn replication(script: &Script<'_>, name: &str, note: String) -> Result<Stage> {
    let rules = script.live["Rules"].as_array().into_iter().flatten().zip(1..).map(|(rule, priority)| {
        let (to, account) = (rule["Destination"]["Bucket"].as_str(), rule["Destination"]["Account"].as_str());
        let to = Destination::builder().bucket(to.unwrap_or_default()).set_account(account.map(str::to_owned));
        let status = ReplicationRuleStatus::from(rule["Status"].as_str().unwrap_or_default());
        let built = ReplicationRule::builder().id(rule["ID"].as_str().unwrap_or_default()).status(status);
        let filter = ReplicationRuleFilter::builder().prefix("").build();
        Ok(built.priority(priority).filter(filter).destination(to.build()?).build()?)
    });
    let rules = rules.collect::<Result<Vec<ReplicationRule>>>()?;
    for rule in script.live["Rules"].as_array().into_iter().flatten().filter(|rule| rule["Destination"]["Own"] == true)
    {
        let own = rule["Destination"]["Bucket"].as_str().and_then(|arn| arn.rsplit(':').next());
        made(script, own.unwrap_or_default(), false).await?;
    }
    let role = format!("arn:aws:iam::{ACCOUNT}:role/replicates");
    let all = ReplicationConfiguration::builder().role(role).set_rules(Some(rules)).build()?;
    let key = script.target(BucketReplications)?.key;
    let call = script.clients.s3.put_bucket_replication().bucket(name).replication_configuration(all);
    let stage = Stage::new(script.event.clone(), note).seen(View::Read(Reader::of(BucketReplications, key, S3::new)));
    Ok(stage.then(async move { Ok(call.send().await.map(|_| ())?) }))
}

async fn versioned(script: &Script<'_>, name: &str) -> Result<()> {
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let call = script.clients.s3.put_bucket_versioning().bucket(name);
    call.versioning_configuration(enabled).send().await?;
    Ok(())
}

/// The buckets that take the logs, of before and of now: S3 wants their permission.
async fn logged_to(script: &Script<'_>) -> Result<()> {
    let asked = script.call.request.at(&["BucketLoggingStatus", "LoggingEnabled", "TargetBucket"]);
    let kept = script.kept.pointer("/now/bucket");
    for target in [asked, kept].into_iter().flatten().filter_map(Value::as_str) {
        made(script, target, false).await?;
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{target}/*"),
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}]});
        script.clients.s3.put_bucket_policy().bucket(target).policy(policy.to_string()).send().await?;
    }
    Ok(())
}
