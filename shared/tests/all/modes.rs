//! What policy decides before a call is made: classes, exemptions, stacks, `notify` and `off`.

use crate::pipeline::{
    ADMIN_PORT, ALL_TRAFFIC, DEFAULT, REVOKE_SSH, about, group, opened, permission, run, said, ssh, ssh_opened,
};
use crate::world::World;
use shared::engine::finding::Outcome;
use shared::policy::Mode;

#[test]
fn class_r2_takes_its_own_opt_in() {
    let rules = [permission("tcp", 443, 443, "10.0.0.0/8")];
    let event = opened(&[("tcp", 443, 443, "10.0.0.0/8")], true);
    let world = World::new(group("default", &rules));
    let (handled, _) = run(&world, &event, "");
    assert_eq!(about(&handled, DEFAULT).outcome, Outcome::Notified);
    assert!(said(about(&handled, DEFAULT), "class R2"));
    assert!(world.calls().is_empty());
    let (handled, _) = run(&world, &event, "{version: 1, defaults: {max_class: R2}}");
    assert_eq!(about(&handled, DEFAULT).outcome, Outcome::Remediated);
    assert!(world.lines().is_empty());
}

#[test]
fn what_only_a_read_shows_is_acted_on_in_a_second_round() {
    // SSH goes by the record's own word; that the group is a default one shows on looking again.
    let world = World::new(group("default", &[ssh(), permission("tcp", 443, 443, "10.0.0.0/8")]));
    let event = opened(&[("tcp", 22, 22, "0.0.0.0/0"), ("tcp", 443, 443, "10.0.0.0/8")], true);
    let (handled, _) = run(&world, &event, "{version: 1, defaults: {max_class: R2}}");
    assert_eq!(world.calls()[0], REVOKE_SSH);
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated);
    assert_eq!(about(&handled, DEFAULT).outcome, Outcome::Remediated);
    assert!(world.lines().is_empty());
}

#[test]
fn an_exemption_covers_its_guardrail_alone() {
    let policy = format!(
        "{{version: 1, exemptions: [{{guardrail: {ALL_TRAFFIC}, resource: '*', reason: lab, owner: a@example.com, \
         expires: 2026-12-31}}]}}"
    );
    let world = World::new(group("web", &[permission("-1", -1, -1, "0.0.0.0/0")]));
    let (handled, _) = run(&world, &opened(&[("-1", -1, -1, "0.0.0.0/0")], true), &policy);
    assert_eq!(about(&handled, ALL_TRAFFIC).outcome, Outcome::Exempt);
    assert!(!about(&handled, ALL_TRAFFIC).is_notifiable());
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated);
}

#[test]
fn an_exemption_for_a_principal_holds_for_that_principal() {
    let policy = |actor: &str| {
        format!(
            "{{version: 1, exemptions: [{{guardrail: {ADMIN_PORT}, resource: '*', actor: '{actor}', reason: lab, \
             owner: a@example.com, expires: 2026-12-31}}]}}"
        )
    };
    let world = World::new(group("web", &[ssh()]));
    let (handled, _) = run(&world, &ssh_opened(true), &policy("arn:aws:iam::111122223333:user/b*"));
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Exempt);
    let (handled, _) = run(&world, &ssh_opened(true), &policy("arn:aws:iam::111122223333:user/c*"));
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated);
}

#[test]
fn a_stack_is_notified_and_not_fought_where_policy_says_so() {
    let mut event = ssh_opened(true);
    event.actor.invoked_by = Some("cloudformation.amazonaws.com".to_owned());
    let world = World::new(group("web", &[ssh()]));
    let (handled, _) = run(&world, &event, "{version: 1, defaults: {mode: enforce, cloudformation: notify}}");
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!((finding.outcome, finding.mode), (Outcome::Notified, Mode::Notify));
    assert!(world.calls().is_empty());
    let (handled, _) = run(&world, &event, "{version: 1, defaults: {mode: enforce}}");
    assert_eq!(about(&handled, ADMIN_PORT).outcome, Outcome::Remediated, "like any other change without that setting");
}

#[test]
fn notify_shows_the_plan_and_calls_nothing() {
    let world = World::new(group("web", &[ssh()]));
    let (handled, _) = run(&world, &ssh_opened(true), "{version: 1, defaults: {mode: notify}}");
    let finding = about(&handled, ADMIN_PORT);
    assert_eq!(finding.outcome, Outcome::Notified);
    assert_eq!(finding.steps[0].action, REVOKE_SSH);
    assert_eq!(finding.steps[0].answer, None);
    assert!(world.calls().is_empty());
    assert_eq!(world.lines(), ["ingress tcp 22 from 0.0.0.0/0"]);
}

#[test]
fn off_does_not_even_look() {
    let world = World::new(group("web", &[ssh()]));
    let (handled, _) = run(&world, &ssh_opened(true), "{version: 1, defaults: {mode: off}}");
    assert!(handled.findings.is_empty());
    assert!(world.log().is_empty());
}
