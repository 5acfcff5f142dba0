//! The rotation of a KMS key. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::count::counted;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::kms::KeyRotations;
use shared::resources::kms::key_rotation::state::{Rotation, RotationAction, RotationRef};

impl Living for KeyRotations {
    fn change(live: &mut Observed<Rotation>, action: &RotationAction) -> Result<(), ApplyError> {
        let Observed::Known(rotation) = live else { return Err(not_there("NotFoundException")) };
        assert_eq!(action.key(), rotation.id, "a call about another key");
        (rotation.is_on, rotation.days) = match action {
            RotationAction::Enable { days, .. } => (true, Some(days.unwrap_or(365))),
            RotationAction::Disable(_) => (false, None),
        };
        Ok(())
    }

    fn read(live: &Observed<Rotation>, key: &RotationRef) -> Observed<Rotation> {
        match live {
            Observed::Known(rotation) if rotation.id != key.id => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `GetKeyRotationStatus`
    fn live(value: &Value) -> Observed<Rotation> {
        let key = RotationRef::new(value["KeyId"].as_str().unwrap().to_owned());
        let (is_on, days) = (value["KeyRotationEnabled"] == true, value["RotationPeriodInDays"].as_i64());
        Observed::Known(Rotation { id: key.id, is_on, days, before: key.before })
    }

    fn lines(live: &Observed<Rotation>) -> Vec<String> {
        let line = |rotation: &Rotation| match (rotation.is_on, rotation.days) {
            (true, Some(days)) => format!("rotated every {days}", days = counted(days, "day")),
            (true, None) => "rotated".to_owned(),
            (false, _) => "not rotated".to_owned(),
        };
        live.known().map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        vec![
            json!({"enable": {"key": "k", "days": 180}}),
            json!({"enable": {"key": "k", "days": null}}),
            json!({"disable": "k"}),
        ]
    }
}
