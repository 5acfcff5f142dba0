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
fn what_only_a_read_shows_is_undetermined_with_the_judge_s_reason() {
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
fn answers_are_the_same_without_what_is_not_asked_for() {
    let whole = Judge::new(Rules::default(), Timestamp::UNIX_EPOCH);
    let answers = whole.clone().with(Detail::Answers);
    let mut all = whole.by_record("security-group", &open_ssh()).unwrap();
    all.retain(|finding| finding.verdict != VerdictKind::Compliant);
    let short = answers.by_record("security-group", &open_ssh()).unwrap();
    let said = |finding: &Finding| (finding.id, finding.verdict, finding.reasons.clone(), finding.outcome);
    assert_eq!(all.iter().map(said).collect::<Vec<_>>(), short.iter().map(said).collect::<Vec<_>>());
    assert!(all.iter().any(|finding| !finding.steps.is_empty() && !finding.before.is_null()));
    assert!(short.iter().all(|finding| finding.steps.is_empty() && finding.before.is_null()));
}

#[test]
fn every_family_of_the_catalogue_can_be_replayed() {
    let judge = Judge::new(Rules::default(), Timestamp::UNIX_EPOCH);
    for entry in catalogue() {
        assert!(judge.by_record(entry.family, &open_ssh()).is_some(), "{}", entry.family);
    }
    assert!(judge.by_record("no-such-family", &open_ssh()).is_none());
}
