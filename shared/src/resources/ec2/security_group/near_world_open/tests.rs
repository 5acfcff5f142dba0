use super::*;
use crate::engine::observed::{Observed, Place};
use crate::engine::verdict::VerdictKind;
use crate::net::parse_cidr;
use crate::policy::Policy;
use crate::resources::ec2::security_group::state::Source;
use rstest::rstest;
use std::collections::BTreeMap;

fn rule(cidr: &str, in_question: bool) -> Rule {
    Rule {
        id: None,
        direction: Direction::Ingress,
        traffic: Traffic::Ports { transport: Transport::Tcp, from: 22, to: 22 },
        source: Source::Cidr(parse_cidr(cidr).unwrap()),
        description: None,
        tags: BTreeMap::new(),
        in_question,
    }
}

fn judge(group: &SecurityGroup) -> Verdict {
    let place = Place { partition: String::new(), account: String::new(), region: String::new() };
    SecurityGroupNearWorld
        .judge(group, &Terms { policy: &Policy::default(), place: &place, own: crate::engine::own::Own::default() })
}

/// `+` marks a rule that the event made.
fn group(rules: &[&str], is_whole: bool) -> SecurityGroup {
    let rules = rules.iter().map(|text| rule(text.trim_start_matches('+'), text.starts_with('+'))).collect();
    SecurityGroup { id: "sg-1".to_owned(), name: Observed::Known("web".to_owned()), rules, is_whole, stack: None }
}

fn offenders(verdict: &Verdict) -> Vec<String> {
    let Verdict::Violation(violation) = verdict else { return Vec::new() };
    violation.evidence.iter().map(|e| e.element.replace("ingress tcp 22 from ", "")).collect()
}

#[rstest]
#[case::one_half_is_too_much(&["+0.0.0.0/1"], &["0.0.0.0/1"])]
#[case::the_second_half_is_the_events(&["0.0.0.0/1", "+128.0.0.0/1"], &["128.0.0.0/1"])]
#[case::both_halves_at_once(&["+0.0.0.0/1", "+128.0.0.0/1"], &["0.0.0.0/1", "128.0.0.0/1"])]
#[case::the_second_eighth_tips_it(&["8.0.0.0/8", "+9.0.0.0/8"], &["9.0.0.0/8"])]
#[case::the_widest_alone_suffices(&["+8.0.0.0/8", "+9.0.0.0/24", "+11.0.0.0/24"], &["8.0.0.0/8"])]
#[case::the_narrow_one_beside_a_wide_one_stays(&["+0.0.0.0/1", "+198.18.0.0/15", "+8.8.8.8/32"], &["0.0.0.0/1"])]
#[case::an_eighth_is_allowed(&["+8.0.0.0/8"], &[])]
#[case::private_networks_do_not_add_up(&["+10.0.0.0/8", "+172.16.0.0/12"], &[])]
#[case::older_rules_alone_are_not_the_events(&["0.0.0.0/1", "128.0.0.0/1", "+10.0.0.0/8"], &[])]
#[case::the_whole_internet_is_another_guardrails(&["+0.0.0.0/0"], &[])]
#[case::ipv6_half(&["+2000::/4"], &["2000::/4"])]
#[case::families_do_not_add_up(&["+8.0.0.0/8", "+2600::/32"], &[])]
fn the_fewest_rules_of_the_event_are_named(#[case] rules: &[&str], #[case] expected: &[&str]) {
    let verdict = judge(&group(rules, true));
    let mut found = offenders(&verdict);
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn part_of_a_group_cannot_prove_compliance() {
    let verdict = judge(&group(&["+8.0.0.0/8"], false));
    assert_eq!(verdict.kind(), VerdictKind::Undetermined);
}

#[test]
fn part_of_a_group_without_public_networks_does() {
    let verdict = judge(&group(&["+10.0.0.0/8"], false));
    assert_eq!(verdict, Verdict::Compliant);
}

#[test]
fn the_whole_internet_in_pieces_weighs_more_than_half_of_it() {
    let severity = |rules: &[&str]| match judge(&group(rules, true)) {
        Verdict::Violation(violation) => Some(violation.severity),
        Verdict::Compliant | Verdict::Undetermined { .. } => None,
    };
    assert_eq!(severity(&["+0.0.0.0/1"]), Some(Severity::Medium));
    assert_eq!(severity(&["+0.0.0.0/1", "+128.0.0.0/1"]), Some(Severity::High));
}
