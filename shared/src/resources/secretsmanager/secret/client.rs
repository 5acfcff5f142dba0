//! Secrets: whether they are scheduled for deletion, and rotated.

use super::state::{Change, Secret, SecretAction, SecretRef};
use super::{DESCRIBE_SECRET, LIST_SECRETS, SecretStates};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::secretsmanager::client::SecretsManager;
use aws_sdk_secretsmanager::types::SecretListEntry;

impl Observe<SecretStates> for SecretsManager {
    async fn observe(&self, key: &SecretRef, _: ReadDepth) -> Result<Observed<Secret>, ReadError> {
        match self.client.describe_secret().secret_id(&key.id).send().await {
            Ok(answer) => Ok(Observed::Known(state(key, answer.deleted_date().is_some(), answer.rotation_enabled()))),
            Err(error) => failure(&error).of_read(DESCRIBE_SECRET.action),
        }
    }
}

impl List<SecretStates> for SecretsManager {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<SecretStates>>, ReadError> {
        let call = self.client.list_secrets().include_planned_deletion(true).set_next_token(from.map(str::to_owned));
        match call.send().await {
            Ok(answer) => {
                let found = answer.secret_list().iter().filter_map(listed).collect();
                Ok(Observed::Known(Page { found, next: answer.next_token }))
            }
            Err(error) => failure(&error).of_read(LIST_SECRETS.action),
        }
    }
}

/// One without an ARN is none.
fn listed(entry: &SecretListEntry) -> Option<(SecretRef, Observed<Secret>)> {
    let key = SecretRef { id: entry.arn()?.to_owned(), by: Change::Nothing, window: None };
    let seen = state(&key, entry.deleted_date().is_some(), entry.rotation_enabled());
    Some((key, Observed::Known(seen)))
}

/// Secrets Manager leaves out what was never turned on.
fn state(key: &SecretRef, is_scheduled: bool, is_rotated: Option<bool>) -> Secret {
    let is_rotated = Observed::Known(is_rotated.unwrap_or(false));
    Secret { is_scheduled: Observed::Known(is_scheduled), is_rotated, ..Secret::of(key) }
}

impl Apply<SecretAction> for SecretsManager {
    async fn apply(&self, action: &SecretAction) -> Result<Applied, ApplyError> {
        let (id, permission) = (action.secret(), action.permission());
        match action {
            SecretAction::Restore(_) => done(self.client.restore_secret().secret_id(id).send().await, permission),
            SecretAction::Delete { days, .. } => {
                let call = self.client.delete_secret().secret_id(id).recovery_window_in_days(*days);
                done(call.send().await, permission)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    #[test]
    fn a_secret_as_it_is_listed() {
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/orders-a1B2c3";
        let entry = SecretListEntry::builder().arn(arn);
        let (key, kept) = listed(&entry.clone().build()).unwrap();
        assert_eq!((key.id.as_str(), key.by), (arn, Change::Nothing));
        assert!(kept.known().is_some_and(|secret| secret.is_scheduled == Observed::Known(false)));
        let (_, going) = listed(&entry.deleted_date(DateTime::from_secs(1)).rotation_enabled(true).build()).unwrap();
        assert!(going.known().is_some_and(|secret| secret.is_scheduled == Observed::Known(true)));
        assert!(going.known().is_some_and(|secret| secret.is_rotated == Observed::Known(true)));
        assert!(listed(&SecretListEntry::builder().build()).is_none());
    }
}
