use super::*;
use crate::engine::guardrail::Class;
use crate::policy::{PolicyError, Warning};
use jiff::Timestamp;
use rstest::rstest;

/// A policy with one guardrail; `more` are lines of it, and `rest` of the file.
fn file(more: &str, rest: &str) -> String {
    format!(
        "version: 1\ncustom:\n  - name: custom-region-not-used\n    title: a region is used that is not ours\n    severity: high\n    event_source: \
         ec2.amazonaws.com\n    event_names: [RunInstances]\n    when: region != \"eu-central-1\"\n    message: \"used {{region}}\"\n{more}{rest}"
    )
}

fn refused(text: &str) -> String {
    let problems: Vec<PolicyError> = Policy::problems(text);
    assert!(Policy::parse(text).is_err());
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

const RUNBOOK: &str = "    runbook: { document: AWS-StopEC2Instance, version: 1, parameters: { InstanceId: { kind: instance-id, value: request.id } } }\n";

#[test]
fn a_declared_guardrail_says_what_every_guardrail_says() {
    let policy = Policy::parse(&file("    controls: [ISO-1]\n    mode: enforce\n", "")).unwrap();
    let about = policy.custom("custom-region-not-used").unwrap().about;
    assert_eq!((about.name, about.class, about.severity), ("custom-region-not-used", Class::R0, Severity::High));
    assert_eq!((about.triggers, about.controls), (&["RunInstances"][..], &["ISO-1"][..]));
    assert_eq!(policy.mode(about, "111122223333", Mode::Notify), Mode::Enforce);
    assert!(about.remediation.starts_with("Notifies"), "{}", about.remediation);
}

#[test]
fn the_same_declaration_is_kept_once() {
    let read = || Policy::parse(&file("", "")).unwrap().custom[0].about;
    assert!(std::ptr::eq(read(), read()));
    let other = Policy::parse(&file("", "").replace("severity: high", "severity: low")).unwrap().custom[0].about;
    assert!(!std::ptr::eq(read(), other) && other.severity == Severity::Low);
}

#[test]
fn a_runbook_is_of_class_r2_and_needs_its_opt_in() {
    let text = file(RUNBOOK, "runbook_owners: [amazon]\n");
    let policy = Policy::parse(&text).unwrap();
    let about = policy.custom[0].about;
    assert!(about.class == Class::R2 && !policy.allows(about));
    let policy = Policy::parse(&file(&format!("    max_class: R2\n{RUNBOOK}"), "runbook_owners: [amazon]\n")).unwrap();
    assert!(policy.allows(policy.custom[0].about));
}

#[test]
fn accounts_and_exemptions_call_it_by_its_name() {
    let rest = "accounts:\n  \"111122223333\": { guardrails: { custom-region-not-used: { mode: off } } }\nexemptions:\n  - { guardrail: \
                custom-region-not-used, resource: \"*\", reason: r, owner: o, expires: 2027-01-01 }\n";
    let policy = Policy::parse(&file("", rest)).unwrap();
    assert_eq!(policy.mode(policy.custom[0].about, "111122223333", Mode::Enforce), Mode::Off);
    assert_eq!(policy.mode(policy.custom[0].about, "444455556666", Mode::Enforce), Mode::Enforce);
    assert_eq!(policy.exemptions[0].guardrail.as_str(), "custom-region-not-used");
}

/// The place, and words of the problem.
#[rstest]
#[case::a_name_of_parapet_s_own(("name: custom-region-not-used", "name: snapshot-public"), "line 3, column 11", "`custom-` and then")]
#[case::a_name_of_another_form(("custom-region-not-used", "custom-Region"), "line 3, column 11", "`custom-Region` is not the name of a guardrail of your own")]
#[case::an_unknown_key(("    title:", "    titel:"), "line 3, column 5: missing field `title`", "line 4, column 5: unknown field `titel`")]
#[case::a_service_of_another_form(("ec2.amazonaws.com", "ec2"), "line 6, column 19", "`ec2` is not a service")]
#[case::a_call_of_another_form(("[RunInstances]", "[Run*]"), "line 7, column 19", "`Run*` is not a call")]
#[case::no_calls(("[RunInstances]", "[]"), "line 7, column 5", "the list is empty")]
#[case::no_expression(("when: region != \"eu-central-1\"", "when: \"\""), "line 8, column 11", "is not an expression in CEL")]
#[case::another_severity(("severity: high", "severity: urgent"), "line 5, column 15", "`urgent`")]
fn a_bad_form_is_refused_with_its_place(#[case] change: (&str, &str), #[case] place: &str, #[case] words: &str) {
    let text = file("", "");
    assert!(text.contains(change.0), "{text}");
    let error = refused(&text.replace(change.0, change.1));
    assert!(error.starts_with(place) && error.contains(words), "{error}");
}

#[rstest]
#[case::the_default_version("AWS-StopEC2Instance, version: $DEFAULT", "`$DEFAULT` is not the number of a version")]
#[case::the_latest("AWS-StopEC2Instance, version: \"$LATEST\"", "`$LATEST` is not the number of a version")]
#[case::no_version("AWS-StopEC2Instance", "missing field `version`")]
#[case::no_document("\"; rm -rf /\", version: 1", "is not an Automation document")]
#[case::an_owner_that_is_not_listed(
    "orders-stop, version: 1",
    "its owner is `self`, which `runbook_owners` does not list"
)]
#[case::another_account(
    "\"arn:aws:ssm:eu-central-1:444455556666:document/orders-stop\", version: 1",
    "its owner is `444455556666`"
)]
#[case::free_text(
    "AWS-StopEC2Instance, version: 1, parameters: { Note: { kind: text, value: request.note } }",
    "`text`"
)]
#[case::the_role(
    "AWS-StopEC2Instance, version: 1, parameters: { AutomationAssumeRole: { kind: instance-id, value: request.id } }",
    "the role of all runbooks is the stack's parameter"
)]
#[case::a_value_without_its_kind(
    "AWS-StopEC2Instance, version: 1, parameters: { InstanceId: { value: request.id } }",
    "missing field `kind`"
)]
fn a_bad_runbook_is_refused(#[case] runbook: &str, #[case] words: &str) {
    let text = file(&format!("    runbook: {{ document: {runbook} }}\n"), "runbook_owners: [amazon]\n");
    let error = refused(&text);
    assert!(error.starts_with("line 10") && error.contains(words), "{error}");
}

#[test]
fn a_runbook_of_a_listed_owner_is_taken() {
    for (document, owner) in [
        ("orders-stop", "self"),
        ("aws-anything", "amazon"),
        ("\"arn:aws:ssm:eu-central-1:444455556666:document/orders-stop\"", "\"444455556666\""),
    ] {
        let runbook = format!("    runbook: {{ document: {document}, version: 12 }}\n");
        let policy = Policy::parse(&file(&runbook, &format!("runbook_owners: [{owner}]\n"))).unwrap();
        assert_eq!(policy.custom[0].declared.runbook.as_ref().unwrap().version.to_string(), "12");
    }
}

#[test]
fn what_no_entry_shows_alone_is_refused_too() {
    let twice = file("", "") + file("", "").split("custom:\n").nth(1).unwrap();
    assert!(
        refused(&twice)
            .starts_with("line 10, column 5: `custom-region-not-used`: a guardrail of this name is declared above")
    );
    let exemption = "exemptions:\n  - guardrail: custom-regions\n    resource: a\n    reason: r\n    owner: o\n    expires: 2027-01-01\n";
    assert_eq!(
        refused(&file("", exemption)),
        "line 11, column 5: `custom-regions`: `custom` declares no guardrail of this name"
    );
    let account = "accounts:\n  \"111122223333\":\n    guardrails:\n      custom-regions: { mode: off }\n";
    assert_eq!(
        refused(&file("", account)),
        "line 13, column 7: `custom-regions`: `custom` declares no guardrail of this name"
    );
    let one =
        |at: usize| file("", "").split("custom:\n").nth(1).unwrap().replace("not-used", &format!("not-used-{at}"));
    let many: String = (0..=MOST_GUARDRAILS).map(one).collect();
    assert!(refused(&format!("version: 1\ncustom:\n{many}")).contains("at most 50"));
}

#[test]
fn modes_without_effect_are_said_at_the_guardrail() {
    let warnings = |more: &str| -> Vec<Warning> {
        let text = file(more, "runbook_owners: [amazon]\n");
        Policy::parse(&text).unwrap().warnings(&text, Timestamp::UNIX_EPOCH)
    };
    assert_eq!(warnings(""), []);
    let enforced = warnings("    mode: enforce\n");
    assert_eq!((enforced[0].entry.as_str(), enforced.len()), ("custom[0].mode", 1));
    assert!(warnings(&format!("    mode: enforce\n{RUNBOOK}"))[0].says.contains("`max_class: R2`"));
}
