//! EC2-03: no AMI is public.

use super::IDS;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::ec2::sharing::NOT_WATCHED;
use crate::resources::ec2::sharing::actions::MODIFY_IMAGE_ATTRIBUTE;
use crate::resources::ec2::sharing::judge::{judge_public, unshare};
use crate::resources::ec2::sharing::{Shared, SharingAction};

/// See the module.
pub struct ImagePublic;

static ABOUT: About = About {
    name: "image-public",
    catalogue_id: "EC2-03",
    title: "AMI is public",
    description: "The `launchPermission` of an AMI contains the group `all`: every AWS account can launch it and \
        read its disks. An event is evaluated for the permission that it added, a sweep for all of them. A group \
        other than `all`, which AWS does not document, is undetermined.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &[],
    technique: "T1537",
    triggers: &["ModifyImageAttribute"],
    remediation: "Removes the group `all` from the image's launch permissions; permissions of accounts and \
        organisations are not changed. Never resets the attribute.",
    actions: &[MODIFY_IMAGE_ATTRIBUTE],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<Shared, SharingAction> for ImagePublic {
    type Settings = NoSettings;

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
