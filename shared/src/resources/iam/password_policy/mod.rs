//! The account's password policy: IAM-16.
//!
//! A record of `UpdateAccountPasswordPolicy` shows the whole policy. It is read all the same before anything is set: the call
//! replaces all of it, and a record that comes late or twice would undo what was mended since
//! (docs/adr/0010-what-closes-an-iam-user.md).

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod state;
pub mod weak;

use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable, Written};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use serde_json::Value;
use state::{DELETE_ACCOUNT_PASSWORD_POLICY, UPDATE_ACCOUNT_PASSWORD_POLICY};
use state::{PasswordPolicy, PasswordPolicyAction, PasswordPolicyRef, PasswordRules};
use std::borrow::Cow;
use weak::PasswordPolicyWeak;

pub(crate) const GET_ACCOUNT_PASSWORD_POLICY: Permission = Permission::read("iam:GetAccountPasswordPolicy");

const IAM: &str = "iam.amazonaws.com";
const DELETE: &str = "DeleteAccountPasswordPolicy";
const UPDATE: &str = "UpdateAccountPasswordPolicy";

/// The family of the account's password policy.
#[derive(Clone, Copy, Debug, Default)]
pub struct PasswordPolicies;

impl Family for PasswordPolicies {
    type Key = PasswordPolicyRef;
    type State = PasswordPolicy;
    type Action = PasswordPolicyAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "password-policy"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_ACCOUNT_PASSWORD_POLICY]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_ACCOUNT_PASSWORD_POLICY, UPDATE_ACCOUNT_PASSWORD_POLICY]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![PasswordPolicyWeak];

    fn locate(&self, event: &Event) -> Result<Vec<Target<PasswordPolicyRef, PasswordPolicy>>, Unlocatable> {
        if !event.is_one_of(IAM, &[DELETE, UPDATE]) {
            return Ok(Vec::new());
        }
        let before = Observed::Unknown { why: "what stood before was not read".to_owned() };
        Ok(vec![Target { key: PasswordPolicyRef { before }, proven: None, changed: None }])
    }

    fn claimed(&self, event: &Event, key: &PasswordPolicyRef) -> Option<PasswordPolicy> {
        let rules = match (event.name.as_str(), &event.request) {
            (DELETE, _) => None,
            (UPDATE, Body::Present(request)) => Some(requested(request)),
            // A request without a single field sets AWS's defaults.
            (UPDATE, Body::Null) => Some(PasswordRules::default()),
            _ => return None,
        };
        Some(PasswordPolicy { rules, before: key.before.clone() })
    }

    fn focus(&self, policy: &mut PasswordPolicy, target: &Target<PasswordPolicyRef, PasswordPolicy>) {
        policy.before.clone_from(&target.key.before);
    }

    fn memory(&self, _: &PasswordPolicyRef) -> Option<String> {
        Some("password-policy".to_owned())
    }

    fn recall(&self, target: &mut Target<PasswordPolicyRef, PasswordPolicy>, kept: Observed<PasswordPolicy>) {
        target.key.before = match kept {
            Observed::Known(PasswordPolicy { rules: Some(rules), .. }) => Observed::Known(rules),
            Observed::Known(PasswordPolicy { rules: None, .. }) | Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
    }

    fn part(&self, _: &PasswordPolicyAction, policy: &PasswordPolicy) -> (String, Value) {
        (String::new(), content(policy.rules.as_ref()))
    }

    fn writes(&self, call: &PasswordPolicyAction) -> Option<Value> {
        match call {
            PasswordPolicyAction::Set(rules) => Some(content(Some(rules))),
            PasswordPolicyAction::Delete => Some(Value::Null),
        }
    }

    fn written(&self, event: &Event, target: &TargetOf<Self>) -> Option<Written<PasswordPolicyAction>> {
        let rules = self.claimed(event, &target.key)?.rules;
        let content = content(rules.as_ref());
        let again = rules.map_or(PasswordPolicyAction::Delete, PasswordPolicyAction::Set);
        Some(Written { part: String::new(), content, again: Some(again), anew: None })
    }

    fn resource(&self, _: &PasswordPolicyRef, _: Option<&PasswordPolicy>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        Resource {
            id: format!("arn:{partition}:iam::{account}:password-policy"),
            kind: "AwsAccount",
            name: "password policy".to_owned(),
        }
    }
}

const FORMS: &[PlannedForm<PasswordPolicy>] = &[PlannedForm::one("aws_iam_account_password_policy", planned)];

/// What is left out has AWS's default ("UpdateAccountPasswordPolicy", IAM API reference), but for what the provider fills in itself: the shortest length, and that users may
/// change their own.
fn planned(it: &PlannedResource<'_>) -> Result<Option<PasswordPolicy>, Unreadable> {
    let flag = |path: &str| it.flag(path).map(Option::unwrap_or_default);
    let number = |path: &str| {
        let number = it.number(path)?.and_then(|number| u32::try_from(number).ok());
        Ok::<_, Unreadable>(number.filter(|number| *number > 0))
    };
    let rules = PasswordRules {
        min_length: number("minimum_password_length")?.unwrap_or(PasswordRules::default().min_length),
        symbols: flag("require_symbols")?,
        numbers: flag("require_numbers")?,
        uppercase: flag("require_uppercase_characters")?,
        lowercase: flag("require_lowercase_characters")?,
        max_age: number("max_password_age")?,
        reuse_prevention: number("password_reuse_prevention")?,
        users_may_change: it.flag("allow_users_to_change_password")?.unwrap_or(true),
        hard_expiry: flag("hard_expiry")?,
    };
    Ok(Some(PasswordPolicy { rules: Some(rules), before: Observed::Absent }))
}

/// What it asks, to be compared; null where there is none.
fn content(rules: Option<&PasswordRules>) -> Value {
    serde_json::to_value(rules).unwrap_or_default()
}

/// `requestParameters`: numbers and flags may come as text, what is left out is AWS's default.
fn requested(request: &Value) -> PasswordRules {
    let number = |key: &str| {
        let value = request.get(key)?;
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
        u32::try_from(number).ok().filter(|number| *number > 0)
    };
    let flag = |key: &str| match request.get(key) {
        Some(Value::Bool(is_on)) => *is_on,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    };
    PasswordRules {
        min_length: number("minimumPasswordLength").unwrap_or(PasswordRules::default().min_length),
        symbols: flag("requireSymbols"),
        numbers: flag("requireNumbers"),
        uppercase: flag("requireUppercaseCharacters"),
        lowercase: flag("requireLowercaseCharacters"),
        max_age: number("maxPasswordAge"),
        reuse_prevention: number("passwordReusePrevention"),
        users_may_change: flag("allowUsersToChangePassword"),
        hard_expiry: flag("hardExpiry"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_request_leaves_out_is_the_default_and_text_counts() {
        let read = requested(&json!({"minimumPasswordLength": "12", "requireSymbols": "true", "maxPasswordAge": 0}));
        assert_eq!((read.min_length, read.symbols, read.numbers, read.max_age), (12, true, false, None));
        assert_eq!(requested(&json!({})), PasswordRules::default());
        let full = requested(&json!({"minimumPasswordLength": 14, "requireSymbols": true, "requireNumbers": true,
            "requireUppercaseCharacters": true, "requireLowercaseCharacters": true, "maxPasswordAge": 90,
            "passwordReusePrevention": 24, "allowUsersToChangePassword": true, "hardExpiry": true}));
        assert_eq!((full.max_age, full.reuse_prevention), (Some(90), Some(24)));
        assert!(full.numbers && full.uppercase && full.lowercase && full.users_may_change && full.hard_expiry);
    }
}
