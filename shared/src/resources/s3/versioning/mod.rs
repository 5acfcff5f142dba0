//! The versioning of a bucket: S3-08.
//!
//! Sources: "PutBucketVersioning" in the Amazon S3 API reference; "Configuring MFA delete" in its user guide: it can be changed by root
//! alone, with its device.

#[cfg(feature = "s3")]
pub(crate) mod client;
pub mod suspended;

use super::document::{Document, Held, document_family};
use super::record::{document, text};
use super::{LIST_BUCKETS, NAMES};
use crate::engine::event::Event;
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::shell::word;
use crate::engine::unreadable::Unreadable;
use serde::{Deserialize, Serialize};
use suspended::S3BucketVersioningSuspended;

pub(crate) const GET_VERSIONING: Permission = Permission::on("s3:GetBucketVersioning", &["s3:::*"]);
pub(crate) const PUT_VERSIONING: Permission = Permission::on("s3:PutBucketVersioning", &["s3:::*"]);

/// The family of the versioning of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketVersionings;

/// `VersioningConfiguration`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioning {
    /// `Status`
    pub status: Status,
    /// Whether versions are deleted with root's MFA device alone, where that shows.
    pub mfa_delete: Option<bool>,
}

/// `Status`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Each write makes a version.
    Enabled,
    /// A write replaces the version that was written last.
    Suspended,
    /// It was never enabled.
    Never,
}

impl Status {
    /// S3's word; none for one that is not documented.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "Enabled" => Some(Self::Enabled),
            "Suspended" => Some(Self::Suspended),
            "" => Some(Self::Never),
            _ => None,
        }
    }

    /// S3's word. A bucket whose versioning was enabled once can only suspend it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Suspended | Self::Never => "Suspended",
        }
    }
}

document_family!(
    BucketVersionings,
    "s3-bucket-versioning",
    reads: &[GET_VERSIONING],
    lists: &[LIST_BUCKETS],
    undoes: &[PUT_VERSIONING],
    S3BucketVersioningSuspended,
);

impl Document for BucketVersionings {
    type Value = Versioning;

    const TRIGGERS: &'static [&'static str] = &["PutBucketVersioning"];
    const PLANNED: &'static [PlannedForm<Held<Versioning>>] = &[
        PlannedForm::one("AWS::S3::Bucket", |it| planned(it, "VersioningConfiguration.Status")),
        PlannedForm::one("aws_s3_bucket_versioning", |it| planned(it, "versioning_configuration.status")),
    ];

    fn set_by(event: &Event) -> Option<Versioning> {
        let configuration = document(event, "VersioningConfiguration")?;
        let status = text(configuration, "Status").and_then(Status::read)?;
        let mfa_delete = text(configuration, "MfaDelete").map(|word| word == "Enabled");
        Some(Versioning { status, mfa_delete })
    }

    fn is_strictest(versioning: &Versioning) -> bool {
        versioning.status == Status::Enabled
    }

    fn permission(_: &Versioning) -> Permission {
        PUT_VERSIONING
    }

    fn says(bucket: &str, versioning: &Versioning) -> String {
        let verb = if versioning.status == Status::Enabled { "enable" } else { "suspend" };
        format!("{verb} versioning of bucket {bucket}")
    }

    /// Never with MFA delete, which the call leaves as it is then.
    fn line(bucket: &str, versioning: &Versioning) -> String {
        let (bucket, status) = (word(bucket), versioning.status.word());
        format!("aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status={status}")
    }
}

/// Terraform writes `Disabled` where versioning was never enabled.
fn planned(it: &PlannedResource<'_>, path: &str) -> Result<Option<Held<Versioning>>, Unreadable> {
    let Some(word) = it.text(path)? else { return Ok(None) };
    let status = if word == "Disabled" { Some(Status::Never) } else { Status::read(&word) };
    let status = status.ok_or_else(|| format!("`{path}`: `{word}` is not known here"))?;
    Ok(Some(Held::set_by(it, NAMES, Versioning { status, mfa_delete: None })))
}
