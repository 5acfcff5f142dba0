//! The object ownership of a bucket: S3-13.
//!
//! Sources: "Controlling ownership of objects and disabling ACLs for your bucket" in the S3 user guide: `BucketOwnerEnforced` disables ACLs,
//! and has been the default of new buckets since April 2023.

pub mod acls_enabled;
#[cfg(feature = "s3")]
pub(crate) mod client;

use super::document::{Document, Held, document_family};
use super::record::{document, list, text};
use super::{LIST_BUCKETS, NAMES};
use crate::engine::event::Event;
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::shell::word;
use crate::engine::unreadable::Unreadable;
use acls_enabled::S3BucketAclsEnabled;
use serde::{Deserialize, Serialize};

pub(crate) const GET_OWNERSHIP: Permission = Permission::on("s3:GetBucketOwnershipControls", &["s3:::*"]);
pub(crate) const PUT_OWNERSHIP: Permission = Permission::on("s3:PutBucketOwnershipControls", &["s3:::*"]);

/// The family of the object ownership of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketOwnerships;

/// `ObjectOwnership`, or that there is no such configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ownership {
    /// ACLs are disabled.
    BucketOwnerEnforced,
    /// ACLs are enabled; the bucket's owner owns what is written with the ACL `bucket-owner-full-control`.
    BucketOwnerPreferred,
    /// ACLs are enabled; a writer owns what it writes.
    ObjectWriter,
    /// No configuration: as `ObjectWriter`.
    None,
}

impl Ownership {
    /// S3's word; none for one that is not documented.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "BucketOwnerEnforced" => Some(Self::BucketOwnerEnforced),
            "BucketOwnerPreferred" => Some(Self::BucketOwnerPreferred),
            "ObjectWriter" => Some(Self::ObjectWriter),
            _ => None,
        }
    }

    /// S3's word.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::BucketOwnerEnforced => Some("BucketOwnerEnforced"),
            Self::BucketOwnerPreferred => Some("BucketOwnerPreferred"),
            Self::ObjectWriter => Some("ObjectWriter"),
            Self::None => None,
        }
    }
}

document_family!(
    BucketOwnerships,
    "s3-bucket-ownership",
    reads: &[GET_OWNERSHIP],
    lists: &[LIST_BUCKETS],
    undoes: &[PUT_OWNERSHIP],
    S3BucketAclsEnabled,
);

impl Document for BucketOwnerships {
    type Value = Ownership;

    const TRIGGERS: &'static [&'static str] = &["DeleteBucketOwnershipControls", "PutBucketOwnershipControls"];
    const PLANNED: &'static [PlannedForm<Held<Ownership>>] = &[
        PlannedForm::one("AWS::S3::Bucket", |it| planned(it, "OwnershipControls.Rules.ObjectOwnership")),
        PlannedForm::one("aws_s3_bucket_ownership_controls", |it| planned(it, "rule.object_ownership")),
    ];

    fn set_by(event: &Event) -> Option<Ownership> {
        if event.name.starts_with("Delete") {
            return Some(Ownership::None);
        }
        let rule = list(document(event, "OwnershipControls")?, "Rule").into_iter().next()?;
        text(rule, "ObjectOwnership").and_then(Ownership::read)
    }

    fn is_strictest(ownership: &Ownership) -> bool {
        *ownership == Ownership::BucketOwnerEnforced
    }

    /// To delete it needs no permission of its own.
    fn permission(_: &Ownership) -> Permission {
        PUT_OWNERSHIP
    }

    fn says(bucket: &str, ownership: &Ownership) -> String {
        match ownership.word() {
            Some(word) => format!("set the object ownership of bucket {bucket} to {word}"),
            None => format!("delete the object ownership controls of bucket {bucket}"),
        }
    }

    fn line(bucket: &str, ownership: &Ownership) -> String {
        let bucket = word(bucket);
        match ownership.word() {
            Some(word) => format!(
                "aws s3api put-bucket-ownership-controls --bucket {bucket} \
                 --ownership-controls 'Rules=[{{ObjectOwnership={word}}}]'"
            ),
            None => format!("aws s3api delete-bucket-ownership-controls --bucket {bucket}"),
        }
    }
}

/// A new bucket that does not say it has its ACLs disabled.
fn planned(it: &PlannedResource<'_>, path: &str) -> Result<Option<Held<Ownership>>, Unreadable> {
    let Some(word) = it.text(path)? else { return Ok(None) };
    let ownership = Ownership::read(&word).ok_or_else(|| format!("`{path}`: `{word}` is not known here"))?;
    Ok(Some(Held::set_by(it, NAMES, ownership)))
}
