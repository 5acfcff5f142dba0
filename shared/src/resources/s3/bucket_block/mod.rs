//! The public access block of a bucket: S3-04.
//!
//! The call is `PutPublicAccessBlock`, its record says `PutBucketPublicAccessBlock`.

#[cfg(feature = "s3")]
pub(crate) mod client;
pub mod weakened;

use super::block::Block;
use super::document::{Document, Held, document_family};
use super::record::document;
use super::{LIST_BUCKETS, NAMES};
use crate::engine::event::Event;
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::shell::word;
use crate::engine::unreadable::Unreadable;
use weakened::S3BucketPublicAccessBlockWeakened;

pub(crate) const GET_BLOCK: Permission = Permission::on("s3:GetBucketPublicAccessBlock", &["s3:::*"]);
pub(crate) const PUT_BLOCK: Permission = Permission::on("s3:PutBucketPublicAccessBlock", &["s3:::*"]);

/// The family of the public access blocks of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketBlocks;

document_family!(
    BucketBlocks,
    "s3-bucket-public-access-block",
    reads: &[GET_BLOCK],
    lists: &[LIST_BUCKETS],
    undoes: &[PUT_BLOCK],
    S3BucketPublicAccessBlockWeakened,
);

impl Document for BucketBlocks {
    type Value = Option<Block>;

    const TRIGGERS: &'static [&'static str] = &["DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock"];
    const PLANNED: &'static [PlannedForm<Held<Option<Block>>>] = &[
        PlannedForm::one("AWS::S3::Bucket", of_bucket),
        PlannedForm::one("aws_s3_bucket_public_access_block", |it| planned(it, it)),
    ];

    fn set_by(event: &Event) -> Option<Option<Block>> {
        if event.name.starts_with("Delete") {
            return Some(None);
        }
        document(event, "PublicAccessBlockConfiguration").map(|block| Some(Block::read(block)))
    }

    fn is_strictest(block: &Option<Block>) -> bool {
        *block == Some(Block::ALL)
    }

    /// To delete it needs no permission of its own.
    fn permission(_: &Option<Block>) -> Permission {
        PUT_BLOCK
    }

    fn says(bucket: &str, block: &Option<Block>) -> String {
        match block {
            Some(block) => format!("set the public access block of bucket {bucket} to: {}", block.sentence()),
            None => format!("delete the public access block of bucket {bucket}"),
        }
    }

    fn line(bucket: &str, block: &Option<Block>) -> String {
        let bucket = word(bucket);
        match block {
            Some(block) => format!("aws s3api put-public-access-block --bucket {bucket} {}", block.option()),
            None => format!("aws s3api delete-public-access-block --bucket {bucket}"),
        }
    }
}

/// A bucket that does not say it gets AWS's own, which is all four.
fn of_bucket(it: &PlannedResource<'_>) -> Result<Option<Held<Option<Block>>>, Unreadable> {
    let block = it.parts("PublicAccessBlockConfiguration")?;
    block.first().map_or(Ok(None), |block| planned(it, block))
}

/// What is left out is off ("PublicAccessBlockConfiguration", Amazon S3 API reference).
fn planned(it: &PlannedResource<'_>, block: &PlannedResource<'_>) -> Result<Option<Held<Option<Block>>>, Unreadable> {
    Ok(Some(Held::set_by(it, NAMES, Some(Block::planned(block, false)?))))
}
