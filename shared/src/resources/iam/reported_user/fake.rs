//! A user whose credential is reported. For tests (`shared/tests/all/world`).

use crate::world::Living;
use crate::world::fakes::iam_compromised_user as compromised_user;
use crate::world::fakes::iam_deny_policy as deny_policy;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::access_key::state::KeyAction;
use shared::resources::iam::compromised_user::state::CompromisedAction;
use shared::resources::iam::reported_user::ReportedUsers;
use shared::resources::iam::reported_user::state::{ReportedRef, ReportedUser};
use shared::resources::threat::{Caller, Report};

impl Living for ReportedUsers {
    fn change(live: &mut Observed<ReportedUser>, action: &CompromisedAction) -> Result<(), ApplyError> {
        let Observed::Known(user) = live else { return Err(crate::world::not_there("NoSuchEntity")) };
        match action {
            CompromisedAction::Key(key) => {
                assert_eq!(key.key().user, user.user, "a call about another user");
                user.active_keys.retain(|id| *id != key.key().id);
                if let KeyAction::Activate(key) = key {
                    user.active_keys.push(key.id.clone());
                    user.active_keys.sort();
                }
                Ok(())
            }
            CompromisedAction::Sessions(action) => {
                assert_eq!(action.policy().on.name(), user.user, "a call about another user");
                deny_policy::change(&mut user.denies, action)
            }
        }
    }

    fn read(live: &Observed<ReportedUser>, key: &ReportedRef) -> Observed<ReportedUser> {
        if let Some(why) = key.unnamed() {
            return Observed::Unknown { why };
        }
        if let Observed::Known(user) = live
            && !key.caller.name.is_empty()
        {
            assert_eq!(user.user, key.caller.name, "a look at another user");
        }
        live.clone()
    }

    /// `ListAccessKeys` with `UserName` beside it, the user's inline policies, and the time of the look.
    fn live(value: &Value) -> Observed<ReportedUser> {
        let keys = value["AccessKeyMetadata"].as_array().unwrap().iter().filter(|key| key["Status"] == "Active");
        let kind = "a read does not show it".to_owned();
        let report = Report { kind, severity: None, at: jiff::Timestamp::UNIX_EPOCH };
        Observed::Known(ReportedUser {
            user: value["UserName"].as_str().unwrap().to_owned(),
            reported: ReportedRef { caller: Caller::default(), report },
            active_keys: keys.map(|key| key["AccessKeyId"].as_str().unwrap().to_owned()).collect(),
            denies: deny_policy::live(value),
            is_gone: false,
            seen: value["Now"].as_str().unwrap_or("2026-03-02T09:14:20Z").parse().unwrap(),
        })
    }

    fn lines(live: &Observed<ReportedUser>) -> Vec<String> {
        let lines = |user: &ReportedUser| {
            let keys = user.active_keys.iter().map(|id| format!("{id} active"));
            keys.chain(deny_policy::lines(&user.denies)).collect()
        };
        live.known().map(lines).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        compromised_user::samples()
    }
}
