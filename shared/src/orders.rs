//! Standing orders: what was decided since the policy file was written, by the breaker, by the feud detection, and by
//! whoever took a finding back.
//!
//! They are read before an event is taken up, never on the way to containment.

use crate::policy::{Exemption, Subject};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What holds for now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orders {
    /// Where nothing is enforced any more.
    pub stops: Vec<Stop>,
    /// What is allowed all the same, beside the policy file's.
    pub exemptions: Vec<Exemption>,
    /// What of it cannot be read: an exemption may be among it, so nothing is enforced while this is so.
    pub unreadable: Option<String>,
}

/// A guardrail only tells, for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The guardrail.
    pub guardrail: String,
    /// Where.
    #[serde(flatten)]
    pub scope: Scope,
    /// It closes again by itself at this time.
    pub until: Timestamp,
    /// What led to it, for a person.
    pub why: String,
}

/// Where a guardrail only tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The breaker is open: in a whole account.
    Account(String),
    /// A feud: on one resource, by its id.
    Resource(String),
}

impl Orders {
    /// The stop that holds for the subject, if there is one. An open breaker goes before a feud.
    #[must_use]
    pub fn stop(&self, subject: Subject<'_>, now: Timestamp) -> Option<&Stop> {
        let holds = |stop: &&Stop| {
            let covers = match &stop.scope {
                Scope::Account(account) => account == subject.account,
                Scope::Resource(resource) => resource == subject.resource,
            };
            stop.guardrail == subject.guardrail && covers && now < stop.until
        };
        let mut holding: Vec<&Stop> = self.stops.iter().filter(holds).collect();
        holding.sort_by_key(|stop| matches!(stop.scope, Scope::Resource(_)));
        holding.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const SUBJECT: Subject<'_> =
        Subject { guardrail: "g", resource: "arn:r", account: "111122223333", actor: None, role: None };

    #[rstest]
    #[case::the_account("g", Scope::Account("111122223333".to_owned()), "2026-01-01T00:00:00Z", true)]
    #[case::another_account("g", Scope::Account("444455556666".to_owned()), "2026-01-01T00:00:00Z", false)]
    #[case::the_resource("g", Scope::Resource("arn:r".to_owned()), "2026-01-01T00:00:00Z", true)]
    #[case::another_resource("g", Scope::Resource("arn:s".to_owned()), "2026-01-01T00:00:00Z", false)]
    #[case::another_guardrail("h", Scope::Account("111122223333".to_owned()), "2026-01-01T00:00:00Z", false)]
    #[case::it_has_ended("g", Scope::Account("111122223333".to_owned()), "2026-01-02T00:00:00Z", false)]
    fn a_stop_holds_in_its_scope_until_its_end(
        #[case] guardrail: &str,
        #[case] scope: Scope,
        #[case] now: &str,
        #[case] expected: bool,
    ) {
        let until = "2026-01-02T00:00:00Z".parse().unwrap();
        let stop = Stop { guardrail: guardrail.to_owned(), scope, until, why: "w".to_owned() };
        let orders = Orders { stops: vec![stop], ..Orders::default() };
        assert_eq!(orders.stop(SUBJECT, now.parse().unwrap()).is_some(), expected);
    }
}
