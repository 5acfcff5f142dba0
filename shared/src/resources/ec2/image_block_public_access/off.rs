//! EC2-06: block public access for images is on.
//!
//! It has one level, `block-new-sharing`: public images stay public, and EC2-03 is about those. Either call takes up to ten
//! minutes, for which a read shows the setting as it was ("EnableImageBlockPublicAccess", EC2 API reference).

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::ec2::block_public_access::ENABLE_IMAGE_BLOCK_PUBLIC_ACCESS;
use crate::resources::ec2::block_public_access::{ImageBlock, ImageBlockAction};

/// See the module.
pub struct ImageBlockPublicAccessOff;

static ABOUT: About = About {
    name: "image-block-public-access-off",
    catalogue_id: "EC2-06",
    title: "Block public access for images is off",
    description: "The account's block public access for AMIs in this region was switched off: anybody who may change an image \
        can make it public. The call that switches it on again takes up to ten minutes; until a read shows it, the finding \
        is `partial` and says so. A setting that an organisation's declarative policy decides is told and cannot be changed \
        from here.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1578.005",
    triggers: &["DisableImageBlockPublicAccess", "EnableImageBlockPublicAccess"],
    remediation: "Switches it on again (`block-new-sharing`). Images that are public stay so.",
    actions: &[ENABLE_IMAGE_BLOCK_PUBLIC_ACCESS],
};

impl Guardrail<ImageBlock, ImageBlockAction> for ImageBlockPublicAccessOff {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, block: &ImageBlock, _: &Terms<'_>) -> Verdict {
        if block.is_blocked {
            return Verdict::Compliant;
        }
        let tail = if block.is_declared { ". A declarative policy of the organisation decides it" } else { "" };
        let why = format!("block public access for images is `unblocked`: an image can be made public{tail}");
        Verdict::Violation(Violation {
            severity: ABOUT.severity,
            evidence: vec![Evidence { element: "image-block-public-access".to_owned(), why }],
        })
    }

    fn plan(&self, block: &ImageBlock, _: &Violation, _: &Terms<'_>) -> Plan<ImageBlockAction> {
        if block.is_declared {
            return Plan::default();
        }
        Plan::one(ImageBlockAction::Block, ImageBlockAction::Unblock)
    }
}
