//! What is allowed all the same: an exemption names what, why, who answers for it, and until when.

use super::{AccountId, GuardrailName, Until};
use jiff::Timestamp;
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
    /// Until when it holds.
    pub expires: Until,
}

/// The farthest end, in days from today, that a command gives an exemption. Whoever answers for it looks at it once a year:
/// what is allowed for ever is a hole that nobody remembers. Written into the file by hand, an end may be farther.
pub const LONGEST_DAYS: i64 = 366;

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

    /// What it covers, as one text: equal for an exemption that was only renewed.
    #[must_use]
    pub fn key(&self) -> String {
        let guardrail: &str = self.guardrail.borrow();
        let account = self.account.as_ref().map(AccountId::as_str).unwrap_or_default();
        format!("{guardrail}#{}#{account}#{}", self.resource, self.actor.as_deref().unwrap_or_default())
    }

    /// The exemption in one sentence, for a finding.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("exempt until {} ({}): {}", self.expires, self.owner.as_str(), self.reason.as_str())
    }

    /// True once its end has passed.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.has_passed(now)
    }

    /// True when both are about the same guardrail, resource, account and actor: the file holds one of them.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        self.guardrail == other.guardrail
            && self.resource == other.resource
            && self.account == other.account
            && self.actor == other.actor
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use rstest::rstest;

    #[rstest]
    #[case("*", "", true)]
    #[case("ci-*", "ci-build", true)]
    #[case("ci-*", "cd-build", false)]
    #[case("a?c", "abc", true)]
    #[case("a?c", "ac", false)]
    #[case("*-*-x", "a-b-c-x", true)]
    #[case("a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    fn wildcards_match_as_in_iam(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(matches_pattern(pattern, text), expected);
    }

    const SUBJECT: Subject<'_> = Subject {
        guardrail: "access-key-not-allowed",
        resource: "arn:aws:iam::111122223333:user/ci/access-key/AKIA",
        account: "111122223333",
        actor: Some("arn:aws:sts::111122223333:assumed-role/pipeline/run-1"),
        role: Some("arn:aws:iam::111122223333:role/pipeline"),
    };

    #[rstest]
    #[case::its_last_day_counts("resource: \"*\"", "2026-01-31T23:59:59Z", true)]
    #[case::and_no_day_more("resource: \"*\"", "2026-02-01T00:00:00Z", false)]
    #[case::another_resource("resource: \"*:user/web/*\"", "2026-01-01T00:00:00Z", false)]
    #[case::the_role_behind_the_session(
        "resource: \"*\", actor: \"arn:aws:iam::*:role/pipeline\"",
        "2026-01-01T00:00:00Z",
        true
    )]
    #[case::another_actor("resource: \"*\", actor: \"*:user/eve\"", "2026-01-01T00:00:00Z", false)]
    #[case::another_account("resource: \"*\", account: \"444455556666\"", "2026-01-01T00:00:00Z", false)]
    fn every_named_part_must_match(#[case] parts: &str, #[case] now: &str, #[case] expected: bool) {
        let text = format!(
            "version: 1\nexemptions: [{{guardrail: access-key-not-allowed, {parts}, reason: r, owner: o, expires: 2026-01-31}}]\n"
        );
        let policy = Policy::parse(&text).unwrap();
        let covers = policy.exemptions.iter().any(|exemption| exemption.covers(SUBJECT, now.parse().unwrap()));
        assert_eq!(covers, expected);
    }
}
