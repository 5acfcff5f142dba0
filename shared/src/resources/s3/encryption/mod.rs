//! The default encryption of a bucket: S3-07, S3-14, S3-15.
//!
//! Sources: "PutBucketEncryption", "ServerSideEncryptionRule", "BlockedEncryptionTypes" in the Amazon S3 API reference. Every bucket is
//! encrypted: to delete the configuration sets it to Amazon S3 managed keys (SSE-S3).

#[cfg(feature = "s3")]
pub(crate) mod client;
pub mod customer_keys_allowed;
pub mod downgraded;
pub mod foreign_key;
mod planned;
pub mod state;

use super::LIST_BUCKETS;
use super::document::{Document, Held, document_family};
use super::record::{document, flag, list, text};
use crate::engine::event::Event;
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::shell::word;
use customer_keys_allowed::S3CustomerKeysAllowed;
use downgraded::S3BucketEncryptionDowngraded;
use foreign_key::S3BucketEncryptedWithForeignKey;
use state::{BLOCKED, Encryption, RULE, Rule};

pub(crate) const GET_ENCRYPTION: Permission = Permission::on("s3:GetEncryptionConfiguration", &["s3:::*"]);
pub(crate) const PUT_ENCRYPTION: Permission = Permission::on("s3:PutEncryptionConfiguration", &["s3:::*"]);

/// The family of the default encryption of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketEncryptions;

document_family!(
    BucketEncryptions,
    "s3-bucket-encryption",
    reads: &[GET_ENCRYPTION],
    lists: &[LIST_BUCKETS],
    undoes: &[PUT_ENCRYPTION],
    S3BucketEncryptedWithForeignKey,
    S3CustomerKeysAllowed,
    S3BucketEncryptionDowngraded,
);

impl Document for BucketEncryptions {
    type Value = Encryption;

    const TRIGGERS: &'static [&'static str] = &["DeleteBucketEncryption", "PutBucketEncryption"];
    const PLANNED: &'static [PlannedForm<Held<Encryption>>] = planned::FORMS;

    /// What is blocked stays as it is where the request does not say it: a read shows it.
    fn set_by(event: &Event) -> Option<Encryption> {
        let set = Self::requested(event)?;
        (!set.blocked.is_empty()).then_some(set)
    }

    fn requested(event: &Event) -> Option<Encryption> {
        if event.name.starts_with("Delete") {
            return Some(Encryption::default());
        }
        let configuration = document(event, "ServerSideEncryptionConfiguration")?;
        let rule = list(configuration, "Rule").into_iter().next()?;
        let default = rule.get("ApplyServerSideEncryptionByDefault");
        let rule_of = |default: &serde_json::Value| {
            Some(Rule {
                algorithm: text(default, "SSEAlgorithm")?.to_owned(),
                key: text(default, "KMSMasterKeyID").map(str::to_owned),
                bucket_key: flag(rule, "BucketKeyEnabled") == Some(true),
            })
        };
        let types = rule.get("BlockedEncryptionTypes").map(|types| list(types, "EncryptionType")).unwrap_or_default();
        let blocked = types.into_iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
        Some(Encryption { rule: default.map_or_else(|| Some(Rule::default()), rule_of)?, blocked })
    }

    /// Which key is the right one depends on the bucket: nothing is stricter than everything else.
    fn is_strictest(_: &Encryption) -> bool {
        false
    }

    fn permission(_: &Encryption) -> Permission {
        PUT_ENCRYPTION
    }

    fn says(bucket: &str, encryption: &Encryption) -> String {
        format!("set the default encryption of bucket {bucket} to {encryption}")
    }

    fn line(bucket: &str, encryption: &Encryption) -> String {
        let configuration = encryption.configuration().to_string();
        let (bucket, configuration) = (word(bucket), word(&configuration));
        format!(
            "aws s3api put-bucket-encryption --bucket {bucket} --server-side-encryption-configuration {configuration}"
        )
    }

    fn take(mine: &mut Encryption, other: &Encryption, parts: &[String]) -> bool {
        for part in parts {
            match part.as_str() {
                RULE => mine.rule = other.rule.clone(),
                BLOCKED => mine.blocked.clone_from(&other.blocked),
                _ => return false,
            }
        }
        true
    }
}
