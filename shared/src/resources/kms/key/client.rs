//! The state of KMS keys.

use super::KmsKeys;
use super::state::{Change, KeyAction, KeyRef, KmsKey, Status};
use crate::aws::done;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::kms::client::Kms;
use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeyState};
use aws_smithy_types::date_time::Format;

impl Observe<KmsKeys> for Kms {
    async fn observe(&self, key: &KeyRef, _: ReadDepth) -> Result<Observed<KmsKey>, ReadError> {
        Ok(match self.describe(&key.id).await? {
            Observed::Known(found) => Observed::Known(state(key, &found)),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl List<KmsKeys> for Kms {
    /// Without the keys that AWS manages: the account can change nothing about them.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<KmsKeys>>, ReadError> {
        let page = match self.describe_page(from).await? {
            Observed::Known(page) => page,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let found = page.keys.into_iter().map(|(id, seen)| {
            let key = KeyRef::new(id, Change::Nothing);
            let seen = match seen {
                Observed::Known(found) => Observed::Known(state(&key, &found)),
                Observed::Absent => Observed::Absent,
                Observed::Unknown { why } => Observed::Unknown { why },
            };
            (key, seen)
        });
        let found = found.filter(|(_, seen)| !seen.known().is_some_and(|key| key.is_aws_managed)).collect();
        Ok(Observed::Known(Page { found, next: page.next }))
    }
}

impl Apply<KeyAction> for Kms {
    async fn apply(&self, action: &KeyAction) -> Result<Applied, ApplyError> {
        let (id, permission) = (action.key(), action.permission());
        match action {
            KeyAction::CancelDeletion(_) => {
                match done(self.client.cancel_key_deletion().key_id(id).send().await, permission) {
                    // KMS refuses it in every other state: there is nothing left to cancel.
                    Err(ApplyError::NotYet { code, .. }) => Err(ApplyError::NotThere { code }),
                    answer => answer,
                }
            }
            KeyAction::ScheduleDeletion { days, .. } => {
                let days = i32::try_from(*days).ok();
                let call = self.client.schedule_key_deletion().key_id(id).set_pending_window_in_days(days);
                done(call.send().await, permission)
            }
            KeyAction::Enable(_) => done(self.client.enable_key().key_id(id).send().await, permission),
            KeyAction::Disable(_) => done(self.client.disable_key().key_id(id).send().await, permission),
        }
    }
}

fn state(key: &KeyRef, found: &KeyMetadata) -> KmsKey {
    let word = found.key_state().map(KeyState::as_str).unwrap_or_default();
    let status = match Status::read(word) {
        Some(status) => Observed::Known(status),
        None => {
            Observed::Unknown { why: format!("the state of key `{}` is `{word}`, which is not known here", key.id) }
        }
    };
    let date = found.deletion_date().and_then(|date| date.fmt(Format::DateTime).ok());
    KmsKey {
        status,
        is_aws_managed: found.key_manager() == Some(&KeyManagerType::Aws),
        deletion_date: date,
        window: found.pending_deletion_window_in_days().map(i64::from).or(key.window),
        ..KmsKey::in_state(key, Status::NotReady)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(word: &str) -> KmsKey {
        let key = KeyRef::new("k".to_owned(), Change::Nothing);
        let found = KeyMetadata::builder().key_id("k").key_state(KeyState::from(word)).build();
        state(&key, &found.unwrap())
    }

    #[test]
    fn a_key_as_it_is_described() {
        assert_eq!(described("Disabled").status, Observed::Known(Status::Disabled));
        assert!(matches!(described("Retired").status, Observed::Unknown { why } if why.contains("`Retired`")));
        assert!(!described("Enabled").is_aws_managed);
    }
}
