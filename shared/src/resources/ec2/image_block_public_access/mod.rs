//! Block public access for images, a setting of an account in a region: EC2-06.

#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod off;

use super::block_public_access::DISABLE_IMAGE_BLOCK_PUBLIC_ACCESS;
use super::block_public_access::{Blocking, ImageBlock, ImageBlockAction, ImageBlockRef};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::Guardrail;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use off::ImageBlockPublicAccessOff;

pub(crate) const GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE: Permission =
    Permission::read("ec2:GetImageBlockPublicAccessState");

/// The family of the setting. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImageBlockPublicAccess;

impl Family for ImageBlockPublicAccess {
    type Key = ImageBlockRef;
    type State = ImageBlock;
    type Action = ImageBlockAction;

    fn kind(&self) -> &'static str {
        "image-block-public-access"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DISABLE_IMAGE_BLOCK_PUBLIC_ACCESS]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<ImageBlock, ImageBlockAction>] {
        &[&ImageBlockPublicAccessOff]
    }

    /// `Disable…` says it all by its name, `Enable…` in its request; a level that this version does not know is read. For
    /// up to ten minutes after either call a read shows the setting as it was ("DisableImageBlockPublicAccess", EC2 API
    /// reference): the record is the better witness.
    fn locate(&self, event: &Event) -> Result<Vec<Target<ImageBlockRef, ImageBlock>>, Unlocatable> {
        let calls = ["DisableImageBlockPublicAccess", "EnableImageBlockPublicAccess"];
        if !event.is_one_of("ec2.amazonaws.com", &calls) {
            return Ok(Vec::new());
        }
        // The call succeeded: no declarative policy stood in its way.
        let proven = made(event).map(|is_blocked| ImageBlock { is_blocked, is_declared: false });
        Ok(vec![Target { key: ImageBlockRef::default(), proven, changed: None }])
    }

    fn focus(&self, _: &mut ImageBlock, _: &Target<ImageBlockRef, ImageBlock>) {}

    fn resource(&self, _: &ImageBlockRef, _: Option<&ImageBlock>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let name = "image-block-public-access";
        Resource {
            id: format!("arn:{partition}:ec2:{region}:{account}:{name}"),
            kind: "AwsAccount",
            name: name.to_owned(),
        }
    }
}

/// What the call left; none where its level is not one that is known here.
fn made(event: &Event) -> Option<bool> {
    if event.name == "DisableImageBlockPublicAccess" {
        return Some(false);
    }
    let (wrapper, field) = ("EnableImageBlockPublicAccessRequest", "imageBlockPublicAccessState");
    let capital = "ImageBlockPublicAccessState";
    let paths: [&[&str]; 4] = [&[wrapper, capital], &[wrapper, field], &[field], &[capital]];
    let word = paths.iter().find_map(|path| event.request.text(path))?;
    (Blocking::read(word)? == Blocking::BlockNewSharing).then_some(true)
}
