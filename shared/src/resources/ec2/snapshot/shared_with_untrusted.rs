//! EC2-02: EBS snapshots are shared with trusted accounts alone.

use super::IDS;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::ec2::sharing::NOT_WATCHED;
use crate::resources::ec2::sharing::actions::MODIFY_SNAPSHOT_ATTRIBUTE;
use crate::resources::ec2::sharing::judge::{judge_untrusted, unshare};
use crate::resources::ec2::sharing::{Shared, SharingAction};

/// See the module.
pub struct SnapshotShared;

static ABOUT: About = About {
    name: "snapshot-shared-with-untrusted",
    catalogue_id: "EC2-02",
    title: "EBS snapshot shared with untrusted account",
    description: "The `createVolumePermission` of an EBS snapshot names an account that is neither the owner nor \
        among `trusted_accounts`. List the accounts of a trusted organisation there, because snapshots can be shared \
        with accounts only. Shares that GuardDuty's malware scanner creates for its own service, and removes again, \
        comply. Encryption is not considered: a grant on the key may follow.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM Access Analyzer AWS::EC2::Snapshot"],
    technique: "T1537",
    triggers: &["ModifySnapshotAttribute"],
    remediation: "Removes those accounts from the snapshot's permissions; trusted accounts are not changed. Never \
        resets the attribute.",
    actions: &[MODIFY_SNAPSHOT_ATTRIBUTE],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<Shared, SharingAction> for SnapshotShared {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, snapshot: &Shared, terms: &Terms<'_>) -> Verdict {
        judge_untrusted(snapshot, ABOUT.severity, terms)
    }

    fn plan(&self, snapshot: &Shared, violation: &Violation, _: &Terms<'_>) -> Plan<SharingAction> {
        unshare(snapshot, violation)
    }
}
