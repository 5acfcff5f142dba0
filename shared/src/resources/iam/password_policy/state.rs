//! The account's password policy: one for all IAM users with a console password.

use crate::engine::count::counted;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};

pub(crate) const UPDATE_ACCOUNT_PASSWORD_POLICY: Permission = Permission::setting("iam:UpdateAccountPasswordPolicy");
pub(crate) const DELETE_ACCOUNT_PASSWORD_POLICY: Permission = Permission::setting("iam:DeleteAccountPasswordPolicy");

/// How to find it: there is one. What is known beforehand goes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicyRef {
    /// What stood when it was last seen good.
    pub before: Observed<PasswordRules>,
}

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// What it asks; none where the account has no policy of its own and AWS's default holds (`NoSuchEntity`).
    pub rules: Option<PasswordRules>,
    /// What stood when it was last seen good.
    pub before: Observed<PasswordRules>,
}

/// What a password policy asks, as "UpdateAccountPasswordPolicy" (IAM API reference) takes it: the call replaces all of it, and
/// what a request leaves out goes back to AWS's default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordRules {
    /// `MinimumPasswordLength`
    pub min_length: u32,
    /// `RequireSymbols`
    pub symbols: bool,
    /// `RequireNumbers`
    pub numbers: bool,
    /// `RequireUppercaseCharacters`
    pub uppercase: bool,
    /// `RequireLowercaseCharacters`
    pub lowercase: bool,
    /// `MaxPasswordAge` in days; none where passwords do not expire.
    pub max_age: Option<u32>,
    /// `PasswordReusePrevention`; none where old passwords may be used again.
    pub reuse_prevention: Option<u32>,
    /// `AllowUsersToChangePassword`: neither stricter nor weaker.
    pub users_may_change: bool,
    /// `HardExpiry`: an expired password locks its user out. Neither stricter nor weaker: it can lock out everybody.
    pub hard_expiry: bool,
}

impl Default for PasswordRules {
    /// What AWS sets where a request leaves everything out.
    fn default() -> Self {
        Self {
            min_length: 6,
            symbols: false,
            numbers: false,
            uppercase: false,
            lowercase: false,
            max_age: None,
            reuse_prevention: None,
            users_may_change: false,
            hard_expiry: false,
        }
    }
}

impl PasswordRules {
    /// At least as strict as both; what is neither stricter nor weaker stays as in `self`.
    #[must_use]
    pub fn stricter(&self, other: &Self) -> Self {
        Self {
            min_length: self.min_length.max(other.min_length),
            symbols: self.symbols || other.symbols,
            numbers: self.numbers || other.numbers,
            uppercase: self.uppercase || other.uppercase,
            lowercase: self.lowercase || other.lowercase,
            max_age: self.max_age.into_iter().chain(other.max_age).min(),
            reuse_prevention: self.reuse_prevention.max(other.reuse_prevention),
            users_may_change: self.users_may_change,
            hard_expiry: self.hard_expiry,
        }
    }

    /// Where this asks less than `least`: what is asked, and what should be, such as `length 8` and `at least 14`.
    #[must_use]
    pub fn weaker_than(&self, least: &Self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut differs = |is_weaker: bool, is: String, should: String| {
            if is_weaker {
                found.push((is, should));
            }
        };
        let length = format!("minimum length {}", self.min_length);
        differs(self.min_length < least.min_length, length, format!("at least {}", least.min_length));
        for (name, is, should) in [
            ("symbols", self.symbols, least.symbols),
            ("numbers", self.numbers, least.numbers),
            ("upper-case letters", self.uppercase, least.uppercase),
            ("lower-case letters", self.lowercase, least.lowercase),
        ] {
            differs(should && !is, format!("no {name} required"), "required".to_owned());
        }
        let age = self.max_age.map_or("passwords never expire".to_owned(), |days| {
            format!("passwords expire after {days}", days = counted(days, "day"))
        });
        let oldest = least.max_age.unwrap_or(u32::MAX);
        differs(
            self.max_age.unwrap_or(u32::MAX) > oldest,
            age,
            format!("after {oldest}", oldest = counted(oldest, "day")),
        );
        let (reuse, least_reuse) = (self.reuse_prevention.unwrap_or(0), least.reuse_prevention.unwrap_or(0));
        differs(
            reuse < least_reuse,
            format!("{} barred", counted(reuse, "earlier password")),
            format!("at least {least_reuse}"),
        );
        found
    }
}

/// The calls that change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordPolicyAction {
    /// All of it at once: the call knows no part.
    Set(PasswordRules),
    /// Back to AWS's default: only where there was none.
    Delete,
}

impl fmt::Display for PasswordPolicyAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Set(rules) = self else { return f.write_str("delete the account's password policy") };
        write!(f, "set the account's password policy: at least {}", counted(rules.min_length, "character"))?;
        for (asked, name) in [
            (rules.symbols, "symbols"),
            (rules.numbers, "numbers"),
            (rules.uppercase, "upper case"),
            (rules.lowercase, "lower case"),
        ] {
            if asked {
                write!(f, ", {name}")?;
            }
        }
        if let Some(days) = rules.max_age {
            write!(
                f,
                ", expires after {days}{}",
                if rules.hard_expiry { " (hard)" } else { "" },
                days = counted(days, "day")
            )?;
        }
        if let Some(barred) = rules.reuse_prevention {
            write!(f, ", the last {barred} barred")?;
        }
        if rules.users_may_change {
            write!(f, ", users may change their own")?;
        }
        Ok(())
    }
}

impl Action for PasswordPolicyAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Set(_) => UPDATE_ACCOUNT_PASSWORD_POLICY.action,
            Self::Delete => DELETE_ACCOUNT_PASSWORD_POLICY.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let Self::Set(rules) = self else { return in_region("aws iam delete-account-password-policy", region) };
        let mut line = format!("aws iam update-account-password-policy --minimum-password-length {}", rules.min_length);
        for (option, is_on) in [
            ("require-symbols", rules.symbols),
            ("require-numbers", rules.numbers),
            ("require-uppercase-characters", rules.uppercase),
            ("require-lowercase-characters", rules.lowercase),
            ("allow-users-to-change-password", rules.users_may_change),
            ("hard-expiry", rules.hard_expiry),
        ] {
            let _ = write!(line, " --{}{option}", if is_on { "" } else { "no-" });
        }
        // AWS takes no 0 for these two: what is left out is off.
        for (option, number) in
            [("max-password-age", rules.max_age), ("password-reuse-prevention", rules.reuse_prevention)]
        {
            if let Some(number) = number {
                let _ = write!(line, " --{option} {number}");
            }
        }
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// The whole policy is written, stricter parts among it.
    fn effect(&self) -> Effect {
        match self {
            Self::Set(_) | Self::Delete => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests;
