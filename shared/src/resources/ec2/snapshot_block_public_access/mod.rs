//! EC2-05: block public access for snapshots is on, and not weaker than it was.
//!
//! What it is set back to is the higher of what is expected and what was kept. Without `expected` and with nothing kept that
//! is `block-new-sharing`, the smallest level that closes what the call allowed: no snapshot can be made public any more,
//! and nothing in use changes. `block-all-sharing` would hide snapshots that are public on purpose as well, which their users
//! notice: only an operator (`expected`) or the setting's own past may ask for that. EC2-01 finds, one by one, the snapshots that
//! were hidden and are public again. Security Hub's EC2.182 passes with `block-all-sharing` only. ("Block public access for Amazon
//! EBS snapshots", EBS user guide)

#[cfg(feature = "ec2")]
pub(crate) mod client;

use super::block_public_access::{AskedBlocking, Blocking, requested};
use super::setting::{EC2, account_setting};
use crate::engine::setting::prelude::*;
use crate::policy::GuardrailSettings;
use crate::resources::ec2::block_public_access::NOT_WATCHED;
use schemars::JsonSchema;

pub(crate) const READ: Permission = Permission::read("ec2:GetSnapshotBlockPublicAccessState");
const DISABLE: Permission = Permission::setting("ec2:DisableSnapshotBlockPublicAccess");
const ENABLE: Permission = Permission::setting("ec2:EnableSnapshotBlockPublicAccess");

/// Block public access for snapshots, in an account and region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotBlockPublicAccess;

/// How the setting is found: there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotBlockRef {
    /// What the event made it.
    pub made: Option<Blocking>,
    /// What it was when it was last known to be good.
    pub kept: Observed<Blocking>,
}

/// The setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotBlock {
    /// What it is.
    pub now: Blocking,
    /// What it was when it was last known to be good.
    pub before: Observed<Blocking>,
    /// Whether the organization's declarative policy decides it: then no call of the account can.
    pub is_declared: bool,
}

impl Default for SnapshotBlockRef {
    fn default() -> Self {
        Self { made: None, kept: Observed::Unknown { why: "the last known good state was not read".to_owned() } }
    }
}

/// How much public sharing is to be blocked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AskedBlockingSettings {
    /// The minimum to block. Without it: the last known good state, and at least `block-new-sharing`.
    ///  Security Hub EC2.182 asks for `block-all-sharing`, which also hides snapshots that are public
    /// on purpose.
    pub expected: Option<AskedBlocking>,
}

impl GuardrailSettings for AskedBlockingSettings {}

impl Setting for SnapshotBlockPublicAccess {
    type Key = SnapshotBlockRef;
    type State = SnapshotBlock;
    type Subject = ();
    type Value = Blocking;
    type Settings = AskedBlockingSettings;

    const KIND: &'static str = "snapshot-block-public-access";
    const STRICTEST: Blocking = Blocking::BlockAllSharing;
    const IS_KEPT: bool = true;
    const READS: &'static [Permission] = &[READ];
    const UNDOES: &'static [Permission] = &[DISABLE, ENABLE];
    const ABOUT: &'static About = &About {
        name: "snapshot-block-public-access-off",
        catalogue_id: "EC2-05",
        title: "Block public access for EBS snapshots is off or weaker",
        description: "The account's block public access for EBS snapshots in this region is `unblocked`, or weaker than \
            `expected` says. Without `expected`: weaker than when it was last seen to be good, so that a step from \
            `block-all-sharing` to `block-new-sharing` counts too; that needs a ledger. A setting that the organization's \
            declarative policy decides is notified and cannot be changed from here.",
        severity: Severity::High,
        class: Class::R1,
        controls: &["EC2.182"],
        technique: "T1578.005",
        triggers: &["DisableSnapshotBlockPublicAccess", "EnableSnapshotBlockPublicAccess"],
        remediation: "Sets it back to what it was, or to `expected`; to `block-new-sharing` where neither is known.",
        actions: &[ENABLE],
        ids: &["arn:%:ec2:%:%:snapshot-block-public-access"],
        not_watched: NOT_WATCHED,
    };
    const PLANNED: &'static [PlannedForm<SnapshotBlock>] = &[
        PlannedForm::one("AWS::EC2::SnapshotBlockPublicAccess", |it| planned(it, "State")),
        PlannedForm::one("aws_ebs_snapshot_block_public_access", |it| planned(it, "state")),
    ];
    const CALLS: &'static [Call<Blocking>] = &[
        Call {
            sets: Blocking::BlockAllSharing,
            stored: &["set", "block-all-sharing"],
            permission: ENABLE,
            says: "set block public access for snapshots to block-all-sharing",
            line: "aws ec2 enable-snapshot-block-public-access --state block-all-sharing",
        },
        Call {
            sets: Blocking::BlockNewSharing,
            stored: &["set", "block-new-sharing"],
            permission: ENABLE,
            says: "set block public access for snapshots to block-new-sharing",
            line: "aws ec2 enable-snapshot-block-public-access --state block-new-sharing",
        },
        Call {
            sets: Blocking::Unblocked,
            stored: &["set", "unblocked"],
            permission: DISABLE,
            says: "set block public access for snapshots to unblocked",
            line: "aws ec2 disable-snapshot-block-public-access",
        },
    ];

    /// Nothing is proven yet: see [`Self::recalled`].
    fn changed_by(event: &Event) -> Result<Vec<Target<SnapshotBlockRef, SnapshotBlock>>, Unlocatable> {
        if !event.is_one_of(EC2, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let key = SnapshotBlockRef { made: requested(event, "State"), ..SnapshotBlockRef::default() };
        Ok(vec![Target { key, proven: None, changed: None }])
    }

    /// A replay has the record alone.
    fn requested_by(event: &Event) -> Option<SnapshotBlock> {
        let before = SnapshotBlockRef::default().kept;
        requested(event, "State").map(|now| SnapshotBlock { now, before, is_declared: false })
    }

    fn narrow(block: &mut SnapshotBlock, target: &Target<SnapshotBlockRef, SnapshotBlock>) {
        block.before = target.key.kept.clone();
    }

    /// The record is enough where everything was blocked: setting that again can weaken nothing, whatever was set since. To
    /// restore a lower level from an old record could: then the setting is read first.
    fn recalled(target: &mut Target<SnapshotBlockRef, SnapshotBlock>, kept: Observed<SnapshotBlock>) {
        target.key.kept = match kept {
            Observed::Known(block) => Observed::Known(block.now),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        let before = target.key.kept.clone();
        if before == Observed::Known(Self::STRICTEST) {
            // The call succeeded: no declarative policy prevented it.
            target.proven = target.key.made.map(|now| SnapshotBlock { now, before, is_declared: false });
        }
    }

    fn set_by(event: &Event) -> Option<((), Blocking)> {
        requested(event, "State").map(|level| ((), level))
    }

    fn named(_: &SnapshotBlockRef, place: &Place) -> Resource {
        account_setting(Self::KIND, place)
    }

    fn shown(block: &SnapshotBlock) -> Shown<(), Blocking> {
        let value = Observed::Known(block.now);
        Shown { subject: (), value, element: Self::KIND.to_owned(), is_fixed: block.is_declared }
    }

    /// What was set before comes back where it was more than is asked for.
    fn wanted(block: &SnapshotBlock, now: Blocking, terms: &Terms<'_>) -> Option<Blocking> {
        let least = least(block, terms);
        (now < least).then(|| block.before.known().map_or(least, |before| least.max(*before)))
    }

    fn why(block: &SnapshotBlock, terms: &Terms<'_>) -> String {
        let was = match &block.before {
            Observed::Known(before) => format!("it was `{before}`"),
            Observed::Absent => "its previous value was never seen".to_owned(),
            Observed::Unknown { why } => format!("its previous value is unknown ({why})"),
        };
        let hidden = match &block.before {
            Observed::Known(Blocking::BlockAllSharing) => "; snapshots that it had hidden are public again",
            Observed::Known(Blocking::BlockNewSharing | Blocking::Unblocked) => "",
            Observed::Absent | Observed::Unknown { .. } => {
                "; if it was `block-all-sharing`, what that hid is public again"
            }
        };
        let declared = if block.is_declared { "; the organization's declarative policy decides it" } else { "" };
        let (now, least) = (block.now, least(block, terms));
        format!("block public access for snapshots is `{now}`, less than `{least}`: {was}{hidden}{declared}")
    }
}

fn planned(it: &PlannedResource<'_>, property: &str) -> Result<Option<SnapshotBlock>, Unreadable> {
    let Some(word) = it.text(property)? else { return Ok(None) };
    let now = Blocking::read(&word).ok_or_else(|| format!("`{word}` is no level of block public access"))?;
    Ok(Some(SnapshotBlock { now, before: Observed::Absent, is_declared: false }))
}

/// The least that it should be: what the operator expects, else what it was.
fn least(block: &SnapshotBlock, terms: &Terms<'_>) -> Blocking {
    let settings = SnapshotBlockPublicAccess::settings(terms);
    let floor = Blocking::BlockNewSharing;
    match (settings.expected, &block.before) {
        (Some(expected), _) => expected.into(),
        (None, Observed::Known(before)) => floor.max(*before),
        (None, Observed::Absent | Observed::Unknown { .. }) => floor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::plan::Action;
    use crate::engine::setting::Set;

    #[test]
    fn what_blocks_nothing_is_another_call() {
        let command = |level| Set::<SnapshotBlockPublicAccess>::to((), level).unwrap().command("eu-west-1");
        assert_eq!(command(Blocking::Unblocked), "aws ec2 disable-snapshot-block-public-access --region eu-west-1");
        assert_eq!(
            command(Blocking::BlockAllSharing),
            "aws ec2 enable-snapshot-block-public-access --state block-all-sharing --region eu-west-1"
        );
    }
}
