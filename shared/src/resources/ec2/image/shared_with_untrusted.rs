//! EC2-04: AMIs are shared with trusted accounts and organisations alone.

use super::IDS;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::ec2::sharing::NOT_WATCHED;
use crate::resources::ec2::sharing::actions::MODIFY_IMAGE_ATTRIBUTE;
use crate::resources::ec2::sharing::judge::{judge_untrusted, unshare};
use crate::resources::ec2::sharing::{Shared, SharingAction};

/// See the module.
pub struct ImageShared;

static ABOUT: About = About {
    name: "image-shared-with-untrusted",
    catalogue_id: "EC2-04",
    title: "AMI shared with untrusted account",
    description: "The `launchPermission` of an AMI names an account that is neither the owner nor among \
        `trusted_accounts`, or an organisation or organisational unit whose organisation (`o-…`) is not among \
        `trusted_organizations`. Encryption is not considered: a grant on the key may follow.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1537",
    triggers: &["ModifyImageAttribute"],
    remediation: "Removes those accounts, organisations and units from the image's launch permissions; trusted ones \
        are not changed. Never resets the attribute.",
    actions: &[MODIFY_IMAGE_ATTRIBUTE],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<Shared, SharingAction> for ImageShared {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, image: &Shared, terms: &Terms<'_>) -> Verdict {
        judge_untrusted(image, ABOUT.severity, terms)
    }

    fn plan(&self, image: &Shared, violation: &Violation, _: &Terms<'_>) -> Plan<SharingAction> {
        unshare(image, violation)
    }
}
