//! The public access blocks of access points.

use super::{AccessPointBlocks, PointBlock};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, Apply, ApplyError, NoAction};
use crate::resources::s3::control::client::S3Control;
use futures_util::{StreamExt, TryStreamExt, stream};

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all other callers.
const AT_ONCE: usize = 8;

impl Observe<AccessPointBlocks> for S3Control {
    async fn observe(&self, arn: &String, _: ReadDepth) -> Result<Observed<PointBlock>, ReadError> {
        Ok(match self.point(arn).await? {
            Observed::Known(point) => match point.block {
                Some(block) => Observed::Known(PointBlock { arn: arn.clone(), block, vpc: point.vpc }),
                None => Observed::Unknown { why: format!("the answer does not show the block of `{arn}`") },
            },
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl List<AccessPointBlocks> for S3Control {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<AccessPointBlocks>>, ReadError> {
        let listed = match self.points(from).await? {
            Observed::Known(listed) => listed,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let read = |arn: String| async move {
            let seen = Observe::<AccessPointBlocks>::observe(self, &arn, ReadDepth::Full).await?;
            Ok::<_, ReadError>((arn, seen))
        };
        let found = stream::iter(listed.found).map(read).buffered(AT_ONCE).try_collect().await?;
        Ok(Observed::Known(Page { found, next: listed.next }))
    }
}

impl Apply<NoAction> for S3Control {
    async fn apply(&self, action: &NoAction) -> Result<Applied, ApplyError> {
        match *action {}
    }
}
