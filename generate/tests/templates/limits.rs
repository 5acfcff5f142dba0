//! The generator refuses what would come close to AWS's limits.

use super::text;
use generate::{Limits, check};
use shared::resources::FUNCTIONS;

fn refused(template: &str, limits: &Limits) -> String {
    check("template.yaml", template, limits).unwrap_err().to_string()
}

#[test]
fn the_templates_pass_and_a_function_costs_nine_resources() {
    for file in ["template.yaml", "template-spoke.yaml"] {
        check(file, text(file), &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
    }
    // With the EventInvokeConfig that SAM adds. What judges sign-ins has two rules, and no sweep.
    let of = |stem: &str| text("template.yaml").lines().filter(|line| is_resource_of(line, stem)).count() + 1;
    assert_eq!(of("Network"), 9);
    assert_eq!(of("SignIn"), 8);
}

fn is_resource_of(line: &str, stem: &str) -> bool {
    let kinds = ["Function", "Role", "Logs", "SweepSchedule", "Rule", "Permission", "MembersRule", "MembersPermission"];
    kinds.iter().any(|kind| line == format!("  {stem}{kind}:"))
}

#[test]
fn too_many_resources_and_too_many_bytes_are_refused() {
    let template = text("template.yaml");
    let said = refused(template, &Limits { resources: 50, ..Limits::default() });
    assert!(said.contains("the number of resources") && said.contains("AWS allows 500"), "{said}");
    let said = refused(template, &Limits { bytes: 10_000, ..Limits::default() });
    assert!(said.contains("its bytes"), "{said}");
    let many: String = (0..451).map(|at| format!("  T{at}: {{ Type: AWS::SNS::Topic }}\n")).collect();
    assert!(refused(&format!("Resources:\n{many}"), &Limits::default()).contains("451"));
}

#[test]
fn a_role_a_policy_and_a_pattern_that_hold_too_much_are_refused() {
    let actions: String = (0..400).map(|at| format!("\"iam:DescribeSomething{at}\", ")).collect();
    let document = format!(
        "{{ Version: \"2012-10-17\", Statement: [{{ Effect: Allow, Action: [{}], Resource: \"*\" }}] }}",
        actions.trim_end_matches(", ")
    );
    let role = |policies: &str| format!("Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n{policies}");
    let inline = role(&format!("      Policies: [{{ PolicyName: p, PolicyDocument: {document} }}]\n"));
    assert!(refused(&inline, &Limits::default()).contains("the inline policies of R"));
    // What only a hub has counts as well.
    let hub = role(&format!(
        "      Policies: [!If [IsHub, {{ PolicyName: p, PolicyDocument: {document} }}, !Ref AWS::NoValue]]\n"
    ));
    assert!(refused(&hub, &Limits::default()).contains("the inline policies of R"));
    let managed = format!(
        "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: {document}\n"
    );
    assert!(refused(&managed, &Limits::default()).contains("the policy P"));
    let names: String = (0..90).map(|at| format!("DescribeSomethingElse{at}, ")).collect();
    let rule = format!(
        "Resources:\n  W:\n    Type: AWS::Events::Rule\n    Properties:\n      EventPattern: {{ detail: {{ eventName: [{}] }} }}\n",
        names.trim_end_matches(", ")
    );
    assert!(refused(&rule, &Limits::default()).contains("the pattern of W"));
    let attached = role("      ManagedPolicyArns: [a, b, c, d, e, f, g, h, i, j]\n");
    assert!(refused(&attached, &Limits::default()).contains("the policies of R"));
}

/// What docs/operating.md says of an idle stack, by list prices in cents: a key a month, and each metric that an alarm looks at.
#[test]
fn an_idle_stack_costs_what_the_documentation_says() {
    let template = text("template.yaml");
    let count = |line: &str| template.lines().filter(|one| one.trim() == line).count();
    let throttles = count("MetricName: Throttles");
    let alarms = count("Type: AWS::CloudWatch::Alarm");
    let of_several = template.lines().filter(|line| line.starts_with("  ThrottlesAlarm")).count();
    let beside = alarms - of_several;
    let cents = |functions: usize| count("Type: AWS::KMS::Key") * 100 + (beside + functions) * 10;
    assert_eq!(throttles, FUNCTIONS.len());
    assert_eq!(cents(9), 330);
    assert!(cents(25) + 3 < 500, "{}", cents(25));
}
