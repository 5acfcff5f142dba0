//! EBS snapshots and with whom they are shared: EC2-01, EC2-02.
//!
//! `CreateSnapshot` and `CopySnapshot` share with no account: `ModifySnapshotAttribute` alone does. A snapshot that is encrypted
//! cannot be public, and one that is encrypted with the account's default key cannot be shared; one with a customer managed key
//! can, and the account that it is shared with needs a grant on the key too ("Share an Amazon EBS snapshot", EBS user guide). The
//! permission is judged all the same: the key's policy may follow.

#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod public;
pub mod shared_with_untrusted;

use super::sharing::actions::MODIFY_SNAPSHOT_ATTRIBUTE;
use super::sharing::{Shareable, Shared, SharedRef, SharingAction};
use super::sharing::{planned, record};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use public::SnapshotPublic;
use shared_with_untrusted::SnapshotShared;
use std::borrow::Cow;

/// See [`About::ids`](crate::engine::guardrail::About::ids).
const IDS: &[&str] = &["arn:%:ec2:%::snapshot/%"];

pub(crate) const DESCRIBE_SNAPSHOT_ATTRIBUTE: Permission = Permission::read("ec2:DescribeSnapshotAttribute");
pub(crate) const DESCRIBE_SNAPSHOTS: Permission = Permission::read("ec2:DescribeSnapshots");

/// The family of snapshots. Regional: its function runs in every region.
#[derive(Clone, Copy, Debug, Default)]
pub struct Snapshots;

impl Family for Snapshots {
    type Key = SharedRef;
    type State = Shared;
    type Action = SharingAction;

    fn kind(&self) -> &'static str {
        "snapshot"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_SNAPSHOT_ATTRIBUTE]
    }

    fn lists(&self) -> &'static [Permission] {
        &[DESCRIBE_SNAPSHOTS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_SNAPSHOT_ATTRIBUTE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Shared>]> {
        Cow::Borrowed(const { &[PlannedForm::one("aws_snapshot_create_volume_permission", planned::snapshot)] })
    }

    guardrails![SnapshotPublic, SnapshotShared];

    fn locate(&self, event: &Event) -> Result<Vec<Target<SharedRef, Shared>>, Unlocatable> {
        if !event.is_one_of("ec2.amazonaws.com", &["ModifySnapshotAttribute"]) {
            return Ok(Vec::new());
        }
        record::located(event, Shareable::Snapshot)
    }

    fn focus(&self, shared: &mut Shared, target: &Target<SharedRef, Shared>) {
        record::focused(shared, target);
    }

    fn resource(&self, key: &SharedRef, _: Option<&Shared>, place: &Place) -> Resource {
        record::resource(key, Shareable::Snapshot, place)
    }
}
