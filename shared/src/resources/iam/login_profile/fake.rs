//! A user with a console password. For tests (`shared/tests/all/world`).

use crate::world::Living;
use crate::world::fakes::iam_deny_policy as deny_policy;
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::deny_policy::DenyAction;
use shared::resources::iam::login_profile::LoginProfiles;
use shared::resources::iam::login_profile::state::{LoginProfile, LoginProfileRef, PasswordSet};

impl Living for LoginProfiles {
    fn change(live: &mut Observed<LoginProfile>, action: &DenyAction) -> Result<(), ApplyError> {
        let Observed::Known(profile) = live else { return Err(crate::world::not_there("NoSuchEntity")) };
        assert_eq!(action.policy().on.name(), profile.user, "a call about another user");
        deny_policy::change(&mut profile.denies, action)
    }

    fn read(live: &Observed<LoginProfile>, key: &LoginProfileRef) -> Observed<LoginProfile> {
        if let Observed::Known(profile) = live {
            assert_eq!(profile.user, key.user, "a look at another user");
        }
        live.clone()
    }

    /// `GetLoginProfile`, and the user's inline policies.
    fn live(value: &Value) -> Observed<LoginProfile> {
        let set = PasswordSet {
            by: "a read does not show it".to_owned(),
            arns: Vec::new(),
            by_itself: false,
            at: jiff::Timestamp::UNIX_EPOCH,
            is_first: false,
            must_change: None,
        };
        let user = value["LoginProfile"]["UserName"].as_str().unwrap().to_owned();
        Observed::Known(LoginProfile { user, set, denies: deny_policy::live(value) })
    }

    fn lines(live: &Observed<LoginProfile>) -> Vec<String> {
        live.known().map(|profile| deny_policy::lines(&profile.denies)).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        deny_policy::samples(&json!({"sessions-since": {"moment": deny_policy::MOMENT}}))
    }
}
