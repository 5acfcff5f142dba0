//! A secret. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::secretsmanager::SecretStates;
use shared::resources::secretsmanager::secret::state::{Change, Secret, SecretAction, SecretRef};

impl Living for SecretStates {
    fn change(live: &mut Observed<Secret>, action: &SecretAction) -> Result<(), ApplyError> {
        let Observed::Known(secret) = live else { return Err(not_there("ResourceNotFoundException")) };
        assert_eq!(action.secret(), secret.id, "a call about another secret");
        secret.deletion_date = None;
        (secret.is_scheduled, secret.window) = match action {
            SecretAction::Restore(_) => (Observed::Known(false), None),
            SecretAction::Delete { days, .. } => (Observed::Known(true), Some(*days)),
        };
        Ok(())
    }

    fn read(live: &Observed<Secret>, key: &SecretRef) -> Observed<Secret> {
        match live {
            Observed::Known(secret) if secret.id != key.id => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `DescribeSecret`
    fn live(value: &Value) -> Observed<Secret> {
        let key = SecretRef { id: value["ARN"].as_str().unwrap().to_owned(), by: Change::Nothing, window: None };
        Observed::Known(Secret {
            is_scheduled: Observed::Known(value.get("DeletedDate").is_some()),
            is_rotated: Observed::Known(value["RotationEnabled"] == true),
            ..Secret::of(&key)
        })
    }

    fn lines(live: &Observed<Secret>) -> Vec<String> {
        let line = |secret: &Secret| match &secret.is_scheduled {
            Observed::Known(true) => format!("{} scheduled for deletion", secret.id),
            _ => format!("{} kept", secret.id),
        };
        live.known().map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        vec![json!({"restore": "s"}), json!({"delete": {"secret": "s", "days": 30}})]
    }
}
