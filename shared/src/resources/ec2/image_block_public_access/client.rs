//! Block public access for images.

use super::GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE;
use super::ImageBlockPublicAccess;
use crate::aws::failure;
use crate::engine::family::{Glance, List, Observe, Page, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::ec2::block_public_access::{Blocking, ImageBlock, ImageBlockAction, ImageBlockRef};
use crate::resources::ec2::client::{Ec2, id_of};
use aws_sdk_ec2::types::{ImageBlockPublicAccessEnabledState, ManagedBy};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long a read may show the setting as it was before a call that AWS accepted ("EnableImageBlockPublicAccess", EC2
/// API reference).
const SETTLES_IN: Duration = Duration::from_secs(600);

/// When this client's call to block was accepted. Until AWS has settled, `unblocked` is not news and not a failure: it is
/// said to be unknown. A record of a call that unblocks is judged without a read, so nobody can hide in that time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accepted(Arc<Mutex<Option<Instant>>>);

impl Accepted {
    fn at(&self, time: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    fn is_settling(&self, now: Instant) -> bool {
        let accepted = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accepted.is_some_and(|accepted| now.duration_since(accepted) < SETTLES_IN)
    }
}

impl Observe<ImageBlockPublicAccess> for Ec2 {
    async fn observe(&self, _: &ImageBlockRef, _: Glance) -> Result<Observed<ImageBlock>, ReadError> {
        let answer = match self.client.get_image_block_public_access_state().send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_IMAGE_BLOCK_PUBLIC_ACCESS_STATE.action),
        };
        let is_declared = answer.managed_by() == Some(&ManagedBy::DeclarativePolicy);
        let is_settling = self.image_block.is_settling(Instant::now());
        Ok(block(answer.image_block_public_access_state().unwrap_or_default(), is_declared, is_settling))
    }
}

/// One page with the one setting.
impl List<ImageBlockPublicAccess> for Ec2 {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<ImageBlockPublicAccess>>, ReadError> {
        let key = ImageBlockRef::default();
        let state = Observe::<ImageBlockPublicAccess>::observe(self, &key, Glance::Full).await?;
        Ok(Observed::Known(Page { found: vec![(key, state)], next: None }))
    }
}

impl Apply<ImageBlockAction> for Ec2 {
    async fn apply(&self, action: &ImageBlockAction) -> Result<Applied, ApplyError> {
        let answer = match action {
            ImageBlockAction::Block => {
                let call = self.client.enable_image_block_public_access();
                let state = ImageBlockPublicAccessEnabledState::BlockNewSharing;
                let answer = call.image_block_public_access_state(state).send().await;
                answer.map(|answer| (id_of(&answer), Some(Instant::now()))).map_err(|error| failure(&error))
            }
            ImageBlockAction::Unblock => {
                let answer = self.client.disable_image_block_public_access().send().await;
                answer.map(|answer| (id_of(&answer), None)).map_err(|error| failure(&error))
            }
        };
        let (request_id, accepted) = answer.map_err(|failure| failure.of_action(action.permission()))?;
        self.image_block.at(accepted);
        Ok(Applied { request_id, ..Applied::default() })
    }
}

fn block(word: &str, is_declared: bool, is_settling: bool) -> Observed<ImageBlock> {
    match Blocking::read(word) {
        Some(Blocking::Unblocked) if is_settling => Observed::Unknown {
            why: "`block-new-sharing` was accepted and does not show yet: AWS takes up to ten minutes".to_owned(),
        },
        Some(level) => Observed::Known(ImageBlock { is_blocked: level > Blocking::Unblocked, is_declared }),
        None => {
            Observed::Unknown { why: format!("block public access for images is `{word}`, which is not known here") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_accepted_and_does_not_show_yet_is_unknown_for_ten_minutes() {
        let accepted = Accepted::default();
        let start = Instant::now();
        assert!(!accepted.is_settling(start), "nothing was asked for");
        accepted.at(Some(start));
        assert!(accepted.is_settling(start + Duration::from_secs(599)));
        assert!(!accepted.is_settling(start + SETTLES_IN));
        accepted.at(None);
        assert!(!accepted.is_settling(start), "it was taken back");
    }

    #[test]
    fn only_unblocked_is_doubted_while_it_settles() {
        let known = |is_blocked| Observed::Known(ImageBlock { is_blocked, is_declared: false });
        assert_eq!(block("block-new-sharing", false, true), known(true));
        assert_eq!(block("unblocked", false, false), known(false));
        assert!(matches!(block("unblocked", false, true), Observed::Unknown { .. }));
        assert!(matches!(block("block-some", false, false), Observed::Unknown { .. }));
        assert!(matches!(block("", false, false), Observed::Unknown { .. }));
    }
}
