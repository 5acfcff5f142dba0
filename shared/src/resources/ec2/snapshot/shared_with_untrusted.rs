//! EC2-02: EBS snapshots are shared with trusted accounts alone.

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::ec2::sharing::actions::MODIFY_SNAPSHOT_ATTRIBUTE;
use crate::resources::ec2::sharing::judge::{judge_untrusted, unshare};
use crate::resources::ec2::sharing::{Shared, SharingAction};

/// See the module.
pub struct SnapshotShared;

static ABOUT: About = About {
    name: "snapshot-shared-with-untrusted",
    catalogue_id: "EC2-02",
    title: "Snapshot shared with an untrusted account",
    description: "An EBS snapshot whose `createVolumePermission` names an account that is neither the snapshot's own nor \
        among `trusted_accounts`. The accounts of a trusted organisation have to be listed there: a snapshot is shared with \
        accounts only. What GuardDuty's malware scanner shares with its service, and takes back, is left alone. Whether a \
        snapshot is encrypted is not asked: a grant on its key may follow.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1537",
    triggers: &["ModifySnapshotAttribute"],
    remediation: "Removes those accounts from the snapshot's permissions; trusted ones stay. Never resets the attribute.",
    actions: &[MODIFY_SNAPSHOT_ATTRIBUTE],
};

impl Guardrail<Shared, SharingAction> for SnapshotShared {
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
