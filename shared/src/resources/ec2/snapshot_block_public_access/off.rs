//! EC2-05: block public access for snapshots is on, and not weaker than it was.
//!
//! What it is set back to is the higher of what is expected and what was kept. Without `expected` and with nothing kept that
//! is `block-new-sharing`, the smallest level that takes away what the call allowed: no snapshot can be made public any more,
//! and nothing that anybody uses changes. `block-all-sharing` would hide snapshots that are public on purpose as well, which
//! their users notice: only an operator (`expected`) or the setting's own past may ask for that. What it leaves is the
//! business of EC2-01: a snapshot that had been hidden and is public again is found there, one by one. Security Hub's EC2.182
//! is content with `block-all-sharing` only. ("Block public access for Amazon EBS snapshots", EBS user guide)

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::ec2::block_public_access::ENABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS;
use crate::resources::ec2::block_public_access::{Blocking, SnapshotBlock, SnapshotBlockAction};

/// See the module.
pub struct SnapshotBlockPublicAccessOff;

static ABOUT: About = About {
    name: "snapshot-block-public-access-off",
    catalogue_id: "EC2-05",
    title: "Block public access for snapshots is off or weaker",
    description: "The account's block public access for EBS snapshots in this region is `unblocked`, or weaker than \
        `expected` says. Without `expected`: weaker than when it was last seen to be good, so that a step from \
        `block-all-sharing` to `block-new-sharing` counts too; that needs a ledger. A setting that an organisation's \
        declarative policy decides is told and cannot be changed from here.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["EC2.182"],
    technique: "T1578.005",
    triggers: &["DisableSnapshotBlockPublicAccess", "EnableSnapshotBlockPublicAccess"],
    remediation: "Sets it back to what it was, or to `expected`; to `block-new-sharing` where neither is known.",
    actions: &[ENABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS],
};

impl Guardrail<SnapshotBlock, SnapshotBlockAction> for SnapshotBlockPublicAccessOff {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, block: &SnapshotBlock, terms: &Terms<'_>) -> Verdict {
        let least = least(block, terms);
        if block.now >= least {
            return Verdict::Compliant;
        }
        let was = match &block.before {
            Observed::Known(before) => format!("it was `{before}`"),
            Observed::Absent => "what it was before was never seen".to_owned(),
            Observed::Unknown { why } => format!("what it was before is not known ({why})"),
        };
        let hidden = match &block.before {
            Observed::Known(Blocking::BlockAllSharing) => "; snapshots that it had hidden are public again",
            Observed::Known(Blocking::BlockNewSharing | Blocking::Unblocked) => "",
            Observed::Absent | Observed::Unknown { .. } => {
                "; if it was `block-all-sharing`, what that hid is public again"
            }
        };
        let declared = if block.is_declared { "; a declarative policy of the organisation decides it" } else { "" };
        let now = block.now;
        let why = format!("block public access for snapshots is `{now}`, less than `{least}`: {was}{hidden}{declared}");
        Verdict::Violation(Violation {
            severity: ABOUT.severity,
            evidence: vec![Evidence { element: "snapshot-block-public-access".to_owned(), why }],
        })
    }

    /// What stood before comes back where it was more than is asked for: that is how things were.
    fn plan(&self, block: &SnapshotBlock, _: &Violation, terms: &Terms<'_>) -> Plan<SnapshotBlockAction> {
        if block.is_declared {
            return Plan::default();
        }
        let least = least(block, terms);
        let level = block.before.known().map_or(least, |before| least.max(*before));
        Plan::one(SnapshotBlockAction::Set(level), SnapshotBlockAction::Set(block.now))
    }
}

/// The least that it should be: an operator's word, else what it was.
fn least(block: &SnapshotBlock, terms: &Terms<'_>) -> Blocking {
    let settings = &terms.policy.guardrails.snapshot_block_public_access_off.settings;
    let floor = Blocking::BlockNewSharing;
    match (settings.expected, &block.before) {
        (Some(expected), _) => expected.into(),
        (None, Observed::Known(before)) => floor.max(*before),
        (None, Observed::Absent | Observed::Unknown { .. }) => floor,
    }
}
