//! EC2-06: block public access for images (AMIs) is on.
//!
//! It has one level, `block-new-sharing`: public images stay public, and EC2-03 is about those. Either call takes up to ten
//! minutes, for which a read shows the setting as it was ("EnableImageBlockPublicAccess", EC2 API reference).

#[cfg(feature = "ec2")]
pub(crate) mod client;

use super::block_public_access::{Blocking, requested};
use super::setting::{EC2, account_setting};
use crate::engine::setting::prelude::*;
use crate::resources::ec2::block_public_access::NOT_WATCHED;

pub(crate) const READ: Permission = Permission::read("ec2:GetImageBlockPublicAccessState");
const DISABLE: Permission = Permission::setting("ec2:DisableImageBlockPublicAccess");
const ENABLE: Permission = Permission::setting("ec2:EnableImageBlockPublicAccess");

/// Block public access for images, in an account and region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImageBlockPublicAccess;

/// The setting, which is on or off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageBlock {
    /// Whether no image can be made public.
    pub is_blocked: bool,
    /// Whether the organization's declarative policy decides it: then no call of the account can.
    pub is_declared: bool,
}

impl Setting for ImageBlockPublicAccess {
    type Key = OfAccount;
    type State = ImageBlock;
    type Subject = ();
    type Value = bool;
    type Settings = NoSettings;

    const KIND: &'static str = "image-block-public-access";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[READ];
    const UNDOES: &'static [Permission] = &[DISABLE];
    const ABOUT: &'static About = &About {
        name: "image-block-public-access-off",
        catalogue_id: "EC2-06",
        title: "Block public access for AMIs is off",
        description: "Block public access for AMIs was disabled for the account in this region: a principal that may modify an \
            image can make it public. Enabling it again takes up to ten minutes; until a read shows it, the finding is \
            `partial` and says so. A setting that the organization's declarative policy decides is notified and cannot be \
            changed from here.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1578.005",
        triggers: &["DisableImageBlockPublicAccess", "EnableImageBlockPublicAccess"],
        remediation: "Enables it again (`block-new-sharing`). Images that are public stay public.",
        actions: &[ENABLE],
        ids: &["arn:%:ec2:%:%:image-block-public-access"],
        not_watched: NOT_WATCHED,
    };
    const PLANNED: &'static [PlannedForm<ImageBlock>] =
        &[PlannedForm::one("aws_ec2_image_block_public_access", |it| {
            let word = it.text("state")?;
            Ok(word.map(|word| ImageBlock { is_blocked: word == "block-new-sharing", is_declared: false }))
        })];
    const CALLS: &'static [Call<bool>] = &[
        Call {
            sets: true,
            stored: &["block"],
            permission: ENABLE,
            says: "set block public access for images to block-new-sharing",
            line: "aws ec2 enable-image-block-public-access --image-block-public-access-state block-new-sharing",
        },
        Call {
            sets: false,
            stored: &["unblock"],
            permission: DISABLE,
            says: "disable block public access for images",
            line: "aws ec2 disable-image-block-public-access",
        },
    ];

    /// `Disable...` says it all by its name, `Enable...` in its request; a level that this version does not know is read. A read
    /// lags by up to ten minutes: the record is the better witness.
    fn changed_by(event: &Event) -> Result<Vec<Target<OfAccount, ImageBlock>>, Unlocatable> {
        if !event.is_one_of(EC2, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let is_blocked = match requested(event, "ImageBlockPublicAccessState") {
            Some(Blocking::Unblocked) if event.name == "DisableImageBlockPublicAccess" => Some(false),
            Some(Blocking::BlockNewSharing) => Some(true),
            Some(Blocking::Unblocked | Blocking::BlockAllSharing) | None => None,
        };
        // The call succeeded: no declarative policy prevented it.
        let proven = is_blocked.map(|is_blocked| ImageBlock { is_blocked, is_declared: false });
        Ok(vec![Target { key: OfAccount {}, proven, changed: None }])
    }

    fn named(_: &OfAccount, place: &Place) -> Resource {
        account_setting(Self::KIND, place)
    }

    fn shown(block: &ImageBlock) -> Shown<(), bool> {
        let value = Observed::Known(block.is_blocked);
        Shown { subject: (), value, element: Self::KIND.to_owned(), is_fixed: block.is_declared }
    }

    fn why(block: &ImageBlock, _: &Terms<'_>) -> String {
        let declared = if block.is_declared { "; the organization's declarative policy decides it" } else { "" };
        format!("block public access for images is `unblocked`: an image can be made public{declared}")
    }
}
