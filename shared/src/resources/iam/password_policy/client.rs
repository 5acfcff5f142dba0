//! IAM: the account's password policy.

use super::GET_ACCOUNT_PASSWORD_POLICY;
use super::PasswordPolicies;
use super::state::{PasswordPolicy, PasswordPolicyAction, PasswordPolicyRef, PasswordRules};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::iam::client::Iam;
use aws_sdk_iam::types::PasswordPolicy as Described;

impl Iam {
    async fn password_policy(&self) -> Result<Observed<PasswordPolicy>, ReadError> {
        let before = || Observed::Unknown { why: "IAM does not show what a password policy was before".to_owned() };
        let rules = match self.client.get_account_password_policy().send().await {
            Ok(answer) => match answer.password_policy {
                Some(policy) => rules(&policy)?,
                None => {
                    return Err(ReadError {
                        why: "`iam:GetAccountPasswordPolicy` answered without a policy".to_owned(),
                    });
                }
            },
            Err(error) => match failure(&error).of_read::<()>(GET_ACCOUNT_PASSWORD_POLICY.action)? {
                // `NoSuchEntity`: AWS's default holds. The account itself is there.
                Observed::Absent | Observed::Known(()) => {
                    return Ok(Observed::Known(PasswordPolicy { rules: None, before: before() }));
                }
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
            },
        };
        Ok(Observed::Known(PasswordPolicy { rules: Some(rules), before: before() }))
    }
}

/// 0 and nothing both mean off.
fn rules(policy: &Described) -> Result<PasswordRules, ReadError> {
    let number =
        |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0);
    Ok(PasswordRules {
        min_length: number(policy.minimum_password_length)
            .ok_or_else(|| ReadError { why: "a password policy without a least length".to_owned() })?,
        symbols: policy.require_symbols,
        numbers: policy.require_numbers,
        uppercase: policy.require_uppercase_characters,
        lowercase: policy.require_lowercase_characters,
        max_age: number(policy.max_password_age),
        reuse_prevention: number(policy.password_reuse_prevention),
        users_may_change: policy.allow_users_to_change_password,
        hard_expiry: policy.hard_expiry.unwrap_or(false),
    })
}

impl Observe<PasswordPolicies> for Iam {
    async fn observe(&self, _: &PasswordPolicyRef, _: ReadDepth) -> Result<Observed<PasswordPolicy>, ReadError> {
        self.password_policy().await
    }
}

impl List<PasswordPolicies> for Iam {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<PasswordPolicies>>, ReadError> {
        let before = Observed::Unknown { why: "what stood before was not read".to_owned() };
        let found = vec![(PasswordPolicyRef { before }, self.password_policy().await?)];
        Ok(Observed::Known(Page { found, next: None }))
    }
}

impl Apply<PasswordPolicyAction> for Iam {
    async fn apply(&self, action: &PasswordPolicyAction) -> Result<Applied, ApplyError> {
        let PasswordPolicyAction::Set(rules) = action else {
            return done(self.client.delete_account_password_policy().send().await, action.permission());
        };
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let call = self
            .client
            .update_account_password_policy()
            .minimum_password_length(number(rules.min_length))
            .require_symbols(rules.symbols)
            .require_numbers(rules.numbers)
            .require_uppercase_characters(rules.uppercase)
            .require_lowercase_characters(rules.lowercase)
            .allow_users_to_change_password(rules.users_may_change)
            .hard_expiry(rules.hard_expiry)
            // AWS takes no 0 for these two.
            .set_max_password_age(rules.max_age.map(number))
            .set_password_reuse_prevention(rules.reuse_prevention.map(number));
        done(call.send().await, action.permission())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole() {
        let described = Described::builder()
            .minimum_password_length(14)
            .require_symbols(true)
            .allow_users_to_change_password(true)
            .max_password_age(0)
            .password_reuse_prevention(24)
            .build();
        let expected = PasswordRules {
            min_length: 14,
            symbols: true,
            users_may_change: true,
            reuse_prevention: Some(24),
            ..PasswordRules::default()
        };
        assert_eq!(rules(&described).unwrap(), expected);
        assert!(rules(&Described::builder().build()).is_err(), "a length of nothing is not a length");
    }
}
