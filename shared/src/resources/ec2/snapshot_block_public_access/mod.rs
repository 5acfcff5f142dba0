//! Block public access for snapshots, a setting of an account in a region: EC2-05.

#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod off;

use super::block_public_access::{Blocking, SnapshotBlock, SnapshotBlockAction, SnapshotBlockRef};
use super::block_public_access::{DISABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS, ENABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, Unlocatable, Written};
use crate::engine::guardrail::Guardrail;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use off::SnapshotBlockPublicAccessOff;

pub(crate) const GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE: Permission =
    Permission::read("ec2:GetSnapshotBlockPublicAccessState");
use serde_json::Value;

/// The family of the setting. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct SnapshotBlockPublicAccess;

type BlockTarget = Target<SnapshotBlockRef, SnapshotBlock>;

impl Family for SnapshotBlockPublicAccess {
    type Key = SnapshotBlockRef;
    type State = SnapshotBlock;
    type Action = SnapshotBlockAction;

    fn kind(&self) -> &'static str {
        "snapshot-block-public-access"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DISABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS, ENABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<SnapshotBlock, SnapshotBlockAction>] {
        &[&SnapshotBlockPublicAccessOff]
    }

    /// Nothing is proven yet: see [`Self::recall`].
    fn locate(&self, event: &Event) -> Result<Vec<BlockTarget>, Unlocatable> {
        let calls = ["DisableSnapshotBlockPublicAccess", "EnableSnapshotBlockPublicAccess"];
        if !event.is_one_of("ec2.amazonaws.com", &calls) {
            return Ok(Vec::new());
        }
        Ok(vec![Target {
            key: SnapshotBlockRef { made: made(event), ..SnapshotBlockRef::default() },
            proven: None,
            changed: None,
        }])
    }

    /// A replay has the record alone.
    fn claimed(&self, event: &Event, _: &SnapshotBlockRef) -> Option<SnapshotBlock> {
        let before = SnapshotBlockRef::default().kept;
        made(event).map(|now| SnapshotBlock { now, before, is_declared: false })
    }

    fn focus(&self, block: &mut SnapshotBlock, target: &BlockTarget) {
        block.before = target.key.kept.clone();
    }

    fn memory(&self, _: &SnapshotBlockRef) -> Option<String> {
        Some("setting".to_owned())
    }

    /// The record's word is enough where everything was blocked: setting that again can weaken nothing, whatever was
    /// done since. To restore a lower level from an old record could: then the setting is read first.
    fn recall(&self, target: &mut BlockTarget, kept: Observed<SnapshotBlock>) {
        target.key.kept = match kept {
            Observed::Known(block) => Observed::Known(block.now),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        let before = target.key.kept.clone();
        if before == Observed::Known(Blocking::BlockAllSharing) {
            // The call succeeded: no declarative policy stood in its way.
            target.proven = target.key.made.map(|now| SnapshotBlock { now, before, is_declared: false });
        }
    }

    fn part(&self, _: &SnapshotBlockAction, block: &SnapshotBlock) -> (String, Value) {
        (String::new(), block.now.word().into())
    }

    fn writes(&self, call: &SnapshotBlockAction) -> Option<Value> {
        let SnapshotBlockAction::Set(level) = call;
        Some(level.word().into())
    }

    fn written(&self, event: &Event, _: &BlockTarget) -> Option<Written<SnapshotBlockAction>> {
        let level = made(event)?;
        let again = Some(SnapshotBlockAction::Set(level));
        Some(Written { part: String::new(), content: level.word().into(), again, anew: None })
    }

    fn resource(&self, _: &SnapshotBlockRef, _: Option<&SnapshotBlock>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let name = "snapshot-block-public-access";
        Resource {
            id: format!("arn:{partition}:ec2:{region}:{account}:{name}"),
            kind: "AwsAccount",
            name: name.to_owned(),
        }
    }
}

/// `Disable…` says by its name what it left, `Enable…` in its request; none where that cannot be read.
fn made(event: &Event) -> Option<Blocking> {
    if event.name == "DisableSnapshotBlockPublicAccess" {
        return Some(Blocking::Unblocked);
    }
    let wrapper = "EnableSnapshotBlockPublicAccessRequest";
    let paths: [&[&str]; 4] = [&[wrapper, "State"], &[wrapper, "state"], &["state"], &["State"]];
    paths.iter().find_map(|path| event.request.text(path)).and_then(Blocking::read)
}
