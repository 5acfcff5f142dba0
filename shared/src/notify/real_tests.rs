//! Findings of the real pipeline, as messages: the story reads what the pipeline writes (`done`, the words of a failed call).

use crate::engine::event::{Event, Parsed};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::finding::{Finding, Outcome};
use crate::engine::memory::NoMemory;
use crate::engine::observed::Observed;
use crate::engine::pipeline::{Clock, Rules, RunContext, handle};
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::notify::text;
use crate::policy::Mode;
use crate::resources::ec2::security_group::SecurityGroups;
use crate::resources::ec2::security_group::state::{
    Direction, GroupAction, GroupRef, Rule, SecurityGroup, Source, Traffic,
};
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A group whose rule goes away when asked, or a role that may not ask.
struct World {
    role_may: bool,
}

impl Observe<SecurityGroups> for World {
    async fn observe(&self, _: &GroupRef, _: ReadDepth) -> Result<Observed<SecurityGroup>, ReadError> {
        Ok(Observed::Known(SecurityGroup {
            id: "sg-0123456789abcdef0".to_owned(),
            name: Observed::Known("web".to_owned()),
            rules: if self.role_may { Vec::new() } else { vec![open_to_all()] },
            is_whole: true,
            stack: None,
        }))
    }
}

impl Apply<GroupAction> for World {
    async fn apply(&self, action: &GroupAction) -> Result<Applied, ApplyError> {
        if self.role_may {
            return Ok(Applied {
                request_id: Some("59dbff89-35bd-4eac-99ed-be587ed8d4e1".to_owned()),
                ..Applied::default()
            });
        }
        Err(ApplyError::Denied { permission: action.permission(), code: "UnauthorizedOperation".to_owned() })
    }
}

fn open_to_all() -> Rule {
    Rule {
        id: Some("sgr-0a1b2c3d4e5f60718".to_owned()),
        direction: Direction::Ingress,
        traffic: Traffic::All,
        source: Source::Cidr("0.0.0.0/0".parse().unwrap()),
        description: None,
        tags: BTreeMap::new(),
        in_question: true,
    }
}

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-01-31T12:00:05Z".parse().unwrap()
    }

    async fn pause(&self, _: Duration) {}
}

fn finding_for(mode: Mode, role_may: bool) -> Finding {
    let envelope = json!({
        "detail-type": "AWS API Call via CloudTrail", "source": "aws.ec2",
        "account": "111122223333", "region": "eu-west-1",
        "detail": {
            "eventID": "7c1f4b1e-3c5a-4b57-9d0e-2a6f8e1c0d11", "eventSource": "ec2.amazonaws.com",
            "eventName": "AuthorizeSecurityGroupIngress", "eventTime": "2026-01-31T12:00:00Z",
            "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
            "userIdentity": { "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice" },
            "requestParameters": { "groupId": "sg-0123456789abcdef0" },
            "responseElements": { "_return": true, "securityGroupRuleSet": { "items": [{
                "groupId": "sg-0123456789abcdef0", "securityGroupRuleId": "sgr-0a1b2c3d4e5f60718",
                "isEgress": false, "ipProtocol": "-1", "fromPort": -1, "toPort": -1, "cidrIpv4": "0.0.0.0/0"
            }] } },
        },
    });
    let Ok(Parsed::Call(event)) = Event::from_envelope(&envelope) else { panic!("no call") };
    let rules = Rules { fallback: mode, ..Rules::default() };
    let mut findings = {
        let context = RunContext { world: &World { role_may }, clock: &Noon, memory: &NoMemory, rules: &rules };
        now(handle(&SecurityGroups, context, &event)).findings
    };
    findings.retain(Finding::is_notifiable);
    findings.remove(0)
}

/// Nothing here waits, so the future is ready at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("something waits"),
    }
}

#[test]
fn a_call_that_was_made_can_be_taken_back() {
    let finding = finding_for(Mode::Enforce, true);
    assert_eq!(finding.outcome, Outcome::Remediated);
    let email = text::email(&finding);
    for words in ["closed 5.0 s after the change, verified 0.0 s later", ": done (request ", "- Undo it (account"] {
        assert!(email.contains(words), "{words:?} is missing in\n{email}");
    }
}

#[test]
fn a_call_that_was_denied_names_the_permission_and_says_so_once() {
    let finding = finding_for(Mode::Enforce, false);
    assert_eq!(finding.outcome, Outcome::Failed);
    let email = text::email(&finding);
    for words in ["STILL OPEN", "- Let the function's role do ec2:RevokeSecurityGroupIngress\n", "- Close it by hand"] {
        assert!(email.contains(words), "{words:?} is missing in\n{email}");
    }
    assert!(!email.contains("Undo it"), "{email}");
    assert_eq!(email.matches("UnauthorizedOperation").count(), 1, "{email}");
}

#[test]
fn a_dry_run_says_what_it_would_do() {
    let finding = finding_for(Mode::Notify, false);
    assert_eq!(finding.outcome, Outcome::Notified);
    let email = text::email(&finding);
    for words in ["OPEN, nothing was changed", "would revoke ingress all traffic", "- Close it by hand"] {
        assert!(email.contains(words), "{words:?} is missing in\n{email}");
    }
    assert!(!email.contains("Undo it"), "{email}");
}
