//! EC2-03: no AMI is public.

use super::sharing::{judge_public, unshare};
use super::{About, Class, Guardrail, Terms};
use crate::model::sharing::action::MODIFY_IMAGE_ATTRIBUTE;
use crate::model::sharing::{Shared, SharingAction};
use crate::plan::Plan;
use crate::verdict::{Severity, Verdict, Violation};

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
