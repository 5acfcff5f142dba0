//! Block public access for images. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::resources::ec2::ImageBlockPublicAccess;
use shared::resources::ec2::image_block_public_access::ImageBlock;

living!(ImageBlockPublicAccess);

impl Fake for ImageBlockPublicAccess {
    fn put(block: &mut ImageBlock, is_blocked: bool) {
        block.is_blocked = is_blocked;
    }

    /// `GetImageBlockPublicAccessState`
    fn answer(value: &Value) -> ImageBlock {
        let is_blocked = value["ImageBlockPublicAccessState"] == "block-new-sharing";
        ImageBlock { is_blocked, is_declared: value["ManagedBy"] == "declarative-policy" }
    }

    fn line(block: &ImageBlock) -> String {
        if block.is_blocked { "block-new-sharing" } else { "unblocked" }.to_owned()
    }

    fn subject() {}
}
