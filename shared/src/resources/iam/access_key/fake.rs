//! An access key of an IAM user. For tests (`shared/tests/all/world`).

use crate::world::both;
use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::access_key::IamUsers;
use shared::resources::iam::access_key::state::{AccessKey, KeyAction, KeyRef, Owner};

impl Living for IamUsers {
    fn change(live: &mut Observed<AccessKey>, action: &KeyAction) -> Result<(), ApplyError> {
        let Observed::Known(key) = live else { return Err(not_there("NoSuchEntity")) };
        assert_eq!(action.key().id, key.id, "a call about another key");
        key.is_active = action.status() == "Active";
        Ok(())
    }

    fn read(live: &Observed<AccessKey>, key: &KeyRef) -> Observed<AccessKey> {
        match live {
            Observed::Known(state) => {
                assert_eq!(state.id, key.id, "a look at another key");
                Observed::Known(AccessKey { owner: key.owner.clone(), ..state.clone() })
            }
            other => other.clone(),
        }
    }

    /// `ListAccessKeys`; the last key is the one in question.
    fn live(value: &Value) -> Observed<AccessKey> {
        let keys = value["AccessKeyMetadata"].as_array().unwrap();
        let is_active = |key: &Value| key["Status"] == "Active";
        let Some(last) = keys.last() else { return Observed::Absent };
        Observed::Known(AccessKey {
            id: last["AccessKeyId"].as_str().unwrap().to_owned(),
            owner: Owner::User(last["UserName"].as_str().unwrap().to_owned()),
            is_active: is_active(last),
            made_by_owner: Observed::Unknown { why: "a list of keys does not say who made them".to_owned() },
            active_keys: Observed::Known(keys.iter().filter(|key| is_active(key)).count()),
        })
    }

    fn lines(live: &Observed<AccessKey>) -> Vec<String> {
        let word = |key: &AccessKey| format!("{} {}", key.id, if key.is_active { "active" } else { "inactive" });
        live.known().map(word).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        both("deactivate", "activate", &json!({"user": "ana", "id": "AKIA1"}))
    }
}
