//! AMIs and with whom they are shared: EC2-03, EC2-04.
//!
//! `CreateImage`, `CopyImage` and `RegisterImage` share with no account: `ModifyImageAttribute` alone does. An image whose
//! snapshots are encrypted cannot be public; shared with accounts it is of use only to those that have a grant on the key
//! ("Share an AMI with specific AWS accounts", EC2 user guide). The permission is judged all the same: the key's policy may
//! follow.

#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod public;
pub mod shared_with_untrusted;

use super::sharing::actions::MODIFY_IMAGE_ATTRIBUTE;
use super::sharing::{Shareable, Shared, SharedRef, SharingAction};
use super::sharing::{planned, record};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use public::ImagePublic;
use shared_with_untrusted::ImageShared;
use std::borrow::Cow;

/// See [`About::ids`](crate::engine::guardrail::About::ids).
const IDS: &[&str] = &["arn:%:ec2:%::image/%"];

pub(crate) const DESCRIBE_IMAGE_ATTRIBUTE: Permission = Permission::read("ec2:DescribeImageAttribute");
pub(crate) const DESCRIBE_IMAGES: Permission = Permission::read("ec2:DescribeImages");

/// The family of images. Regional: its function runs in every region.
#[derive(Clone, Copy, Debug, Default)]
pub struct Images;

impl Family for Images {
    type Key = SharedRef;
    type State = Shared;
    type Action = SharingAction;

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

    fn forms(&self) -> Cow<'static, [PlannedForm<Shared>]> {
        Cow::Borrowed(const { &[PlannedForm::one("aws_ami_launch_permission", planned::image)] })
    }

    guardrails![ImagePublic, ImageShared];

    fn locate(&self, event: &Event) -> Result<Vec<Target<SharedRef, Shared>>, Unlocatable> {
        if !event.is_one_of("ec2.amazonaws.com", &["ModifyImageAttribute"]) {
            return Ok(Vec::new());
        }
        record::located(event, Shareable::Image)
    }

    fn focus(&self, shared: &mut Shared, target: &Target<SharedRef, Shared>) {
        record::focused(shared, target);
    }

    fn resource(&self, key: &SharedRef, _: Option<&Shared>, place: &Place) -> Resource {
        record::resource(key, Shareable::Image, place)
    }
}
