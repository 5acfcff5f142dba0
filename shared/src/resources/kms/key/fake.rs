//! A KMS key. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::kms::KmsKeys;
use shared::resources::kms::key::state::{Change, KeyAction, KeyRef, KmsKey, Status};

impl Living for KmsKeys {
    /// What KMS does in each state of a key.
    fn change(live: &mut Observed<KmsKey>, action: &KeyAction) -> Result<(), ApplyError> {
        let Observed::Known(key) = live else { return Err(not_there("NotFoundException")) };
        assert_eq!(action.key(), key.id, "a call about another key");
        let is_pending = key.status.known().is_some_and(|status| status.is_to_be_deleted());
        if !is_pending && matches!(action, KeyAction::CancelDeletion(_)) {
            return Err(not_there("KMSInvalidStateException"));
        }
        if is_pending && !matches!(action, KeyAction::CancelDeletion(_)) {
            let message = "the key is not in a state for it".to_owned();
            return Err(ApplyError::NotYet { code: "KMSInvalidStateException".to_owned(), message });
        }
        let (status, window) = match action {
            KeyAction::CancelDeletion(_) | KeyAction::Disable(_) => (Status::Disabled, None),
            KeyAction::Enable(_) => (Status::Enabled, None),
            KeyAction::ScheduleDeletion { days, .. } => (Status::PendingDeletion, Some(*days)),
        };
        (key.status, key.window, key.deletion_date) = (Observed::Known(status), window, None);
        Ok(())
    }

    fn read(live: &Observed<KmsKey>, key: &KeyRef) -> Observed<KmsKey> {
        match live {
            Observed::Known(state) if state.id != key.id => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `KeyMetadata` of `DescribeKey`.
    fn live(value: &Value) -> Observed<KmsKey> {
        let key = KeyRef::new(value["KeyId"].as_str().unwrap().to_owned(), Change::Nothing);
        let status = Status::read(value["KeyState"].as_str().unwrap()).unwrap();
        let is_aws_managed = value["KeyManager"] == "AWS";
        Observed::Known(KmsKey { is_aws_managed, ..KmsKey::in_state(&key, status) })
    }

    fn lines(live: &Observed<KmsKey>) -> Vec<String> {
        let line = |key: &KmsKey| format!("{} {:?}", key.id, key.status.known().unwrap()).to_lowercase();
        live.known().map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        vec![
            json!({"cancel-deletion": "k"}),
            json!({"schedule-deletion": {"key": "k", "days": 30}}),
            json!({"enable": "k"}),
            json!({"disable": "k"}),
        ]
    }
}
