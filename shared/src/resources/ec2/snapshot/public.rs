//! EC2-01: no EBS snapshot is public.

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::ec2::sharing::actions::MODIFY_SNAPSHOT_ATTRIBUTE;
use crate::resources::ec2::sharing::judge::{judge_public, unshare};
use crate::resources::ec2::sharing::{Shared, SharingAction};

/// See the module.
pub struct SnapshotPublic;

static ABOUT: About = About {
    name: "snapshot-public",
    catalogue_id: "EC2-01",
    title: "Snapshot is public",
    description: "An EBS snapshot whose `createVolumePermission` holds the group `all`: every AWS account can read the disk. \
        The permission counts even where block public access hides the snapshot for now, because it comes back with the \
        next change of that setting. An event leads to the permission that it added, the sweep to every one. A group \
        other than `all`, which AWS does not document, is undetermined.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["EC2.1"],
    technique: "T1537",
    triggers: &["ModifySnapshotAttribute"],
    remediation: "Removes the group `all` from the snapshot's permissions; those of accounts stay. Never resets the attribute.",
    actions: &[MODIFY_SNAPSHOT_ATTRIBUTE],
};

impl Guardrail<Shared, SharingAction> for SnapshotPublic {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, snapshot: &Shared, _: &Terms<'_>) -> Verdict {
        judge_public(snapshot, ABOUT.severity)
    }

    fn plan(&self, snapshot: &Shared, violation: &Violation, _: &Terms<'_>) -> Plan<SharingAction> {
        unshare(snapshot, violation)
    }
}
