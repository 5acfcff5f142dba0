//! Contain first, look again, and what happens when AWS does not do what was requested.

use crate::world::{Living, Watch, World, now};
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::family::ReadError;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::observed::{Observed, Place};
use shared::engine::pipeline::{Clock, Handled, Rules, RunContext, handle, sweep};
use shared::engine::plan::ApplyError;
use shared::engine::verdict::VerdictKind;
use shared::policy::{Mode, Policy};
use shared::resources::ec2::security_group::SecurityGroups;
use shared::resources::ec2::security_group::state::{GroupRef, SecurityGroup};
use shared::resources::iam::access_key::IamUsers;
use std::time::Duration;

pub const GROUP: &str = "sg-0a1b2c3d4e5f60718";
pub const ADMIN_PORT: &str = "security-group-admin-port-open";
pub const ALL_TRAFFIC: &str = "security-group-all-traffic-open";
pub const DEFAULT: &str = "security-group-default-has-rules";
pub const REVOKE_SSH: &str = "revoke ingress tcp 22 from 0.0.0.0/0 on sg-0a1b2c3d4e5f60718";

pub fn record(name: &str, request: Value, response: Value) -> Event {
    Event::from_record(&json!({
        "eventID": "6f3f1d5e-7a3c-4a53-9f0e-1b8b4f6f8a11",
        "eventSource": if name == "CreateAccessKey" { "iam.amazonaws.com" } else { "ec2.amazonaws.com" },
        "eventName": name,
        "eventTime": "2026-03-02T09:14:07Z",
        "awsRegion": "eu-central-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ben", "userName": "ben"},
        "requestParameters": request,
        "responseElements": response,
    }))
    .unwrap()
}

/// SSH from everywhere, with the rule's id in the response or without.
pub fn ssh_opened(with_id: bool) -> Event {
    opened(&[("tcp", 22, 22, "0.0.0.0/0")], with_id)
}

pub fn opened(rules: &[(&str, i32, i32, &str)], with_ids: bool) -> Event {
    let asked: Vec<Value> = rules
        .iter()
        .map(|(protocol, from, to, cidr)| {
            json!({"ipProtocol": protocol, "fromPort": from, "toPort": to, "ipRanges": {"items": [{"cidrIp": cidr}]}})
        })
        .collect();
    let made: Vec<Value> = rules
        .iter()
        .enumerate()
        .map(|(n, (protocol, from, to, cidr))| {
            json!({"groupId": GROUP, "securityGroupRuleId": format!("sgr-{n:017}"), "isEgress": false,
                   "ipProtocol": protocol, "fromPort": from, "toPort": to, "cidrIpv4": cidr})
        })
        .collect();
    let response = if with_ids {
        json!({"_return": true, "securityGroupRuleSet": {"items": made}})
    } else {
        json!({"_return": true})
    };
    record("AuthorizeSecurityGroupIngress", json!({"groupId": GROUP, "ipPermissions": {"items": asked}}), response)
}

pub fn permission(protocol: &str, from: i32, to: i32, cidr: &str) -> Value {
    json!({"IpProtocol": protocol, "FromPort": from, "ToPort": to, "IpRanges": [{"CidrIp": cidr}]})
}

pub fn group(name: &str, ingress: &[Value]) -> Observed<SecurityGroup> {
    SecurityGroups::live(&json!({"GroupId": GROUP, "GroupName": name, "IpPermissions": ingress}))
}

pub fn ssh() -> Value {
    permission("tcp", 22, 22, "0.0.0.0/0")
}

pub fn https() -> Value {
    permission("tcp", 443, 443, "0.0.0.0/0")
}

pub fn enforcing(policy: &str) -> Rules {
    let policy = if policy.is_empty() { Policy::default() } else { Policy::parse(policy).unwrap() };
    Rules { policy, fallback: Mode::Enforce, ..Rules::default() }
}

pub fn run(world: &World<SecurityGroups>, event: &Event, policy: &str) -> (Handled, Vec<Duration>) {
    let watch = Watch::default();
    let handled = now(handle(
        &SecurityGroups,
        RunContext { world, clock: &watch, memory: world, rules: &enforcing(policy) },
        event,
    ));
    let pauses = watch.pauses.lock().unwrap().clone();
    (handled, pauses)
}

pub fn about<'a>(handled: &'a Handled, guardrail: &str) -> &'a Finding {
    handled.findings.iter().find(|finding| finding.guardrail.name == guardrail).unwrap()
}

pub fn said(finding: &Finding, part: &str) -> bool {
    finding.reasons.iter().any(|reason| reason.contains(part))
}

pub fn denied() -> ApplyError {
    ApplyError::Denied { permission: "ec2:RevokeSecurityGroupIngress", code: "UnauthorizedOperation".to_owned() }
}

#[test]
fn a_record_with_rule_ids_is_contained_by_the_first_call() {
    let world = World::new(group("web", &[https(), ssh()]));
    let (handled, pauses) = run(&world, &ssh_opened(true), "");
    assert_eq!(world.log(), [format!("call {REVOKE_SSH}"), "look full".to_owned()]);
    assert!(pauses.is_empty());
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Remediated);
    assert_eq!(finding.steps[0].request_id.as_deref(), Some("request-1"));
    assert!(finding.times.contained < finding.times.verified);
    assert_eq!(world.lines(), ["ingress tcp 443 from 0.0.0.0/0"]);
}

#[test]
fn a_record_without_rule_ids_is_contained_by_the_second_call() {
    let world = World::new(group("web", &[https(), ssh()]));
    let (handled, _) = run(&world, &ssh_opened(false), "");
    assert_eq!(world.log(), ["look quick".to_owned(), format!("call {REVOKE_SSH}"), "look full".to_owned()]);
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated);
}

#[test]
fn what_several_guardrails_object_to_is_revoked_by_one_call() {
    let world = World::new(group("web", &[https(), permission("-1", -1, -1, "0.0.0.0/0"), ssh()]));
    let event = opened(&[("-1", -1, -1, "0.0.0.0/0"), ("tcp", 22, 22, "0.0.0.0/0")], true);
    let (handled, _) = run(&world, &event, "");
    assert_eq!(world.calls().len(), 1);
    assert_eq!(about(&handled, ALL_TRAFFIC).outcome, Outcome::Remediated);
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated);
    assert_eq!(world.lines(), ["ingress tcp 443 from 0.0.0.0/0"]);
}

#[test]
fn a_repeated_delivery_changes_nothing_and_has_the_same_ids() {
    let world = World::new(group("web", &[https(), ssh()]));
    let (first, _) = run(&world, &ssh_opened(true), "");
    let after_first = world.lines();
    let (second, _) = run(&world, &ssh_opened(true), "");
    assert_eq!(world.lines(), after_first);
    let (first, second) = (about(&first, ADMIN_PORT), about(&second, ADMIN_PORT));
    assert_eq!(first.id, second.id);
    assert_eq!(second.outcome, Outcome::AlreadyCompliant);
    assert!(said(second, "already closed when it was read"));
}

#[test]
fn a_late_event_does_not_touch_a_rule_that_means_something_else_by_now() {
    // The id that the record carries was narrowed to an office since: the content is gone, so nothing is revoked.
    let world = World::new(group("web", &[https(), permission("tcp", 22, 22, "8.8.8.0/24")]));
    let (handled, _) = run(&world, &ssh_opened(true), "");
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::AlreadyCompliant);
    assert_eq!(world.lines(), ["ingress tcp 443 from 0.0.0.0/0", "ingress tcp 22 from 8.8.8.0/24"]);
}

#[test]
fn when_one_of_two_rules_is_gone_the_other_is_revoked_after_a_look() {
    // AWS revokes nothing when one of the named rules is not there: what the look shows is planned again.
    let world = World::new(group("web", &[ssh()]));
    let event = opened(&[("tcp", 22, 22, "0.0.0.0/0"), ("tcp", 3389, 3389, "0.0.0.0/0")], true);
    let (handled, _) = run(&world, &event, "");
    let calls = world.calls();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!(calls[1], REVOKE_SSH);
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Remediated, "{:?}", finding.reasons);
    assert!(world.lines().is_empty());
}

#[test]
fn a_call_that_answers_success_and_changes_nothing_is_not_called_remediated() {
    let still = || Some(Ok(group("web", &[ssh()])));
    let world = World::new(group("web", &[ssh()])).showing((0..20).map(|_| still()));
    let (handled, pauses) = run(&world, &ssh_opened(true), "");
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Failed);
    assert!(said(finding, "still open after verification"));
    assert!(pauses.iter().sum::<Duration>() >= Duration::from_secs(2), "AWS's reads may lag: {pauses:?}");
}

#[test]
fn a_read_that_lags_is_given_time() {
    let world = World::new(group("web", &[ssh()])).showing([Some(Ok(group("web", &[ssh()])))]);
    let (handled, pauses) = run(&world, &ssh_opened(true), "");
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated);
    assert_eq!(world.calls().len(), 1);
    assert_eq!(pauses, [Duration::from_millis(200)]);
}

#[test]
fn half_closed_is_partial() {
    let left = || Some(Ok(group("web", &[permission("tcp", 3389, 3389, "0.0.0.0/0")])));
    let event = opened(&[("tcp", 22, 22, "0.0.0.0/0"), ("tcp", 3389, 3389, "0.0.0.0/0")], true);
    let world =
        World::new(group("web", &[ssh(), permission("tcp", 3389, 3389, "0.0.0.0/0")])).showing((0..20).map(|_| left()));
    let (handled, _) = run(&world, &event, "");
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Partial);
}

#[test]
fn a_denied_call_is_a_finding_of_its_own_one_level_up() {
    let world = World::new(group("web", &[ssh()])).answering([Some(denied())]);
    let (handled, _) = run(&world, &ssh_opened(true), "");
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Failed);
    assert_eq!(finding.severity.word(), "critical");
    assert!(said(finding, "the role lacks `ec2:RevokeSecurityGroupIngress`"));
    assert_eq!(handled.retry, None, "trying again will not help");
    assert_eq!(world.calls().len(), 1);
}

#[test]
fn a_refused_call_says_what_aws_said() {
    let refused = ApplyError::Refused {
        code: "InvalidParameterValue".to_owned(),
        message: "managed by another service".to_owned(),
    };
    let world = World::new(group("web", &[ssh()])).answering([Some(refused)]);
    let (handled, _) = run(&world, &ssh_opened(true), "");
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Failed);
    assert!(said(finding, "AWS refused with `InvalidParameterValue`: managed by another service"));
    assert_eq!(handled.retry, None);
}

#[test]
fn a_throttled_call_is_delivered_again() {
    let throttled = ApplyError::Transient { why: "cannot revoke: throttled (`RequestLimitExceeded`)".to_owned() };
    let world = World::new(group("web", &[ssh()])).answering([Some(throttled)]);
    let (handled, _) = run(&world, &ssh_opened(true), "");
    assert!(handled.retry.is_some());
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Failed);
    let (again, _) = run(&world, &ssh_opened(true), "");
    assert_eq!(about(&again, ADMIN_PORT).outcome, Outcome::Remediated);
}

#[test]
fn a_throttled_read_before_acting_is_delivered_again_and_is_undetermined_until_then() {
    let throttled = || Some(Err(ReadError { why: "cannot read the group: throttled".to_owned() }));
    let world = World::new(group("web", &[ssh()])).showing([throttled()]);
    let (handled, _) = run(&world, &ssh_opened(false), "");
    assert!(handled.retry.is_some());
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!((finding.verdict, finding.outcome), (VerdictKind::Undetermined, Outcome::Notified));
    assert!(world.calls().is_empty());
}

#[test]
fn a_throttled_look_again_leaves_it_partial_and_is_delivered_again() {
    let throttled = || Some(Err(ReadError { why: "cannot read the group: throttled".to_owned() }));
    let world = World::new(group("web", &[ssh()])).showing([throttled()]);
    let (handled, _) = run(&world, &ssh_opened(true), "");
    assert!(handled.retry.is_some());
    assert_ne!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated, "no read has shown it closed");
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Partial);
}

#[test]
fn a_look_again_that_is_refused_leaves_it_partial() {
    let unreadable = Observed::Unknown { why: "not authorized to read the group".to_owned() };
    let world = World::new(group("web", &[ssh()])).showing([Some(Ok(unreadable))]);
    let (handled, _) = run(&world, &ssh_opened(true), "");
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Partial);
    assert!(said(finding, "verification was not possible: not authorized to read the group"));
}

#[test]
fn one_change_is_notified_once_by_the_gravest() {
    let world = World::new(group("web", &[permission("-1", -1, -1, "0.0.0.0/0")]));
    let (handled, _) = run(&world, &opened(&[("-1", -1, -1, "0.0.0.0/0")], true), "");
    let notified: Vec<_> = handled.findings.iter().filter(|f| f.is_notifiable()).map(|f| f.guardrail.name).collect();
    assert_eq!(notified, [ALL_TRAFFIC]);
    assert_eq!(about(&handled, ALL_TRAFFIC).also, [ADMIN_PORT]);
    assert_eq!(about(&handled, ADMIN_PORT).notified_by, Some(ALL_TRAFFIC));
}

#[test]
fn a_guardrail_that_objects_to_more_speaks_for_itself() {
    let rules = [permission("-1", -1, -1, "0.0.0.0/0"), ssh()];
    let event = opened(&[("-1", -1, -1, "0.0.0.0/0"), ("tcp", 22, 22, "0.0.0.0/0")], true);
    let (handled, _) = run(&World::new(group("web", &rules)), &event, "");
    assert_eq!(about(&handled, ALL_TRAFFIC).also, Vec::<&str>::new());
    assert!(about(&handled, ADMIN_PORT).is_notifiable());
}

#[test]
fn what_cannot_be_read_is_not_written_to() {
    let unreadable = Observed::Unknown { why: "not authorized to read the group".to_owned() };
    let world = World::<SecurityGroups>::new(unreadable);
    let (handled, _) = run(&world, &ssh_opened(false), "");
    assert!(handled.findings.iter().all(|finding| finding.verdict == VerdictKind::Undetermined));
    assert!(handled.findings.iter().any(Finding::is_notifiable));
    assert!(world.calls().is_empty());
}

#[test]
fn an_undetermined_answer_is_notified_once_not_once_a_guardrail() {
    let unreadable = Observed::Unknown { why: "not authorized to read the group".to_owned() };
    let (handled, _) = run(&World::<SecurityGroups>::new(unreadable), &ssh_opened(false), "");
    assert_eq!(handled.findings.iter().filter(|finding| finding.is_notifiable()).count(), 1);
}

#[test]
fn a_failed_call_and_an_own_call_lead_nowhere() {
    let world = World::new(group("web", &[ssh()]));
    let mut failed = ssh_opened(true);
    failed.failure =
        Some(shared::engine::event::CallFailure { code: "AccessDenied".to_owned(), message: String::new() });
    assert!(run(&world, &failed, "").0.findings.is_empty());
    let mut own = ssh_opened(true);
    own.actor.role = Some("arn:aws:iam::111122223333:role/parapet".to_owned());
    let rules = |role: &str| Rules { own_roles: vec![role.to_owned()], ..enforcing("") };
    let ran = |role| {
        let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules(role) };
        now(handle(&SecurityGroups, context, &own))
    };
    assert!(ran("arn:aws:iam::111122223333:role/parapet").findings.is_empty());
    assert!(world.log().is_empty());
    assert!(!ran("arn:aws:iam::111122223333:role/parapet-2").findings.is_empty(), "compared whole");
}

#[test]
fn a_key_is_switched_off_by_the_first_call_and_can_be_switched_on_again() {
    let event = record(
        "CreateAccessKey",
        json!({"userName": "eve"}),
        json!({"accessKey": {"accessKeyId": "AKIAEXAMPLEKEY000001", "userName": "eve", "status": "Active"}}),
    );
    let keys = json!({"AccessKeyMetadata": [
        {"AccessKeyId": "AKIAEXAMPLEKEY000001", "UserName": "eve", "Status": "Active"}]});
    let world = World::new(IamUsers::live(&keys));
    let handled = now(handle(
        &IamUsers,
        RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &enforcing("") },
        &event,
    ));
    assert_eq!(world.calls_before_containment(), Some(1));
    assert_eq!(world.calls(), ["deactivate access key AKIAEXAMPLEKEY000001 of user eve"]);
    let finding = about(&handled, "access-key-not-allowed");
    assert_eq!(finding.outcome, Outcome::Remediated);
    let undo = finding.steps[0].undo_command.as_deref().unwrap();
    assert!(undo.ends_with("--status Active --region eu-central-1"), "{undo}");
}

/// What stood open before is for people, where the policy says so.
#[test]
fn a_sweep_goes_no_further_than_the_policy_lets_it() {
    let rule = r#"{"GroupId": "sg-1", "GroupName": "web", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}"#;
    let state = SecurityGroups::live(&serde_json::from_str(rule).unwrap());
    let place =
        Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: "eu-west-1".to_owned() };
    for (limit, calls) in [("", 1), ("version: 1\ndefaults: {sweep: notify}\n", 0)] {
        let world = World::<SecurityGroups>::new(state.clone());
        let rules = enforcing(limit);
        let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
        let handled =
            now(sweep(&SecurityGroups, context, &place, GroupRef::Id("sg-1".to_owned()), state.clone(), None));
        assert_eq!(world.calls().len(), calls, "{limit}");
        assert!(handled.findings.iter().any(|finding| finding.verdict == VerdictKind::Violation), "{limit}");
    }
}

/// The record names the group by its id only: that it is a default group shows on a look, and the grace period counts then.
#[test]
fn a_grace_period_counts_for_what_only_a_look_shows() {
    let policy = Policy::parse("version: 1\ndefaults: { mode: enforce, max_class: R2, grace_seconds: 60 }\n").unwrap();
    let rules = Rules { policy, fallback: Mode::Enforce, can_wait: true, ..Rules::default() };
    let world = World::new(group("default", &[https()]));
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let event = opened(&[("tcp", 443, 443, "0.0.0.0/0")], true);
    let handled = now(handle(&SecurityGroups, context, &event));
    assert!(world.calls().is_empty(), "{:?}", world.calls());
    assert_eq!(handled.deferred.as_ref().map(|deferral| deferral.wait), Some(Duration::from_secs(60)));
    assert!(said(about(&handled, DEFAULT), "waits 60 s"));
}

/// Lambda's deadline is near: nothing is begun that may not be finished, and the event comes back at once.
#[test]
fn what_there_is_no_time_for_comes_back() {
    let event = opened(&[("tcp", 22, 22, "0.0.0.0/0")], true);
    for (can_wait, until, acts) in [
        (true, "2000-01-01T00:00:00Z", false),
        (false, "2000-01-01T00:00:00Z", false),
        (true, "2999-01-01T00:00:00Z", true),
    ] {
        let rules = Rules { can_wait, until: Some(until.parse().unwrap()), ..enforcing("") };
        let world = World::new(group("web", &[ssh()]));
        let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
        let handled = now(handle(&SecurityGroups, context, &event));
        assert_eq!(world.calls().is_empty(), !acts, "{:?}", world.calls());
        let (deferred, retry) = (handled.deferred.as_ref().map(|deferral| deferral.wait), handled.retry.is_some());
        let expected = match (acts, can_wait) {
            (true, _) => (None, false),
            (false, true) => (Some(Duration::ZERO), false),
            (false, false) => (None, true),
        };
        assert_eq!((deferred, retry), expected);
    }
}

/// Put off for another reason than its grace period, an event does not end that early.
#[test]
fn a_grace_period_counts_from_the_first_time_that_the_event_was_put_off() {
    let policy = Policy::parse("version: 1\ndefaults: { mode: enforce, max_class: R2, grace_seconds: 60 }\n").unwrap();
    let rules = Rules { policy, fallback: Mode::Enforce, can_wait: true, ..Rules::default() };
    let clock = Watch::default();
    for (ago, waits) in [(Some(10), true), (Some(61), false), (None, false)] {
        let world = World::new(group("default", &[https()]));
        let context = RunContext { world: &world, clock: &clock, memory: &world, rules: &rules };
        let since = ago.map(|seconds| context.clock.now() - jiff::SignedDuration::from_secs(seconds));
        let event =
            Event { waited: Some("time was up".to_owned()), since, ..opened(&[("tcp", 443, 443, "0.0.0.0/0")], true) };
        let handled = now(handle(&SecurityGroups, context, &event));
        assert_eq!(
            (handled.deferred.is_some(), world.calls().is_empty()),
            (waits, waits),
            "{ago:?} {:?}",
            world.calls()
        );
    }
}
