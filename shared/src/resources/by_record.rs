//! The event lens alone: what a record proves by itself, for the replay of old logs.
//!
//! The same pipeline, in a world that cannot be read and is never written to: what only a read could show stays
//! undetermined, with the reason that the judge gives, and no mode goes further than `notify`.

use crate::engine::event::Event;
use crate::engine::family::{Family, Observe, ReadDepth, ReadError};
use crate::engine::finding::Finding;
use crate::engine::memory::NoMemory;
use crate::engine::observed::Observed;
use crate::engine::pipeline::{Clock, Rules, RunContext, handle};
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::policy::Mode;
use crate::resources::{Visitor, visit_all};
use jiff::Timestamp;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// An operator's decisions for a replay. Built once, used for any number of records.
#[derive(Clone, Debug)]
pub struct Judge {
    rules: Rules,
    now: Timestamp,
}

impl Judge {
    /// Judges by these rules; `now` decides which exemptions still hold.
    #[must_use]
    pub fn new(rules: Rules, now: Timestamp) -> Self {
        let mut rules = rules;
        rules.policy.limit(Mode::Notify);
        rules.fallback = rules.fallback.min(Mode::Notify);
        Self { rules, now }
    }

    /// The rules, no mode of which goes further than `notify`.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What the guardrails that the function `family` serves say of the event. None for one that does not exist.
    #[must_use]
    pub fn by_record(&self, family: &str, event: &Event) -> Option<Vec<Finding>> {
        struct Asked<'a> {
            judge: &'a Judge,
            name: &'a str,
            event: &'a Event,
            findings: Option<Vec<Finding>>,
        }

        impl Visitor for Asked<'_> {
            fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F) {
                if function == self.name {
                    let findings = self.judge.findings(&family, self.event);
                    self.findings.get_or_insert_default().extend(findings);
                }
            }
        }

        let mut asked = Asked { judge: self, name: family, event, findings: None };
        visit_all(&mut asked);
        asked.findings
    }

    fn findings<F: Family>(&self, family: &F, event: &Event) -> Vec<Finding> {
        // What the request claims counts only where the response proves nothing.
        let is_proven = family.locate(event).is_ok_and(|found| found.iter().any(|target| target.proven.is_some()));
        let world = RecordOnly { family, claims: (!is_proven).then_some(event) };
        let context = RunContext { world: &world, clock: &Stopped(self.now), memory: &NoMemory, rules: &self.rules };
        at_once(handle(family, context, event)).findings
    }
}

/// The world of a replay: no reads but of the record, no writes.
struct RecordOnly<'a, F> {
    family: &'a F,
    /// The event whose request may be believed.
    claims: Option<&'a Event>,
}

impl<F: Family> Observe<F> for RecordOnly<'_, F> {
    async fn observe(&self, key: &F::Key, _: ReadDepth) -> Result<Observed<F::State>, ReadError> {
        let why = "the record does not show the resource's state: a read is needed";
        let claimed = self.claims.and_then(|event| self.family.claimed(event, key));
        claimed.map(Observed::Known).ok_or_else(|| ReadError { why: why.to_owned() })
    }
}

impl<F: Family, A: Action> Apply<A> for RecordOnly<'_, F> {
    async fn apply(&self, action: &A) -> Result<Applied, ApplyError> {
        Err(ApplyError::Denied { permission: action.permission(), code: "Replay".to_owned() })
    }
}

/// Time that does not pass.
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }

    async fn pause(&self, _: Duration) {}
}

/// Nothing in this world waits: the first poll is the last.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
            return answer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::finding::Outcome;
    use crate::engine::verdict::VerdictKind;
    use crate::policy::Policy;
    use crate::resources::catalogue;
    use serde_json::{Value, json};

    fn record(request: Value, response: Value) -> Event {
        Event::from_record(&json!({
            "eventID": "e", "eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress",
            "eventTime": "2026-01-01T00:00:00Z", "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
            "userIdentity": {"type": "Root"}, "requestParameters": request, "responseElements": response,
        }))
        .unwrap()
    }

    fn open_ssh() -> Event {
        let item = json!({"groupId": "sg-1", "securityGroupRuleId": "sgr-1", "isEgress": false, "ipProtocol": "tcp",
            "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0"});
        record(json!({"groupId": "sg-1"}), json!({"_return": true, "securityGroupRuleSet": {"items": [item]}}))
    }

    fn judge(policy: &str, event: &Event) -> Vec<Finding> {
        let rules = Rules { policy: Policy::parse(policy).unwrap(), fallback: Mode::Enforce, ..Rules::default() };
        Judge::new(rules, Timestamp::UNIX_EPOCH).by_record("security-group", event).unwrap()
    }

    #[test]
    fn the_record_s_own_words_are_judged_and_nothing_is_done() {
        let findings = judge("version: 1\ndefaults: { mode: enforce }\n", &open_ssh());
        let ssh = findings.iter().find(|finding| finding.guardrail.name == "security-group-admin-port-open").unwrap();
        assert_eq!((ssh.verdict, ssh.outcome, ssh.mode), (VerdictKind::Violation, Outcome::Notified, Mode::Notify));
        assert!(ssh.steps[0].command.starts_with("aws ec2 revoke-security-group-ingress"), "the plan is shown");
        assert!(ssh.steps[0].answer.is_none(), "and was not run");
    }

    #[test]
    fn what_only_a_read_tells_is_undetermined_with_the_judge_s_reason() {
        let findings = judge("version: 1\n", &open_ssh());
        let reason = |name: &str| {
            let found = findings.iter().find(|finding| finding.guardrail.name == name).unwrap();
            assert_eq!(found.verdict, VerdictKind::Undetermined);
            found.reasons.join(" ")
        };
        assert!(reason("security-group-default-has-rules").contains("names the group by id only"));
        let old = judge("version: 1\n", &record(json!({"groupId": "sg-1"}), json!({"_return": true})));
        assert!(old.iter().all(|finding| finding.verdict == VerdictKind::Undetermined));
        assert!(old[0].reasons[0].contains("a read is needed"));
    }

    #[test]
    fn an_old_record_s_request_is_judged_when_its_response_is_short() {
        let request = json!({"groupId": "sg-1", "ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
            "cidrIp": "208.236.235.254/0", "ipPermissions": {}});
        let findings = judge("version: 1\n", &record(request, json!({"_return": true})));
        let ssh = findings.iter().find(|finding| finding.guardrail.name == "security-group-admin-port-open").unwrap();
        assert_eq!((ssh.verdict, ssh.outcome), (VerdictKind::Violation, Outcome::Notified));
    }

    #[test]
    fn off_stays_off() {
        let policy = "version: 1\ndefaults: { mode: off }\n";
        assert!(judge(policy, &open_ssh()).is_empty());
        let account = "version: 1\naccounts: { \"111122223333\": { mode: off } }\n";
        assert!(judge(account, &open_ssh()).is_empty());
    }

    #[test]
    fn every_family_of_the_catalogue_can_be_replayed() {
        let judge = Judge::new(Rules::default(), Timestamp::UNIX_EPOCH);
        for entry in catalogue() {
            assert!(judge.by_record(entry.family, &open_ssh()).is_some(), "{}", entry.family);
        }
        assert!(judge.by_record("no-such-family", &open_ssh()).is_none());
    }
}
