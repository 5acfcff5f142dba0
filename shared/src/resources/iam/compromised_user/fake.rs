//! A user whose key leaked. For tests (`shared/tests/all/world`).

use crate::world::Living;
use crate::world::both;
use crate::world::fakes::iam_deny_policy as deny_policy;
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::access_key::state::KeyAction;
use shared::resources::iam::compromised_user::CompromisedUsers;
use shared::resources::iam::compromised_user::state::{
    CompromisedAction, CompromisedRef, CompromisedUser, Leak, Quarantiner,
};

impl Living for CompromisedUsers {
    fn change(live: &mut Observed<CompromisedUser>, action: &CompromisedAction) -> Result<(), ApplyError> {
        let Observed::Known(user) = live else { return Err(crate::world::not_there("NoSuchEntity")) };
        match action {
            CompromisedAction::Key(key) => {
                let Observed::Known(active) = &mut user.active_keys else { panic!("a world knows the keys") };
                active.retain(|id| *id != key.key().id);
                if let KeyAction::Activate(key) = key {
                    active.push(key.id.clone());
                    active.sort();
                }
                Ok(())
            }
            CompromisedAction::Sessions(action) => {
                assert_eq!(action.policy().on.name(), user.user, "a call about another user");
                deny_policy::change(&mut user.denies, action)
            }
        }
    }

    fn read(live: &Observed<CompromisedUser>, key: &CompromisedRef) -> Observed<CompromisedUser> {
        if let Observed::Known(user) = live {
            assert_eq!(user.user, key.user, "a look at another user");
        }
        live.clone()
    }

    /// `ListAccessKeys` with `UserName` beside it, the user's inline policies, and the time of the look.
    fn live(value: &Value) -> Observed<CompromisedUser> {
        let keys = match value["AccessKeyMetadata"].as_array() {
            Some(keys) => {
                let active = keys.iter().filter(|key| key["Status"] == "Active");
                Observed::Known(active.map(|key| key["AccessKeyId"].as_str().unwrap().to_owned()).collect())
            }
            None => Observed::Unknown { why: value["AccessKeyMetadata"].as_str().unwrap().to_owned() },
        };
        Observed::Known(CompromisedUser {
            user: value["UserName"].as_str().unwrap().to_owned(),
            leak: Leak { policy: "a read does not show it".to_owned(), at: None, by: Quarantiner::Unknown },
            active_keys: keys,
            denies: deny_policy::live(value),
            seen: value["Now"].as_str().unwrap_or("2026-03-02T09:14:20Z").parse().unwrap(),
        })
    }

    fn lines(live: &Observed<CompromisedUser>) -> Vec<String> {
        let lines = |user: &CompromisedUser| {
            let keys = user.active_keys.known().into_iter().flatten().map(|id| format!("{id} active"));
            keys.chain(deny_policy::lines(&user.denies)).collect()
        };
        live.known().map(lines).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        samples()
    }
}

/// One of each call.
pub fn samples() -> Vec<Value> {
    let keys = both("deactivate", "activate", &json!({"user": "ana", "id": "AKIA1"}));
    let sessions = deny_policy::samples(&deny_policy::cut()).into_iter().map(|call| json!({ "sessions": call }));
    keys.into_iter().map(|call| json!({ "key": call })).chain(sessions).collect()
}
