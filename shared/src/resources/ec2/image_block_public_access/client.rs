//! Block public access for images.

use super::{ImageBlock, ImageBlockPublicAccess, READ};
use crate::aws::{done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::{OfAccount, Set};
use crate::resources::ec2::block_public_access::Blocking;
use crate::resources::ec2::client::Ec2;
use aws_sdk_ec2::types::{ImageBlockPublicAccessEnabledState, ManagedBy};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long a read may show the setting as it was before a call that AWS accepted ("EnableImageBlockPublicAccess", EC2
/// API reference).
const SETTLES_IN: Duration = Duration::from_secs(600);

/// When this client's call to block was accepted. Until AWS has settled, `unblocked` is not news and not a failure: it is
/// reported as unknown. The record of a call that disables it is judged without a read, so that time hides nothing.
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
    async fn observe(&self, _: &OfAccount, _: ReadDepth) -> Result<Observed<ImageBlock>, ReadError> {
        let answer = match self.client.get_image_block_public_access_state().send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(READ.action),
        };
        let is_declared = answer.managed_by() == Some(&ManagedBy::DeclarativePolicy);
        let is_settling = self.image_block.is_settling(Instant::now());
        Ok(block(answer.image_block_public_access_state().unwrap_or_default(), is_declared, is_settling))
    }
}

impl Apply<Set<ImageBlockPublicAccess>> for Ec2 {
    async fn apply(&self, action: &Set<ImageBlockPublicAccess>) -> Result<Applied, ApplyError> {
        let (applied, accepted) = if action.value() {
            let state = ImageBlockPublicAccessEnabledState::BlockNewSharing;
            let call = self.client.enable_image_block_public_access().image_block_public_access_state(state);
            (done(call.send().await, action.permission())?, Some(Instant::now()))
        } else {
            (done(self.client.disable_image_block_public_access().send().await, action.permission())?, None)
        };
        self.image_block.at(accepted);
        Ok(applied)
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
        assert!(!accepted.is_settling(start), "it was undone");
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
