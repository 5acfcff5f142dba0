//! What is allowed all the same: an exemption names what, why, who answers for it, and until when.

use crate::engine::event::without_session;
use crate::policy::pattern::matches_pattern;
use crate::policy::{AccountId, BadValue, GuardrailName, Until};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An exemption. Every part that is named must match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// The guardrail that does not act.
    pub guardrail: GuardrailName,
    /// The resource's id (an ARN); `*` and `?` match as in IAM, and `${*}`, `${?}` and `${$}` are the characters themselves.
    pub resource: String,
    /// Only in this account.
    pub account: Option<AccountId>,
    /// Only for changes by this principal: the ARN of a user or role, where `*` and `?` match. A session is matched by its
    /// role (`arn:aws:iam::111122223333:role/ci`, or `arn:aws:sts::111122223333:assumed-role/ci/*`), never by its name, which
    /// the caller chooses.
    pub actor: Option<String>,
    /// Why it is allowed.
    pub reason: NonEmpty,
    /// Who answers for it.
    pub owner: NonEmpty,
    /// Until when it holds.
    pub expires: Until,
}

/// The farthest end, in days from today, that a command gives an exemption. The owner looks at it once a year:
/// what is allowed for ever is a hole that is forgotten. Written into the file by hand, an end may be farther.
pub const LONGEST_DAYS: i64 = 366;

/// A text that says something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("minLength" = 1))]
pub struct NonEmpty(String);

impl TryFrom<String> for NonEmpty {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        if text.trim().is_empty() { Err(BadValue::Empty) } else { Ok(Self(text)) }
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
        let guardrail = self.guardrail.as_str();
        let actor = self.actor.as_deref().is_none_or(|pattern| {
            let arns = [subject.actor.map(without_session), subject.role];
            arns.into_iter().flatten().any(|arn| matches_pattern(pattern, arn))
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
        let guardrail = self.guardrail.as_str();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use rstest::rstest;

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
    #[case::any_session_of_the_role(
        "resource: \"*\", actor: \"arn:aws:sts::111122223333:assumed-role/pipeline/*\"",
        "2026-01-01T00:00:00Z",
        true
    )]
    #[case::a_session_by_the_name_that_its_caller_chose(
        "resource: \"*\", actor: \"*/run-1\"",
        "2026-01-01T00:00:00Z",
        false
    )]
    #[case::the_session_s_whole_arn(
        "resource: \"*\", actor: \"arn:aws:sts::111122223333:assumed-role/pipeline/run-1\"",
        "2026-01-01T00:00:00Z",
        false
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
