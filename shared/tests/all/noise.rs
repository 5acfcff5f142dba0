//! Noise does not switch it off: an open circuit breaker, flapping and a ledger that was not read keep nothing open that an
//! event has just opened.

use crate::world::{Living, Watch, World, now};
use rstest::rstest;
use serde_json::json;
use shared::engine::event::Event;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::observed::{Observed, Place};
use shared::engine::orders::{Orders, SWEEP, Scope, Stop, digest};
use shared::engine::pipeline::{Handled, Rules, RunContext, handle, sweep};
use shared::policy::{Mode, Policy};
use shared::resources::ec2::security_group::SecurityGroups;
use shared::resources::ec2::security_group::state::{GroupRef, SecurityGroup};
use std::time::Duration;

const GROUP: &str = "sg-0a1b2c3d4e5f60718";
const GROUP_ARN: &str = "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-0a1b2c3d4e5f60718";
const ADMIN_PORT: &str = "security-group-admin-port-open";
const DEFAULT: &str = "security-group-default-has-rules";
const SSH: &str = "ingress tcp 22 from 0.0.0.0/0";
const PIPELINE: &str = "arn:aws:iam::111122223333:role/pipeline";
const R2: &str = "version: 1\ndefaults: {mode: enforce, max_class: R2}\n";

/// A port opened to everybody, by a session of this role.
fn opened_by(role: &str, port: i32) -> Event {
    let asked = json!([{"ipProtocol": "tcp", "fromPort": port, "toPort": port,
                        "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]);
    let made = json!([{"groupId": GROUP, "securityGroupRuleId": "sgr-0123456789abcdef0", "isEgress": false,
                       "ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv4": "0.0.0.0/0"}]);
    let name = role.rsplit('/').next().unwrap();
    Event::from_record(&json!({
        "eventID": "6f3f1d5e-7a3c-4a53-9f0e-1b8b4f6f8a11",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "AuthorizeSecurityGroupIngress",
        "eventTime": "2026-03-02T09:14:07Z",
        "awsRegion": "eu-central-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "AssumedRole", "arn": format!("arn:aws:sts::111122223333:assumed-role/{name}/run-7"),
                         "sessionContext": {"sessionIssuer": {"arn": role}}},
        "requestParameters": {"groupId": GROUP, "ipPermissions": {"items": asked}},
        "responseElements": {"_return": true, "securityGroupRuleSet": {"items": made}},
    }))
    .unwrap()
}

fn group(name: &str, port: i32) -> Observed<SecurityGroup> {
    let rule = json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]});
    SecurityGroups::live(&json!({"GroupId": GROUP, "GroupName": name, "IpPermissions": [rule]}))
}

fn breaker(guardrail: &str, principal: Option<&str>) -> Stop {
    Stop {
        guardrail: guardrail.to_owned(),
        scope: Scope::Account("111122223333".to_owned()),
        region: Some("eu-central-1".to_owned()),
        principal: principal.map(str::to_owned),
        stack: None,
        elements: Vec::new(),
        until: "2030-01-01T00:00:00Z".parse().unwrap(),
        why: "too much was done".to_owned(),
    }
}

fn flapping() -> Stop {
    let (scope, elements) = (Scope::Resource(GROUP_ARN.to_owned()), vec![digest(SSH)]);
    Stop { scope, elements, ..breaker(ADMIN_PORT, Some(PIPELINE)) }
}

fn rules(policy: &str, orders: Orders) -> Rules {
    let policy = if policy.is_empty() { Policy::default() } else { Policy::parse(policy).unwrap() };
    Rules { policy, fallback: Mode::Enforce, orders, can_wait: true, ..Rules::default() }
}

fn stopped(stops: &[Stop]) -> Orders {
    Orders { stops: stops.to_vec(), ..Orders::default() }
}

fn unread() -> Orders {
    Orders { unreadable: Some("the ledger `parapet` does not answer".to_owned()), ..Orders::default() }
}

fn run(world: &World<SecurityGroups>, event: &Event, rules: &Rules) -> Handled {
    now(handle(&SecurityGroups, RunContext { world, clock: &Watch::default(), memory: world, rules }, event))
}

fn swept(world: &World<SecurityGroups>, seen: Observed<SecurityGroup>, rules: &Rules) -> Handled {
    let place =
        Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: "eu-central-1".to_owned() };
    let context = RunContext { world, clock: &Watch::default(), memory: world, rules };
    now(sweep(&SecurityGroups, context, &place, GroupRef::Id(GROUP.to_owned()), seen, None))
}

fn about<'a>(handled: &'a Handled, guardrail: &str) -> &'a Finding {
    handled.findings.iter().find(|finding| finding.guardrail.name == guardrail).unwrap()
}

fn said(finding: &Finding, part: &str) -> bool {
    finding.reasons.iter().any(|reason| reason.contains(part))
}

#[rstest]
#[case::a_breaker(breaker(ADMIN_PORT, None))]
#[case::a_breaker_of_this_very_principal(breaker(ADMIN_PORT, Some(PIPELINE)))]
#[case::flapping_of_a_principal_that_is_not_named(flapping())]
#[case::what_an_earlier_version_wrote(Stop { region: None, principal: None, elements: Vec::new(), ..flapping() })]
fn what_an_event_has_just_opened_is_closed_whatever_was_stopped(#[case] stop: Stop) {
    let world = World::new(group("web", 22));
    let handled = run(&world, &opened_by(PIPELINE, 22), &rules("", stopped(&[stop])));
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated);
    assert_eq!(world.calls_before_containment(), Some(1));
    assert!(world.lines().is_empty());
}

#[test]
fn remediations_of_class_r2_stop_with_the_breaker_of_that_principal_alone() {
    let orders = || stopped(&[breaker(DEFAULT, Some(PIPELINE))]);
    let world = World::new(group("default", 443));
    let handled = run(&world, &opened_by(PIPELINE, 443), &rules(R2, orders()));
    assert_eq!(about(&handled, DEFAULT).outcome, Outcome::BreakerOpen);
    assert!(world.calls().is_empty());
    let handled = run(&world, &opened_by("arn:aws:iam::111122223333:role/web", 443), &rules(R2, orders()));
    assert_eq!(about(&handled, DEFAULT).outcome, Outcome::Remediated);
}

#[test]
fn where_nothing_would_be_enforced_a_breaker_is_not_the_reason() {
    let world = World::new(group("default", 443));
    let handled = run(&world, &opened_by(PIPELINE, 443), &rules("", stopped(&[breaker(DEFAULT, None)])));
    assert_eq!(about(&handled, DEFAULT).outcome, Outcome::Notified, "`max_class` is R1");
}

#[test]
fn a_sweep_stops_with_its_own_breaker() {
    let sweep_of = |principal| {
        let world = World::new(group("web", 22));
        let rules = rules("", stopped(&[breaker(ADMIN_PORT, Some(principal))]));
        about(&swept(&world, group("web", 22), &rules), ADMIN_PORT).outcome
    };
    assert_eq!(sweep_of(SWEEP), Outcome::BreakerOpen);
    assert_eq!(sweep_of(PIPELINE), Outcome::Remediated, "noise of a principal stops no sweep");
}

#[rstest]
#[case::what_was_fought_over(PIPELINE, 22, Outcome::Flapping)]
#[case::another_element(PIPELINE, 3389, Outcome::Remediated)]
#[case::another_principal("arn:aws:iam::111122223333:role/eve", 22, Outcome::Remediated)]
fn flapping_is_left_open_to_the_named_principal_only(#[case] role: &str, #[case] port: i32, #[case] expected: Outcome) {
    let policy = format!("version: 1\ndefaults: {{feud: {{yields_to: [\"{PIPELINE}\"]}}}}\n");
    let world = World::new(group("web", port));
    let handled = run(&world, &opened_by(role, port), &rules(&policy, stopped(&[flapping()])));
    assert_eq!(about(&handled, ADMIN_PORT).outcome, expected);
}

/// What cannot be read may be an exemption; what was just opened does not wait for that.
#[test]
fn without_the_standing_orders_what_an_event_opened_is_closed_and_it_is_said() {
    let world = World::new(group("web", 22));
    let handled = run(&world, &opened_by(PIPELINE, 22), &rules("", unread()));
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Remediated);
    assert!(said(finding, "the ledger `parapet` does not answer"), "{:?}", finding.reasons);
}

#[test]
fn without_the_standing_orders_a_remediation_of_class_r2_waits() {
    let world = World::new(group("default", 443));
    let handled = run(&world, &opened_by(PIPELINE, 443), &rules(R2, unread()));
    assert!(world.calls().is_empty(), "{:?}", world.calls());
    assert_eq!(handled.deferred.as_ref().map(|deferral| deferral.wait), Some(Duration::from_secs(60)));
    assert!(said(about(&handled, DEFAULT), "waits 60 s until that is known"));
    // It comes back and waits again; where nothing can bring it back, Lambda does, and then the alarm shows it.
    let mut late = opened_by(PIPELINE, 443);
    late.waited = Some("what was decided".to_owned());
    assert!(run(&world, &late, &rules(R2, unread())).deferred.is_some());
    let without_a_queue = Rules { can_wait: false, ..rules(R2, unread()) };
    let handled = run(&world, &opened_by(PIPELINE, 443), &without_a_queue);
    assert!(handled.deferred.is_none() && handled.retry.is_some());
    assert!(world.calls().is_empty());
    // And then it is known.
    let handled = run(&world, &late, &rules(R2, Orders::default()));
    assert_eq!(about(&handled, DEFAULT).outcome, Outcome::Remediated);
}

#[test]
fn without_the_standing_orders_a_sweep_changes_nothing() {
    let world = World::new(group("web", 22));
    let handled = swept(&world, group("web", 22), &rules("", unread()));
    assert!(world.calls().is_empty(), "{:?}", world.calls());
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!((finding.outcome, finding.mode), (Outcome::Notified, Mode::Notify));
    assert!(said(finding, "a sweep changes nothing meanwhile"), "{:?}", finding.reasons);
}

/// Another thing than a ledger: without a policy it is unknown what is forbidden.
#[test]
fn a_broken_policy_still_enforces_nothing() {
    let world = World::new(group("web", 22));
    let rules = Rules { broken_policy: Some("line 3".to_owned()), ..rules("", Orders::default()) };
    let handled = run(&world, &opened_by(PIPELINE, 22), &rules);
    assert!(world.calls().is_empty());
    assert!(said(about(&handled, ADMIN_PORT), "the policy cannot be used: line 3"));
}
