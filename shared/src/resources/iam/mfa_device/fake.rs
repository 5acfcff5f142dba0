//! A principal that signs in to the console. For tests (`shared/tests/all/world`).

use crate::world::Living;
use crate::world::fakes::iam_deny_policy as deny_policy;
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::access_key::state::Owner;
use shared::resources::iam::deny_policy::{DenyAction, Principal};
use shared::resources::iam::mfa_device::MfaDevices;
use shared::resources::iam::mfa_device::state::{SignIn, SignInRef};

impl Living for MfaDevices {
    fn change(live: &mut Observed<SignIn>, action: &DenyAction) -> Result<(), ApplyError> {
        let Observed::Known(sign_in) = live else { return Err(crate::world::not_there("NoSuchEntity")) };
        let Principal::User(user) = &action.policy().on else { panic!("only users have devices") };
        assert_eq!(sign_in.owner, Owner::User(user.clone()), "a call about another user");
        deny_policy::change(&mut sign_in.denies, action)
    }

    fn read(live: &Observed<SignIn>, key: &SignInRef) -> Observed<SignIn> {
        if let Observed::Known(sign_in) = live {
            assert_eq!(sign_in.owner, key.owner, "a look at another principal");
        }
        live.clone()
    }

    /// `ListMFADevices`, `LoginProfile` (null without a password) and the user's inline policies; `Root` for root.
    fn live(value: &Value) -> Observed<SignIn> {
        let owner = value["UserName"].as_str().map_or(Owner::Root, |user| Owner::User(user.to_owned()));
        Observed::Known(SignIn {
            has_password: owner == Owner::Root || value["LoginProfile"].is_object(),
            devices: value["MFADevices"].as_array().unwrap().len(),
            denies: deny_policy::live(value),
            owner,
        })
    }

    fn lines(live: &Observed<SignIn>) -> Vec<String> {
        live.known().map(|sign_in| deny_policy::lines(&sign_in.denies)).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        deny_policy::samples(&json!({"sessions-without-mfa": {"may_enrol": true}}))
    }
}
