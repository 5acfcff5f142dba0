//! What is allowed all the same: an exemption names what, why, who answers for it, and until when.

use super::{AccountId, GuardrailName};
use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// An exemption. Every part that is named must match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// The guardrail that does not act.
    pub guardrail: GuardrailName,
    /// The resource's id (an ARN); `*` and `?` match as in IAM.
    pub resource: String,
    /// Only in this account.
    pub account: Option<AccountId>,
    /// Only for changes by this principal (its ARN, or the ARN of the role behind its session); `*` and `?` match.
    pub actor: Option<String>,
    /// Why it is allowed.
    pub reason: NonEmpty,
    /// Who answers for it.
    pub owner: NonEmpty,
    /// The last day (UTC) that it holds.
    #[schemars(with = "String", extend("format" = "date"))]
    pub expires: Date,
}

/// A text that says something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("minLength" = 1))]
pub struct NonEmpty(String);

impl TryFrom<String> for NonEmpty {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.trim().is_empty() {
            Err("an empty text was given, one that says something was expected".to_owned())
        } else {
            Ok(Self(text))
        }
    }
}

impl From<NonEmpty> for String {
    fn from(text: NonEmpty) -> Self {
        text.0
    }
}

impl NonEmpty {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an exemption is held against.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The guardrail's name.
    pub guardrail: &'a str,
    /// The resource's id.
    pub resource: &'a str,
    /// The account.
    pub account: &'a str,
    /// The principal's ARN, when known.
    pub actor: Option<&'a str>,
    /// The ARN of the role behind the principal's session, when there is one.
    pub role: Option<&'a str>,
}

impl Exemption {
    /// True when it still holds at `now` and covers the subject.
    #[must_use]
    pub fn covers(&self, subject: Subject<'_>, now: Timestamp) -> bool {
        let guardrail: &str = self.guardrail.borrow();
        let actor = self.actor.as_deref().is_none_or(|pattern| {
            [subject.actor, subject.role].into_iter().flatten().any(|arn| matches_pattern(pattern, arn))
        });
        guardrail == subject.guardrail
            && matches_pattern(&self.resource, subject.resource)
            && self.account.as_ref().is_none_or(|account| account.as_str() == subject.account)
            && actor
            && !self.has_expired(now)
    }

    /// True once its last day has passed.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        TimeZone::UTC.to_datetime(now).date() > self.expires
    }
}

/// IAM's wildcards: `*` any run of characters, `?` any one. Linear in the text for each `*`, never exponential.
#[must_use]
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            Some(_) | None => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}
