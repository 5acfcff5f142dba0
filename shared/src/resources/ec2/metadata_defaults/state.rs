//! How new instances of an account and region give their metadata where neither the launch nor the image says ("Configure
//! instance metadata options for new instances", EC2 user guide).

use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::resources::ec2::instance::state::{Switch, Tokens};
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const MODIFY_INSTANCE_METADATA_DEFAULTS: Permission =
    Permission::setting("ec2:ModifyInstanceMetadataDefaults");

/// The one setting of an account and region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultsRef {
    /// Whether a judge needs the last known good state, or what is seen may become it.
    pub is_kept: bool,
    /// Whether that state enforces tokens.
    pub enforced_before: Observed<Preference<Switch>>,
}

/// A default, or none: `no-preference` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preference<T> {
    /// This holds unless a launch says otherwise.
    Set(T),
    /// The image decides, and without it EC2: version 1 is answered.
    None,
}

/// EC2's word for no default.
const NONE: &str = "no-preference";

impl<T> Preference<T> {
    fn read(word: &str, value: impl Fn(&str) -> Option<T>) -> Option<Self> {
        if word == NONE { Some(Self::None) } else { value(word).map(Self::Set) }
    }
}

impl Preference<Tokens> {
    /// What EC2's word means.
    #[must_use]
    pub fn of_tokens(word: &str) -> Option<Self> {
        Self::read(word, Tokens::read)
    }

    /// EC2's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Set(tokens) => tokens.word(),
            Self::None => NONE,
        }
    }
}

impl Preference<Switch> {
    /// What EC2's word means.
    #[must_use]
    pub fn of_switch(word: &str) -> Option<Self> {
        Self::read(word, Switch::read)
    }

    /// EC2's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Set(switch) => switch.word(),
            Self::None => NONE,
        }
    }
}

/// What is known of the defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defaults {
    /// `httpTokens`
    pub tokens: Observed<Preference<Tokens>>,
    /// `httpTokensEnforced`: whether an instance that does not require tokens is refused.
    pub enforced: Observed<Preference<Switch>>,
    /// Whether the last known good state enforces them.
    pub enforced_before: Observed<Preference<Switch>>,
    /// Whether the event decided on tokens.
    pub tokens_in_question: bool,
    /// Whether the event decided on enforcing them.
    pub enforcement_in_question: bool,
    /// Whether an event says so, or a sweep walks through what is there.
    pub by_event: bool,
    /// `httpPutResponseHopLimit`
    pub hop_limit: Option<i64>,
    /// `httpEndpoint`
    pub endpoint: Option<Switch>,
    /// `instanceMetadataTags`
    pub tags: Option<Switch>,
}

/// The call that changes defaults: what `ModifyInstanceMetadataDefaults` does not name stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetDefaults {
    /// `HttpTokens`
    pub tokens: Option<Preference<Tokens>>,
    /// `HttpTokensEnforced`
    pub enforced: Option<Preference<Switch>>,
}

impl fmt::Display for SetDefaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tokens = self.tokens.map(|tokens| format!("tokens to {}", tokens.word()));
        let enforced = self.enforced.map(|enforced| format!("enforcement of tokens to {}", enforced.word()));
        let parts: Vec<String> = tokens.into_iter().chain(enforced).collect();
        write!(f, "set the instance metadata defaults: {}", parts.join(", "))
    }
}

impl Action for SetDefaults {
    fn permission(&self) -> &'static str {
        MODIFY_INSTANCE_METADATA_DEFAULTS.action
    }

    fn command(&self, region: &str) -> String {
        let tokens = self.tokens.map(|tokens| format!(" --http-tokens {}", tokens.word())).unwrap_or_default();
        let enforced = self.enforced.map(|enforced| format!(" --http-tokens-enforced {}", enforced.word()));
        let enforced = enforced.unwrap_or_default();
        in_region(&format!("aws ec2 modify-instance-metadata-defaults{tokens}{enforced}"), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        let tokens = self.tokens.or(other.tokens);
        let enforced = self.enforced.or(other.enforced);
        let agrees = other.tokens.is_none_or(|theirs| tokens == Some(theirs))
            && other.enforced.is_none_or(|theirs| enforced == Some(theirs));
        if agrees {
            *self = Self { tokens, enforced };
        }
        agrees
    }

    fn effect(&self) -> Effect {
        match (self.tokens, self.enforced) {
            (Some(Preference::Set(Tokens::Required)) | None, Some(Preference::Set(Switch::Enabled)) | None) => {
                Effect::Restoring
            }
            (Some(Preference::Set(Tokens::Optional) | Preference::None), _)
            | (_, Some(Preference::Set(Switch::Disabled) | Preference::None)) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        usize::from(self.tokens.is_some()) + usize::from(self.enforced.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRE: SetDefaults = SetDefaults { tokens: Some(Preference::Set(Tokens::Required)), enforced: None };
    const ENFORCE: SetDefaults = SetDefaults { tokens: None, enforced: Some(Preference::Set(Switch::Enabled)) };

    #[test]
    fn one_call_takes_both_and_no_contradiction() {
        let mut both = REQUIRE;
        assert!(both.absorb(&ENFORCE));
        assert_eq!(
            both.command("eu-west-1"),
            "aws ec2 modify-instance-metadata-defaults --http-tokens required --http-tokens-enforced enabled --region eu-west-1"
        );
        assert_eq!(both.elements(), 2);
        let other = SetDefaults { tokens: Some(Preference::None), enforced: None };
        assert!(!both.absorb(&other));
        assert_eq!(both.tokens, REQUIRE.tokens);
    }

    #[test]
    fn the_words_of_the_wire() {
        assert_eq!(Preference::of_tokens("no-preference"), Some(Preference::None));
        assert_eq!(Preference::of_tokens("optional"), Some(Preference::Set(Tokens::Optional)));
        assert_eq!(Preference::of_tokens("sometimes"), None);
        assert_eq!(Preference::of_switch("no-preference"), Some(Preference::None));
    }
}
