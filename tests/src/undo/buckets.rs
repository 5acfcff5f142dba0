//! The commands of buckets.

use crate::Result;
use crate::aws::Clients;
use aws_sdk_s3::types::{
    BucketLoggingStatus, BucketVersioningStatus, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, VersioningConfiguration,
};
use serde_json::Value;

/// Runs the command that these words are.
pub(super) async fn run(clients: &Clients, words: &[String]) -> Result<()> {
    let s3 = &clients.s3;
    let at = |name: &str| words.iter().position(|word| word == name);
    let needed =
        |name: &str| at(name).and_then(|at| words.get(at + 1)).cloned().ok_or(format!("{words:?} has no {name}"));
    let bucket = needed("--bucket")?;
    match words.get(2).map(String::as_str) {
        Some("put-public-access-block") => {
            let flags = needed("--public-access-block-configuration")?;
            let is_on = |name: &str| flags.split(',').any(|flag| flag == format!("{name}=true"));
            let block = PublicAccessBlockConfiguration::builder()
                .block_public_acls(is_on("BlockPublicAcls"))
                .ignore_public_acls(is_on("IgnorePublicAcls"))
                .block_public_policy(is_on("BlockPublicPolicy"))
                .restrict_public_buckets(is_on("RestrictPublicBuckets"))
                .build();
            let call = s3.put_public_access_block().bucket(bucket);
            call.public_access_block_configuration(block).send().await?;
        }
        Some("delete-public-access-block") => {
            s3.delete_public_access_block().bucket(bucket).send().await?;
        }
        Some("put-bucket-encryption") => {
            let all: Value = serde_json::from_str(&needed("--server-side-encryption-configuration")?)?;
            let rule = &all["Rules"][0];
            let default = &rule["ApplyServerSideEncryptionByDefault"];
            let algorithm = ServerSideEncryption::from(default["SSEAlgorithm"].as_str().unwrap_or_default());
            let key = default["KMSMasterKeyID"].as_str().map(str::to_owned);
            let default = ServerSideEncryptionByDefault::builder().sse_algorithm(algorithm);
            let default = default.set_kms_master_key_id(key).build()?;
            let rule = ServerSideEncryptionRule::builder()
                .apply_server_side_encryption_by_default(default)
                .set_bucket_key_enabled(rule["BucketKeyEnabled"].as_bool())
                .build();
            let all = ServerSideEncryptionConfiguration::builder().rules(rule).build()?;
            s3.put_bucket_encryption().bucket(bucket).server_side_encryption_configuration(all).send().await?;
        }
        Some("put-bucket-versioning") => {
            let word = needed("--versioning-configuration")?;
            let status = BucketVersioningStatus::from(word.strip_prefix("Status=").ok_or("no status")?);
            let configuration = VersioningConfiguration::builder().status(status).build();
            s3.put_bucket_versioning().bucket(bucket).versioning_configuration(configuration).send().await?;
        }
        Some("put-bucket-ownership-controls") => {
            let word = needed("--ownership-controls")?;
            let word = word.split_once("ObjectOwnership=").ok_or("no ownership")?.1.trim_end_matches("}]").to_owned();
            let rule =
                OwnershipControlsRule::builder().object_ownership(ObjectOwnership::from(word.as_str())).build()?;
            let controls = OwnershipControls::builder().rules(rule).build()?;
            s3.put_bucket_ownership_controls().bucket(bucket).ownership_controls(controls).send().await?;
        }
        // The inverse of restoring logging is that there is none.
        Some("put-bucket-logging") if needed("--bucket-logging-status")? == "{}" => {
            let status = BucketLoggingStatus::builder().build();
            s3.put_bucket_logging().bucket(bucket).bucket_logging_status(status).send().await?;
        }
        _ => return Err(format!("{words:?} is not a command that Parapet prints").into()),
    }
    Ok(())
}
