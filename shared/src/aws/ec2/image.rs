//! Images: the reads of one, and the list of all that the account owns.

use super::Ec2;
use super::sharing::read_each;
use crate::aws::failure;
use crate::families::image::DESCRIBE_IMAGES;
use crate::families::image::Images;
use crate::families::{Glance, List, Observe, Page, ReadError};
use crate::model::Observed;
use crate::model::sharing::{Shared, SharedRef};

impl Observe<Images> for Ec2 {
    async fn observe(&self, key: &SharedRef, _: Glance) -> Result<Observed<Shared>, ReadError> {
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
