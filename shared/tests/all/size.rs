//! A change is not too large to be closed: what an event made is closed in calls that the API takes, within the run's time, and
//! what is left comes back.

use crate::world::{Living, Watch, World, not_there, now};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::observed::{Observed, Place};
use shared::engine::pipeline::{Clock, Handled, Rules, RunContext, handle, sweep};
use shared::policy::{Mode, Policy};
use shared::resources::ec2::security_group::SecurityGroups;
use shared::resources::ec2::security_group::state::{GroupRef, SecurityGroup};
use std::time::Duration;

const GROUP: &str = "sg-84891c6f518ffcb49";
const ADMIN_PORT: &str = "security-group-admin-port-open";

/// One call that adds so many ranges of ports, each for IPv4 and IPv6, from port 22 on. Without rule ids in the answer.
fn opened(ranges: i32) -> Event {
    let asked: Vec<Value> = (0..ranges)
        .map(|n| {
            json!({"ipProtocol": "tcp", "fromPort": 22, "toPort": 22 + n, "groups": {}, "prefixListIds": {},
                   "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}, "ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]}})
        })
        .collect();
    Event::from_record(&json!({
        "eventID": "6f3f1d5e-7a3c-4a53-9f0e-1b8b4f6f8a11",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "AuthorizeSecurityGroupIngress",
        "eventTime": "2026-03-02T09:14:07Z",
        "awsRegion": "eu-central-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mallory", "userName": "mallory"},
        "requestParameters": {"groupId": GROUP, "ipPermissions": {"items": asked}},
        "responseElements": {"_return": true},
    }))
    .unwrap()
}

fn group(name: &str, ranges: i32) -> Observed<SecurityGroup> {
    let stand: Vec<Value> = (0..ranges)
        .map(|n| {
            json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22 + n, "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                   "Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
        })
        .collect();
    SecurityGroups::live(&json!({"GroupId": GROUP, "GroupName": name, "IpPermissions": stand}))
}

fn rules(policy: &str) -> Rules {
    let policy = if policy.is_empty() { Policy::default() } else { Policy::parse(policy).unwrap() };
    Rules { policy, fallback: Mode::Enforce, can_wait: true, ..Rules::default() }
}

fn run(world: &World<SecurityGroups>, event: &Event, clock: &Watch, rules: &Rules) -> Handled {
    now(handle(&SecurityGroups, RunContext { world, clock, memory: world, rules }, event))
}

fn about<'a>(handled: &'a Handled, guardrail: &str) -> &'a Finding {
    handled.findings.iter().find(|finding| finding.guardrail.name == guardrail).unwrap()
}

/// The attack was 62 ranges in one call: 124 rules.
#[rstest]
#[case::what_one_call_takes(25, 1)]
#[case::the_attack(62, 3)]
#[case::a_group_at_its_highest_quota(500, 20)]
fn what_an_event_made_is_closed_however_much_it_is(#[case] ranges: i32, #[case] calls: usize) {
    let world = World::new(group("web", ranges));
    let handled = run(&world, &opened(ranges), &Watch::default(), &rules(""));
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Remediated, "{:?}", finding.reasons);
    assert_eq!(world.calls().len(), calls);
    assert!(world.lines().is_empty(), "{:?}", world.lines());
    assert_eq!(finding.steps.len(), calls, "each call is shown with its undo");
    assert!(handled.deferred.is_none() && handled.retry.is_none());
}

/// EC2 revokes nothing of a call that names a rule which is gone: the others go on, and a look plans the rest anew.
#[test]
fn one_rule_that_is_gone_keeps_the_others_of_no_other_call_open() {
    let world = World::new(group("web", 62)).answering([Some(not_there("InvalidPermission.NotFound"))]);
    let handled = run(&world, &opened(62), &Watch::default(), &rules(""));
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated);
    assert_eq!(world.calls().len(), 4, "three, and the first one's rules once more");
    assert!(world.lines().is_empty());
}

#[test]
fn what_a_run_has_no_time_for_comes_back_at_once_and_is_closed_then() {
    let world = World::new(group("web", 62));
    let clock = Watch::default();
    // Time for the read and some of the calls: every look at the clock takes a millisecond.
    let soon: Timestamp = clock.now() + SignedDuration::from_millis(5);
    let handled = run(&world, &opened(62), &clock, &Rules { until: Some(soon), ..rules("") });
    assert_eq!(handled.deferred.as_ref().map(|deferral| deferral.wait), Some(Duration::ZERO));
    let first = world.calls().len();
    assert!(first < 3, "{first} calls");
    let finding = about(&handled, ADMIN_PORT);
    assert_ne!(finding.outcome, Outcome::Remediated, "nothing open is called closed");
    let mut late = opened(62);
    late.waited = Some("the run's time was up".to_owned());
    let handled = run(&world, &late, &Watch::default(), &rules(""));
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated);
    assert!(world.lines().is_empty());
    // Where nothing brings it back, Lambda does.
    let world = World::new(group("web", 62));
    let past: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    let without = Rules { until: Some(past), can_wait: false, ..rules("") };
    let handled = run(&world, &opened(62), &Watch::default(), &without);
    assert!(handled.retry.is_some() && handled.deferred.is_none());
}

#[test]
fn what_no_event_made_is_left_to_people_where_it_is_much() {
    let world = World::new(group("web", 62));
    let place =
        Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: "eu-central-1".to_owned() };
    let rules = rules("");
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let handled = now(sweep(&SecurityGroups, context, &place, GroupRef::Id(GROUP.to_owned()), group("web", 62), None));
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Skipped, "{:?}", finding.reasons);
    assert!(finding.stayed_open());
    assert!(world.calls().is_empty());
}

#[test]
fn many_remediations_of_class_r2_are_left_to_an_operator() {
    let policy = "version: 1\ndefaults: {mode: enforce, max_class: R2}\nguardrails: {security-group-admin-port-open: {mode: notify}, \
                  security-group-near-world-open: {mode: notify}}\n";
    let world = World::new(group("default", 62));
    let handled = run(&world, &opened(62), &Watch::default(), &rules(policy));
    assert_eq!(about(&handled, "security-group-default-has-rules").outcome, Outcome::Skipped);
    assert!(world.calls().is_empty());
}

/// One look, and a second one shortly after where the first still shows it: no other event waits for seconds.
#[test]
fn in_the_middle_of_noise_no_event_waits_for_a_view_that_lags() {
    let still = || Some(Ok(group("web", 1)));
    for (hurries, expected) in [(false, 3), (true, 1)] {
        let world = World::new(group("web", 1)).showing((0..20).map(|_| still()));
        let clock = Watch::default();
        run(&world, &opened(1), &clock, &Rules { hurries, ..rules("") });
        let pauses = clock.pauses.lock().unwrap().clone();
        let first_round = pauses.len() / 2;
        assert_eq!(first_round, expected, "{pauses:?}");
    }
}
