//! Block public access for snapshots.

use super::{READ, SnapshotBlock, SnapshotBlockPublicAccess, SnapshotBlockRef};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::Set;
use crate::resources::ec2::block_public_access::Blocking;
use crate::resources::ec2::client::Ec2;
use aws_sdk_ec2::operation::get_snapshot_block_public_access_state::GetSnapshotBlockPublicAccessStateOutput;
use aws_sdk_ec2::types::{ManagedBy, SnapshotBlockPublicAccessState};

impl Observe<SnapshotBlockPublicAccess> for Ec2 {
    async fn observe(&self, _: &SnapshotBlockRef, _: ReadDepth) -> Result<Observed<SnapshotBlock>, ReadError> {
        match self.client.get_snapshot_block_public_access_state().send().await {
            Ok(answer) => Ok(block(&answer)),
            Err(error) => failure(&error).of_read(READ.action),
        }
    }
}

/// One page with the one setting.
impl List<SnapshotBlockPublicAccess> for Ec2 {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<SnapshotBlockPublicAccess>>, ReadError> {
        let key = SnapshotBlockRef::default();
        let state = Observe::<SnapshotBlockPublicAccess>::observe(self, &key, ReadDepth::Full).await?;
        Ok(Observed::Known(Page { found: vec![(key, state)], next: None }))
    }
}

impl Apply<Set<SnapshotBlockPublicAccess>> for Ec2 {
    async fn apply(&self, action: &Set<SnapshotBlockPublicAccess>) -> Result<Applied, ApplyError> {
        match action.value() {
            Blocking::Unblocked => {
                done(self.client.disable_snapshot_block_public_access().send().await, action.permission())
            }
            level @ (Blocking::BlockNewSharing | Blocking::BlockAllSharing) => {
                let state = SnapshotBlockPublicAccessState::from(level.word());
                done(self.client.enable_snapshot_block_public_access().state(state).send().await, action.permission())
            }
        }
    }
}

fn block(answer: &GetSnapshotBlockPublicAccessStateOutput) -> Observed<SnapshotBlock> {
    let word = answer.state().map(SnapshotBlockPublicAccessState::as_str).unwrap_or_default();
    let Some(now) = Blocking::read(word) else {
        return Observed::Unknown {
            why: format!("block public access for snapshots is `{word}`, which is not known here"),
        };
    };
    let is_declared = answer.managed_by() == Some(&ManagedBy::DeclarativePolicy);
    Observed::Known(SnapshotBlock { now, before: SnapshotBlockRef::default().kept, is_declared })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(state: &str, managed_by: ManagedBy) -> Observed<SnapshotBlock> {
        let state = SnapshotBlockPublicAccessState::from(state);
        block(&GetSnapshotBlockPublicAccessStateOutput::builder().state(state).managed_by(managed_by).build())
    }

    #[test]
    fn the_level_and_who_decides_it_are_read() {
        let Observed::Known(own) = shown("block-new-sharing", ManagedBy::Account) else { panic!("not read") };
        assert_eq!((own.now, own.is_declared), (Blocking::BlockNewSharing, false));
        let Observed::Known(declared) = shown("unblocked", ManagedBy::DeclarativePolicy) else { panic!("not read") };
        assert_eq!((declared.now, declared.is_declared), (Blocking::Unblocked, true));
    }

    #[test]
    fn a_level_that_is_not_known_is_not_taken_for_one_that_is() {
        assert!(matches!(shown("block-some", ManagedBy::Account), Observed::Unknown { .. }));
        let silent = GetSnapshotBlockPublicAccessStateOutput::builder().build();
        assert!(matches!(block(&silent), Observed::Unknown { .. }));
    }
}
