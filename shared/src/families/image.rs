//! AMIs and with whom they are shared: EC2-03, EC2-04.
//!
//! `CreateImage`, `CopyImage` and `RegisterImage` share with nobody: `ModifyImageAttribute` alone does. An image whose
//! snapshots are encrypted cannot be public; shared with accounts it is of use only to those that have a grant on the key
//! ("Share an AMI with specific AWS accounts", EC2 user guide). The permission is judged all the same: the key's policy may
//! follow.

use super::sharing;
use crate::event::Event;
use crate::families::{Family, Target, Unlocatable};
use crate::guardrails::Guardrail;
use crate::guardrails::image_public::ImagePublic;
use crate::guardrails::image_shared::ImageShared;
use crate::model::sharing::action::MODIFY_IMAGE_ATTRIBUTE;
use crate::model::sharing::{Shareable, Shared, SharedRef, SharingAction};
use crate::model::{Place, Resource};
use crate::permission::Permission;

pub(crate) const DESCRIBE_IMAGE_ATTRIBUTE: Permission = Permission::read("ec2:DescribeImageAttribute");
pub(crate) const DESCRIBE_IMAGES: Permission = Permission::read("ec2:DescribeImages");

/// The family of images. Regional: its function runs in every region.
#[derive(Clone, Copy, Debug, Default)]
pub struct Images;

impl Family for Images {
    type Key = SharedRef;
    type State = Shared;
    type Action = SharingAction;

    fn name(&self) -> &'static str {
        "image-sharing"
    }

    fn kind(&self) -> &'static str {
        "image"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_IMAGE_ATTRIBUTE]
    }

    fn lists(&self) -> &'static [Permission] {
        &[DESCRIBE_IMAGES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_IMAGE_ATTRIBUTE]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Shared, SharingAction>] {
        &[&ImagePublic, &ImageShared]
    }

    fn locate(&self, event: &Event) -> Result<Vec<Target<SharedRef, Shared>>, Unlocatable> {
        if !event.is_one_of("ec2.amazonaws.com", &["ModifyImageAttribute"]) {
            return Ok(Vec::new());
        }
        sharing::located(event, Shareable::Image)
    }

    fn focus(&self, shared: &mut Shared, target: &Target<SharedRef, Shared>) {
        sharing::focused(shared, target);
    }

    fn resource(&self, key: &SharedRef, _: Option<&Shared>, place: &Place) -> Resource {
        sharing::resource(key, Shareable::Image, place)
    }
}
