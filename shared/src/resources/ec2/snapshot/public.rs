//! EC2-01: no EBS snapshot is public.

use super::IDS;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::ec2::sharing::NOT_WATCHED;
use crate::resources::ec2::sharing::actions::MODIFY_SNAPSHOT_ATTRIBUTE;
use crate::resources::ec2::sharing::judge::{judge_public, unshare};
use crate::resources::ec2::sharing::{Shared, SharingAction};

/// See the module.
pub struct SnapshotPublic;

static ABOUT: About = About {
    name: "snapshot-public",
    catalogue_id: "EC2-01",
    title: "EBS snapshot is public",
    description: "The `createVolumePermission` of an EBS snapshot contains the group `all`: every AWS account can \
        read the volume. The permission counts even while block public access hides the snapshot, because it takes \
        effect again when that setting changes. An event is evaluated for the permission that it added, a sweep for \
        all of them. A group other than `all`, which AWS does not document, is undetermined.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["EC2.1", "IAM Access Analyzer AWS::EC2::Snapshot"],
    technique: "T1537",
    triggers: &["ModifySnapshotAttribute"],
    remediation: "Removes the group `all` from the snapshot's permissions; permissions of accounts are not changed. \
        Never resets the attribute.",
    actions: &[MODIFY_SNAPSHOT_ATTRIBUTE],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<Shared, SharingAction> for SnapshotPublic {
    type Settings = NoSettings;

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
