//! Images: the reads of one, and the list of all that the account owns.

use super::DESCRIBE_IMAGES;
use super::Images;
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::ec2::client::Ec2;
use crate::resources::ec2::sharing::client::read_each;
use crate::resources::ec2::sharing::{Shared, SharedRef};

impl Observe<Images> for Ec2 {
    async fn observe(&self, key: &SharedRef, _: ReadDepth) -> Result<Observed<Shared>, ReadError> {
        self.image(&key.id).await
    }
}

/// `DescribeImages` shows whether an image is public, but not with whom it is shared: each image is a call of its own, eight
/// at a time. Accounts have far fewer images than snapshots.
impl List<Images> for Ec2 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<Images>>, ReadError> {
        const PAGE: i32 = 100;
        let call = self.client.describe_images().owners("self").max_results(PAGE);
        let answer = match call.set_next_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_IMAGES.action),
        };
        let ids = answer.images().iter().filter_map(|image| image.image_id().map(str::to_owned)).collect();
        let found = read_each(ids, async |id: String| self.image(&id).await).await?;
        let next = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        Ok(Observed::Known(Page { found, next }))
    }
}
