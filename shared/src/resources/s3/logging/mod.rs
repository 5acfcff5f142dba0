//! Server access logging of a bucket: S3-09.
//!
//! Sources: "PutBucketLogging", "LoggingEnabled" in the Amazon S3 API reference.

#[cfg(feature = "s3")]
pub(crate) mod client;
pub mod off;
pub mod state;

use super::LIST_BUCKETS;
use super::document::{Document, document_family};
use super::record::text;
use crate::engine::event::Event;
use crate::engine::permission::Permission;
use crate::engine::shell::word;
use off::S3BucketLoggingOff;
use state::Logging;

pub(crate) const GET_LOGGING: Permission = Permission::on("s3:GetBucketLogging", &["s3:::*"]);
pub(crate) const PUT_LOGGING: Permission = Permission::on("s3:PutBucketLogging", &["s3:::*"]);

/// The family of the server access logging of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketLoggings;

document_family!(
    BucketLoggings,
    "s3-bucket-logging",
    reads: &[GET_LOGGING],
    lists: &[LIST_BUCKETS],
    undoes: &[PUT_LOGGING],
    S3BucketLoggingOff,
);

impl Document for BucketLoggings {
    type Value = Option<Logging>;

    const TRIGGERS: &'static [&'static str] = &["PutBucketLogging"];

    /// A status without `LoggingEnabled` switches it off. Grants and the form of the keys are read.
    fn set_by(event: &Event) -> Option<Option<Logging>> {
        let status = event.request.at(&["BucketLoggingStatus"])?;
        let Some(enabled) = status.get("LoggingEnabled") else { return Some(None) };
        let is_plain = enabled.get("TargetGrants").is_none() && enabled.get("TargetObjectKeyFormat").is_none();
        let logging = Logging {
            bucket: text(enabled, "TargetBucket")?.to_owned(),
            prefix: text(enabled, "TargetPrefix").unwrap_or_default().to_owned(),
            form: None,
            grants: Vec::new(),
        };
        is_plain.then_some(Some(logging))
    }

    /// Where logs belong depends on the bucket: nothing is stricter than everything else.
    fn is_strictest(_: &Option<Logging>) -> bool {
        false
    }

    fn permission(_: &Option<Logging>) -> Permission {
        PUT_LOGGING
    }

    fn says(bucket: &str, logging: &Option<Logging>) -> String {
        match logging {
            Some(logging) => format!("log access to bucket {bucket} to {logging}"),
            None => format!("disable server access logging of bucket {bucket}"),
        }
    }

    fn line(bucket: &str, logging: &Option<Logging>) -> String {
        let status = logging.as_ref().map_or_else(|| "{}".to_owned(), |logging| logging.status().to_string());
        let (bucket, status) = (word(bucket), word(&status));
        format!("aws s3api put-bucket-logging --bucket {bucket} --bucket-logging-status {status}")
    }
}
