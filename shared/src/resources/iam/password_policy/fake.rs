//! The account's password policy. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::{Action, ApplyError};
use shared::resources::iam::password_policy::PasswordPolicies;
use shared::resources::iam::password_policy::state::{
    PasswordPolicy, PasswordPolicyAction, PasswordPolicyRef, PasswordRules,
};

impl Living for PasswordPolicies {
    fn change(live: &mut Observed<PasswordPolicy>, action: &PasswordPolicyAction) -> Result<(), ApplyError> {
        let Observed::Known(policy) = live else { panic!("an account always answers") };
        policy.rules = match action {
            PasswordPolicyAction::Set(rules) => Some(rules.clone()),
            PasswordPolicyAction::Delete if policy.rules.is_none() => return Err(not_there("NoSuchEntity")),
            PasswordPolicyAction::Delete => None,
        };
        Ok(())
    }

    /// A read does not show what stood before.
    fn read(live: &Observed<PasswordPolicy>, _: &PasswordPolicyRef) -> Observed<PasswordPolicy> {
        let before = Observed::Unknown { why: "a read shows what is there".to_owned() };
        match live {
            Observed::Known(policy) => Observed::Known(PasswordPolicy { before, ..policy.clone() }),
            other => other.clone(),
        }
    }

    /// `GetAccountPasswordPolicy`; null where there is none.
    fn live(value: &Value) -> Observed<PasswordPolicy> {
        let policy = &value["PasswordPolicy"];
        let number = |key: &str| policy[key].as_u64().map(|number| u32::try_from(number).unwrap());
        let flag = |key: &str| policy[key] == true;
        let rules = policy.is_object().then(|| PasswordRules {
            min_length: number("MinimumPasswordLength").unwrap(),
            symbols: flag("RequireSymbols"),
            numbers: flag("RequireNumbers"),
            uppercase: flag("RequireUppercaseCharacters"),
            lowercase: flag("RequireLowercaseCharacters"),
            max_age: number("MaxPasswordAge"),
            reuse_prevention: number("PasswordReusePrevention"),
            users_may_change: flag("AllowUsersToChangePassword"),
            hard_expiry: flag("HardExpiry"),
        });
        Observed::Known(PasswordPolicy { rules, before: Observed::Absent })
    }

    /// The command that would make it so.
    fn lines(live: &Observed<PasswordPolicy>) -> Vec<String> {
        let line = |policy: &PasswordPolicy| match policy.rules.clone() {
            Some(rules) => PasswordPolicyAction::Set(rules).command(""),
            None => "no password policy".to_owned(),
        };
        live.known().map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        let rules = json!({"min_length": 14, "symbols": true, "numbers": true, "uppercase": true, "lowercase": true,
            "max_age": 90, "reuse_prevention": 24, "users_may_change": true, "hard_expiry": false});
        vec![json!({ "set": rules }), json!("delete")]
    }
}
