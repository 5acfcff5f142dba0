//! EC2-03: no AMI is public.

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::ec2::sharing::actions::MODIFY_IMAGE_ATTRIBUTE;
use crate::resources::ec2::sharing::judge::{judge_public, unshare};
use crate::resources::ec2::sharing::{Shared, SharingAction};

/// See the module.
pub struct ImagePublic;

static ABOUT: About = About {
    name: "image-public",
    catalogue_id: "EC2-03",
    title: "Image is public",
    description: "An AMI whose `launchPermission` holds the group `all`: every AWS account can launch it and read what is on \
        its disks. An event leads to the permission that it added, the sweep to every one. A group other than `all`, which \
        AWS does not document, is undetermined.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &[],
    technique: "T1537",
    triggers: &["ModifyImageAttribute"],
    remediation: "Removes the group `all` from the image's launch permissions; those of accounts and organisations stay. \
        Never resets the attribute.",
    actions: &[MODIFY_IMAGE_ATTRIBUTE],
};

impl Guardrail<Shared, SharingAction> for ImagePublic {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, image: &Shared, _: &Terms<'_>) -> Verdict {
        judge_public(image, ABOUT.severity)
    }

    fn plan(&self, image: &Shared, violation: &Violation, _: &Terms<'_>) -> Plan<SharingAction> {
        unshare(image, violation)
    }
}
