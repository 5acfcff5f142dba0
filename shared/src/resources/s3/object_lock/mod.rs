//! The object lock configuration of a bucket: S3-13.
//!
//! Every new object gets the default retention of its bucket. Object Lock itself cannot be switched off once it is on; what its default
//! says can be changed, also from `COMPLIANCE`. The call is `PutObjectLockConfiguration`, its record says `PutBucketObjectLockConfiguration`.
//! Sources: "PutObjectLockConfiguration", "DefaultRetention" in the Amazon S3 API reference; "Locking objects with Object Lock" in its user guide.

#[cfg(feature = "s3")]
pub(crate) mod client;
pub mod state;
pub mod weakened;

use super::LIST_BUCKETS;
use super::document::{Document, document_family};
use super::record::{document, text};
use crate::engine::event::Event;
use crate::engine::permission::Permission;
use crate::engine::shell::word;
use serde_json::Value;
use state::{Lock, Mode, Period};
use weakened::S3BucketObjectLockWeakened;

pub(crate) const GET_LOCK: Permission = Permission::on("s3:GetBucketObjectLockConfiguration", &["s3:::*"]);
pub(crate) const PUT_LOCK: Permission = Permission::on("s3:PutBucketObjectLockConfiguration", &["s3:::*"]);

/// The family of the object lock configurations of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketObjectLocks;

document_family!(
    BucketObjectLocks,
    "s3-bucket-object-lock",
    reads: &[GET_LOCK],
    lists: &[LIST_BUCKETS],
    undoes: &[PUT_LOCK],
    S3BucketObjectLockWeakened,
);

impl Document for BucketObjectLocks {
    type Value = Lock;

    const TRIGGERS: &'static [&'static str] = &["PutBucketObjectLockConfiguration", "PutObjectLockConfiguration"];

    /// A configuration without a rule has no default retention. One that also holds objects by events is read.
    fn set_by(event: &Event) -> Option<Lock> {
        let configuration = document(event, "ObjectLockConfiguration")?;
        let is_enabled = text(configuration, "ObjectLockEnabled") == Some("Enabled");
        let Some(rule) = configuration.get("Rule").filter(|rule| rule.is_object()) else {
            return Some(Lock { is_enabled, ..Lock::default() });
        };
        let retention = rule.get("DefaultRetention").filter(|retention| retention.get("DefaultEventHold").is_none())?;
        let number = |key: &str| {
            let value = retention.get(key)?;
            i32::try_from(value.as_i64().or_else(|| value.as_str()?.parse().ok())?).ok()
        };
        let period = number("Days").map(Period::Days).or_else(|| number("Years").map(Period::Years));
        let mode = text(retention, "Mode").and_then(Mode::read);
        Some(Lock { is_enabled, mode: Some(mode?), period: Some(period?), hold: None })
    }

    /// How long objects are to be kept depends on the bucket: nothing is stricter than everything else.
    fn is_strictest(_: &Lock) -> bool {
        false
    }

    fn permission(_: &Lock) -> Permission {
        PUT_LOCK
    }

    fn says(bucket: &str, lock: &Lock) -> String {
        format!("set the object lock of bucket {bucket} to {lock}")
    }

    fn line(bucket: &str, lock: &Lock) -> String {
        let configuration: Value = lock.configuration();
        let configuration = configuration.to_string();
        let (bucket, configuration) = (word(bucket), word(&configuration));
        format!("aws s3api put-object-lock-configuration --bucket {bucket} --object-lock-configuration {configuration}")
    }
}
