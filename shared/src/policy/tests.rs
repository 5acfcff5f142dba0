use super::*;
use crate::resources::catalogue;
use rstest::rstest;

fn about(name: &str) -> &'static About {
    catalogue().into_iter().find(|entry| entry.about.name == name).unwrap().about
}

#[rstest]
#[case::nothing_said("", Mode::Notify)]
#[case::the_default("defaults: {mode: enforce}", Mode::Enforce)]
#[case::the_guardrail_over_the_default(
    "defaults: {mode: enforce}\nguardrails: {access-key-not-allowed: {mode: notify}}",
    Mode::Notify
)]
#[case::the_account_over_the_guardrail(
    "guardrails: {access-key-not-allowed: {mode: enforce}}\naccounts: {\"111122223333\": {mode: notify}}",
    Mode::Notify
)]
#[case::another_account("accounts: {\"444455556666\": {mode: enforce}}", Mode::Notify)]
#[case::off_stays_off(
    "guardrails: {access-key-not-allowed: {mode: off}}\naccounts: {\"111122223333\": {mode: enforce}}",
    Mode::Off
)]
#[case::unless_the_account_names_it(
    "guardrails: {access-key-not-allowed: {mode: off}}\naccounts: {\"111122223333\": {guardrails: {access-key-not-allowed: {mode: enforce}}}}",
    Mode::Enforce
)]
fn the_most_specific_word_wins(#[case] text: &str, #[case] expected: Mode) {
    let policy = Policy::parse(&format!("version: 1\n{text}\n")).unwrap();
    assert_eq!(policy.mode(about("access-key-not-allowed"), "111122223333", Mode::Notify), expected);
}

#[test]
fn an_account_may_name_any_guardrail_beside_all_others() {
    let all: Vec<String> = Guardrails::names().iter().map(|name| format!("{name}: {{mode: enforce}}")).collect();
    let text = format!("version: 1\naccounts: {{\"111122223333\": {{guardrails: {{{}}}}}}}\n", all.join(", "));
    let policy = Policy::parse(&text).unwrap();
    for name in Guardrails::names() {
        assert_eq!(policy.mode(about(name), "111122223333", Mode::Notify), Mode::Enforce, "{name}");
    }
}

#[rstest]
#[case::by_name("role/admin", None, Protects::ByName)]
#[case::by_its_id("role/other", Some("AROAEXAMPLE000000001"), Protects::ById)]
#[case::another_id("role/other", Some("AROAEXAMPLE000000009"), Protects::No)]
#[case::name_and_id("role/pinned", Some("AROAEXAMPLE000000002"), Protects::ById)]
#[case::the_name_of_a_pinned_one("role/pinned", Some("AROAEXAMPLE000000009"), Protects::NotThisId)]
#[case::the_name_before_it_was_read("role/pinned", None, Protects::ByName)]
#[case::neither("role/web", Some("AROAEXAMPLE000000009"), Protects::No)]
fn a_protected_principal_may_be_pinned(#[case] principal: &str, #[case] id: Option<&str>, #[case] expected: Protects) {
    let list = "[role/admin, AROAEXAMPLE000000001, role/pinned#AROAEXAMPLE000000002]";
    let policy = Policy::parse(&format!("version: 1\nprotected_principals: {list}\n")).unwrap();
    assert_eq!(policy.protects(principal, id), expected);
}

#[test]
fn remediations_of_class_r2_need_their_own_class() {
    let disruptive = about("security-group-default-has-rules");
    assert!(!Policy::default().allows(disruptive));
    let policy =
        Policy::parse("version: 1\nguardrails: {security-group-default-has-rules: {max_class: R2}}\n").unwrap();
    assert!(policy.allows(disruptive));
}
