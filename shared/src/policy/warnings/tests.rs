//! One policy each, and what is said of it.

use crate::policy::Policy;
use jiff::Timestamp;
use rstest::rstest;

fn now() -> Timestamp {
    "2026-11-27T12:00:00Z".parse().unwrap()
}

fn warnings(rest: &str) -> Vec<String> {
    let text = format!("version: 1\n{rest}\n");
    let policy = Policy::parse(&text).unwrap();
    policy.warnings(&text, now()).iter().map(ToString::to_string).collect()
}

const SSH: &str = "security-group-admin-port-open";

fn cidrs(list: &str) -> String {
    format!("guardrails: {{{SSH}: {{settings: {{allowed_cidrs: [{list}]}}}}}}")
}

#[rstest]
#[case::arn(
    r#"protected_principals: ["arn:aws:iam::111122223333:role/admin"]"#,
    "protected_principals[0]",
    "is an ARN and matches nothing: `user/NAME`"
)]
#[case::a_name_alone(
    r#"protected_principals: [role/good, admin]"#,
    "protected_principals[1]",
    "`admin` matches nothing"
)]
#[case::with_a_path(r#"protected_principals: [role/aws/admin]"#, "protected_principals[0]", "without a path")]
#[case::all(r#"protected_principals: ["*"]"#, "protected_principals[0]", "protects every principal")]
#[case::all_roles(r#"protected_principals: ["role/**"]"#, "protected_principals[0]", "protects every principal")]
#[case::all_keys(
    r#"guardrails: {access-key-not-allowed: {settings: {allowed_users: ["*"]}}}"#,
    "guardrails.access-key-not-allowed.settings.allowed_users[0]",
    "allows every user"
)]
#[case::key_by_arn(
    r#"guardrails: {access-key-not-allowed: {settings: {allowed_users: ["arn:aws:iam::111122223333:user/ci"]}}}"#,
    "allowed_users[0]",
    "is an ARN"
)]
#[case::setter_by_name(
    r#"guardrails: {console-password-set-by-another: {settings: {allowed_setters: [helpdesk]}}}"#,
    "allowed_setters[0]",
    "the ARN of a user or a role"
)]
#[case::every_policy(
    r#"guardrails: {attached-policy-grants-admin: {settings: {allowed_policies: ["*"]}}}"#,
    "allowed_policies[0]",
    "allows every policy"
)]
#[case::a_policy_by_name(
    r#"guardrails: {attached-policy-grants-admin: {settings: {allowed_policies: [AdministratorAccess]}}}"#,
    "allowed_policies[0]",
    "matches nothing"
)]
#[case::an_issuer_with_its_scheme(r#"guardrails: {identity-provider-not-allowed: {settings: {allowed_providers: ["https://token.actions.githubusercontent.com"]}}}"#, "allowed_providers[0]", "without `https://`")]
#[case::a_call_without_its_service(
    r#"guardrails: {root-api-call: {settings: {allowed_calls: [DeleteBucketPolicy]}}}"#,
    "allowed_calls[0]",
    "s3:DeleteBucketPolicy"
)]
#[case::a_database_by_arn(r#"guardrails: {db-instance-deletion-protection-off: {settings: {only: ["arn:aws:rds:eu-west-1:111122223333:db:one"]}}}"#, "only[0]", "the name of a resource, not its ARN")]
#[case::an_organization_by_pattern(
    r#"trusted_organizations: ["o-*"]"#,
    "trusted_organizations[0]",
    "is not the id of an organization"
)]
fn a_list_holds_what_it_is_for(#[case] policy: &str, #[case] entry: &str, #[case] says: &str) {
    let found = warnings(policy);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(entry) && found[0].contains(says), "{}", found[0]);
}

#[rstest]
#[case::the_world(r#""10.0.0.0/8", "0.0.0.0/0""#, "allowed_cidrs[1]", "`0.0.0.0/0` allows the whole IPv4 internet")]
#[case::the_other_world(r#""::/0""#, "allowed_cidrs[0]", "`::/0` allows the whole IPv6 internet")]
#[case::what_is_routed_of_it(r#""2000::/3""#, "allowed_cidrs[0]", "the whole IPv6 internet")]
#[case::two_halves(
    r#""0.0.0.0/1", "128.0.0.0/1""#,
    "allowed_cidrs`",
    "`0.0.0.0/1`, `128.0.0.0/1` together allow the whole IPv4 internet"
)]
#[case::half(r#""128.0.0.0/1""#, "allowed_cidrs[0]", "more than a quarter of the IPv4 internet")]
fn networks_of_the_internet_are_named(#[case] list: &str, #[case] entry: &str, #[case] says: &str) {
    let found = warnings(&cidrs(list));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(entry) && found[0].contains(says), "{}", found[0]);
}

fn exempt(parts: &str) -> Vec<String> {
    warnings(&format!("exemptions:\n  - {{{parts}, reason: r, owner: o}}"))
}

const GROUP: &str = r#"resource: "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1""#;

#[rstest]
#[case::an_id_alone(
    r#"resource: sg-0123456789abcdef0, expires: 2027-01-01"#,
    "exemptions[0].resource",
    "is no id of a resource of `security-group-admin-port-open`"
)]
#[case::of_another_kind(
    r#"resource: "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", expires: 2027-01-01"#,
    "exemptions[0].resource",
    "`arn:*:ec2:*:*:security-group/*`"
)]
#[case::of_another_account(&format!(r#"{GROUP}, account: "444455556666", expires: 2027-01-01"#), "exemptions[0].resource", "is not of account 444455556666")]
#[case::all(
    r#"resource: "*", expires: 2027-01-01"#,
    "exemptions[0].resource",
    "exempts every resource of every account"
)]
#[case::all_of_an_account(
    r#"resource: "*", account: "111122223333", expires: 2027-01-01"#,
    "exemptions[0].resource",
    "every resource of account 111122223333"
)]
#[case::actor_by_name(&format!("{GROUP}, actor: ben, expires: 2027-01-01"), "exemptions[0].actor", "matches no principal")]
#[case::actor_by_session(&format!(r#"{GROUP}, actor: "arn:aws:sts::111122223333:assumed-role/ci/run-1", expires: 2027-01-01"#), "exemptions[0].actor", "name the role")]
#[case::actor_is_everybody(&format!(r#"{GROUP}, actor: "*", expires: 2027-01-01"#), "exemptions[0].actor", "leave `actor` out")]
#[case::too_long(&format!("{GROUP}, expires: 2027-11-30"), "exemptions[0].expires", "more than 366 days away")]
#[case::ended(&format!("{GROUP}, expires: 2026-11-26"), "exemptions[0].expires", "expired on 2026-11-26")]
fn an_exemption_that_is_not_what_it_seems(#[case] parts: &str, #[case] entry: &str, #[case] says: &str) {
    let found = exempt(&format!("guardrail: {SSH}, {parts}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(entry) && found[0].contains(says), "{}", found[0]);
}

#[rstest]
#[case::whole("resource: \"arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1\"")]
#[case::with_its_account("resource: \"arn:aws:ec2:*:111122223333:security-group/*\", account: \"111122223333\"")]
#[case::a_pattern("resource: \"*/sg-1\"")]
#[case::all_that_the_pipeline_does("resource: \"*\", actor: \"arn:aws:iam::111122223333:role/pipeline\"")]
#[case::any_session_of_a_role("resource: \"*\", actor: \"arn:aws:sts::111122223333:assumed-role/pipeline/*\"")]
#[case::a_logical_id("resource: Web")]
#[case::a_terraform_address("resource: \"module.web.aws_security_group.this[0]\"")]
fn a_good_exemption_is_not_warned_of(#[case] parts: &str) {
    assert_eq!(exempt(&format!("guardrail: {SSH}, {parts}, expires: 2027-01-01")), [""; 0]);
}

#[test]
fn one_that_stands_twice() {
    let one = format!("{{guardrail: {SSH}, {GROUP}, reason: r, owner: o, expires: 2027-01-01}}");
    let found = warnings(&format!("exemptions: [{one}, {one}]"));
    assert!(
        matches!(found.as_slice(), [one] if one.contains("exemptions[1]") && one.contains("exemptions[0]")),
        "{found:?}"
    );
}

#[rstest]
#[case::settings("guardrails: {access-key-not-allowed: {mode: off, settings: {allow_own: true}}}", &["access-key-not-allowed.settings` the guardrail is `off`"])]
#[case::by_default("defaults: {mode: off}\nguardrails: {access-key-not-allowed: {severity: low}}", &["access-key-not-allowed.severity` `defaults.mode`"])]
#[case::an_account_wakes_it("accounts: {\"111122223333\": {guardrails: {access-key-not-allowed: {mode: notify}}}}\nguardrails: {access-key-not-allowed: {mode: off, severity: low}}", &[])]
#[case::an_account_does_not_wake_what_is_off_by_name("accounts: {\"111122223333\": {mode: notify}}\nguardrails: {access-key-not-allowed: {mode: off, severity: low}}", &["severity` is `off`"])]
#[case::the_default_settings("guardrails: {access-key-not-allowed: {mode: off, settings: {allow_own: false}}}", &[])]
#[case::nothing_to_wait_for("guardrails: {snapshot-public: {grace_seconds: 60}}", &["snapshot-public.grace_seconds` is R1"])]
#[case::nothing_to_enforce("guardrails: {root-api-call: {mode: enforce}}", &["root-api-call.mode` class is R0"])]
#[case::not_by_itself("guardrails: {security-group-default-has-rules: {mode: enforce}}", &["mode` only with `max_class: R2`"])]
#[case::by_itself("guardrails: {security-group-default-has-rules: {mode: enforce, max_class: R2}}", &[])]
#[case::by_itself_by_default("defaults: {max_class: R2}\nguardrails: {security-group-default-has-rules: {mode: enforce}}", &[])]
fn words_that_change_nothing(#[case] policy: &str, #[case] expected: &[&str]) {
    let found = warnings(policy);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        let (entry, says) = expected.split_once("` ").unwrap();
        assert!(found.contains(entry) && found.contains(says), "{found} lacks {expected}");
    }
}

#[test]
fn they_have_their_place_and_the_file_s_order() {
    let text = "version: 1\nexemptions:\n  - guardrail: snapshot-public\n    resource: \"*\"\n    reason: r\n    owner: o\n    expires: 2020-01-01\n\
                guardrails:\n  access-key-not-allowed: { settings: { allowed_users: [ci, \"*\"] } }\nprotected_principals:\n  - root\n";
    let found: Vec<String> =
        Policy::parse(text).unwrap().warnings(text, now()).iter().map(|one| one.place.to_string()).collect();
    assert_eq!(found, ["line 4, column 5", "line 7, column 5", "line 9, column 61", "line 11, column 5"]);
}

#[test]
fn an_alias_is_warned_of_where_it_is_written() {
    let text = "version: 1\nguardrails:\n  console-user-without-mfa: { settings: &all { protected_users: [\"*\"] } }\n  quarantined-user-has-active-keys: { settings: *all }\n";
    let found = Policy::parse(text).unwrap().warnings(text, now());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[1].place.to_string().starts_with("line 4"), "{found:?}");
}
