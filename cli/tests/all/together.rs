//! `parapet check`: what resources of one file say of each other, and what a template leaves open.

use crate::support::{folder, parapet, run, write};
use serde_json::{Value, json};
use std::path::Path;

/// `(resource, guardrail, result)` of each finding.
fn answers(file: &Path) -> Vec<(String, String, String)> {
    let (_, said) = run(&["check", "--format", "json", file.to_str().unwrap()]);
    let answer: Value = serde_json::from_str(&said).unwrap();
    let word = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let of = |one: &Value| (word(one, "resource"), word(one, "guardrail"), word(one, "result"));
    answer["findings"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn what_a_principal_holds_is_seen_together_in_a_plan() {
    let document =
        |action: &str| json!({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string();
    let change = |address: &str, after: Value, unknown: Value| {
        json!({"address": address, "mode": "managed", "type": address.split_once('.').unwrap().0,
            "change": {"actions": ["create"], "after": after, "after_unknown": unknown}})
    };
    let refers = |to: &str| json!({"references": [to, to.rsplit_once('.').unwrap().0]});
    let plan = |with: &str| {
        let written = json!([
            {"address": "aws_iam_role_policy_attachment.pass", "expressions": {"role": refers("aws_iam_role.app.name"),
                "policy_arn": refers("aws_iam_policy.pass.arn")}},
            {"address": "aws_iam_role_policy.run", "expressions": {"role": refers("aws_iam_role.app.id"), "policy": {}}},
            {"address": "aws_iam_policy.pass", "expressions": {"policy": {}}},
            {"address": "aws_iam_role.app", "expressions": {"assume_role_policy": {}}},
        ]);
        let trust =
            json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}});
        json!({"format_version": "1.2", "configuration": {"root_module": {"resources": written}}, "resource_changes": [
            change("aws_iam_policy.pass", json!({"name": "pass", "policy": document("iam:PassRole")}), json!({"arn": true})),
            change("aws_iam_role.app", json!({"name": "app", "assume_role_policy": trust.to_string()}),
                json!({"inline_policy": true, "managed_policy_arns": true})),
            change("aws_iam_role_policy.run", json!({"name": "run", "policy": document(with)}), json!({"role": true})),
            change("aws_iam_role_policy_attachment.pass", json!({"role": "app"}), json!({"policy_arn": true})),
        ]}).to_string()
    };
    let at = folder("gate-together-plan");
    let escalates = answers(&write(&at, "escalates.json", plan("ec2:RunInstances")));
    let of = |resource: &str, guardrail: &str| {
        let found = escalates.iter().find(|(name, of, _)| name == resource && of == guardrail);
        found.map(|(_, _, result)| result.as_str())
    };
    assert_eq!(of("aws_iam_role_policy.run", "inline-policy-grants-escalation"), Some("violation"), "{escalates:?}");
    assert_eq!(of("aws_iam_role_policy_attachment.pass", "attached-policy-grants-escalation"), Some("violation"));
    // Neither is a way by itself, and nothing is left open: the file has all of it.
    let harmless = answers(&write(&at, "harmless.json", plan("s3:ListBucket")));
    assert!(
        !harmless.iter().any(|(_, of, _)| of.starts_with("inline-") || of.starts_with("attached-")),
        "{harmless:?}"
    );
}

#[test]
fn what_a_principal_holds_is_seen_together_in_a_template() {
    let template = |action: &str| {
        format!(
            "Resources:
  Pass:
    Type: AWS::IAM::ManagedPolicy
    Properties: {{ PolicyDocument: {{ Statement: [{{ Effect: Allow, Action: 'iam:PassRole', Resource: '*' }}] }} }}
  App:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!Ref Pass]
      AssumeRolePolicyDocument: {{ Statement: [{{ Effect: Allow, Action: 'sts:AssumeRole', Principal: {{ AWS: !Ref AWS::AccountId }} }}] }}
  Run:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: run
      Roles: [!Ref App]
      PolicyDocument: {{ Statement: [{{ Effect: Allow, Action: '{action}', Resource: '*' }}] }}
"
        )
    };
    let at = folder("gate-together-template");
    let escalates = answers(&write(&at, "escalates.yaml", template("ec2:RunInstances")));
    for (resource, guardrail) in
        [("Run", "inline-policy-grants-escalation"), ("App", "attached-policy-grants-escalation")]
    {
        let found = escalates.iter().find(|(name, of, _)| name == resource && of == guardrail);
        assert_eq!(found.map(|(_, _, result)| result.as_str()), Some("violation"), "{resource}: {escalates:?}");
    }
    let harmless = answers(&write(&at, "harmless.yaml", template("s3:ListBucket")));
    assert!(
        !harmless.iter().any(|(_, of, _)| of.starts_with("inline-") || of.starts_with("attached-")),
        "{harmless:?}"
    );
}

#[test]
fn what_a_template_leaves_open_in_a_policy_neither_hides_nor_makes_a_violation() {
    let policy = |statement: &str| {
        format!(
            "Parameters: {{ P: {{ Type: String }} }}
Conditions: {{ Some: !Equals [!Ref P, x] }}
Resources:
  B: {{ Type: AWS::S3::Bucket }}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties: {{ Bucket: !Ref B, PolicyDocument: {{ Statement: [{statement}] }} }}
"
        )
    };
    let at = folder("gate-open-policies");
    let all = "Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'";
    let tls = "{ Effect: Deny, Principal: '*', Action: 's3:*', Resource: [!GetAtt B.Arn, !Sub '${B.Arn}/*'], Condition: { Bool: { 'aws:SecureTransport': 'false' } } }";
    for (name, statement, public) in [
        ("parameter", format!("{{ {all}, Condition: {{ StringEquals: {{ 'aws:PrincipalOrgID': !Ref P }} }} }}"), Some("undetermined")),
        ("branch", format!("{{ {all}, Condition: !If [Some, {{ StringEquals: {{ 'aws:PrincipalOrgID': o-1 }} }}, {{ StringEquals: {{ 'aws:PrincipalOrgID': o-2 }} }}] }}"), None),
        ("beside", format!("{{ {all}, Condition: {{ StringEquals: {{ 'aws:PrincipalOrgID': !Ref P }} }} }}, {{ {all} }}"), Some("violation")),
        ("own", "{ Effect: Allow, Principal: { AWS: !Ref AWS::AccountId }, Action: 's3:GetObject', Resource: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': !Ref P } } }".to_owned(), None),
        ("principal", "{ Effect: Allow, Principal: { AWS: !Ref P }, Action: 's3:GetObject', Resource: '*' }".to_owned(), Some("undetermined")),
        ("tls", tls.to_owned(), None),
    ] {
        let found = answers(&write(&at, &format!("{name}.yaml"), policy(&statement)));
        let of = |guardrail: &str| found.iter().find(|(_, of, _)| of == guardrail).map(|(_, _, result)| result.as_str());
        assert_eq!(of("s3-bucket-policy-public"), public, "{name}: {found:?}");
        if name == "tls" {
            assert_eq!(of("s3-bucket-tls-not-required"), None, "{found:?}");
        }
    }
    let (_, said) = run(&["check", at.join("principal.yaml").to_str().unwrap()]);
    assert!(said.contains("`Ref P` is known at deployment only"), "{said}");
}

#[test]
fn what_sam_takes_from_globals_is_the_functions_own() {
    let at = folder("gate-globals");
    let template = "Transform: AWS::Serverless-2016-10-31
Globals: { Function: { FunctionUrlConfig: { AuthType: NONE } } }
Resources:
  F: { Type: AWS::Serverless::Function, Properties: { Runtime: python3.13 } }
  Own: { Type: AWS::Serverless::Function, Properties: { FunctionUrlConfig: { AuthType: AWS_IAM } } }
";
    let found = answers(&write(&at, "globals.yaml", template));
    let urls: Vec<&str> = found
        .iter()
        .filter(|(_, of, _)| of == "lambda-function-url-unauthenticated")
        .map(|(name, ..)| name.as_str())
        .collect();
    assert_eq!(urls, ["F"], "{found:?}");
    let maybe = "Transform: AWS::Serverless-2016-10-31
Parameters: { P: { Type: String } }
Conditions: { Own: !Equals [!Ref P, x] }
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: { Role: !If [Own, !Ref P, !Ref AWS::NoValue], Policies: [AdministratorAccess] }
";
    let found = answers(&write(&at, "maybe.yaml", maybe));
    let admin =
        found.iter().find(|(_, of, _)| of == "attached-policy-grants-admin").map(|(_, _, result)| result.as_str());
    assert_eq!(admin, Some("undetermined"), "{found:?}");
}

#[test]
fn what_a_user_has_by_its_groups_is_seen() {
    let template = |group: &str| {
        format!(
            "Resources:
  Pass:
    Type: AWS::IAM::Group
    Properties:
      Policies: [{{ PolicyName: pass, PolicyDocument: {{ Statement: {{ Effect: Allow, Action: 'iam:PassRole', Resource: '*' }} }} }}]
  Ana:
    Type: AWS::IAM::User
    Properties:
      Policies: [{{ PolicyName: run, PolicyDocument: {{ Statement: {{ Effect: Allow, Action: 'ec2:RunInstances', Resource: '*' }} }} }}]
  Joins: {{ Type: AWS::IAM::UserToGroupAddition, Properties: {{ GroupName: {group}, Users: [!Ref Ana] }} }}
"
        )
    };
    let at = folder("gate-groups");
    for (name, group, expected) in
        [("made", "!Ref Pass", Some("violation")), ("elsewhere", "admins", Some("undetermined"))]
    {
        let found = answers(&write(&at, &format!("{name}.yaml"), template(group)));
        let of = found.iter().find(|(of, guardrail, _)| of == "Ana" && guardrail == "inline-policy-grants-escalation");
        assert_eq!(of.map(|(_, _, result)| result.as_str()), expected, "{name}: {found:?}");
    }
}

#[test]
fn what_a_template_names_is_what_it_makes_and_not_what_is_called_the_same() {
    let template = |arn: &str| {
        format!(
            "Resources:
  Power:
    Type: AWS::IAM::ManagedPolicy
    Properties: {{ PolicyDocument: {{ Statement: {{ Effect: Allow, Action: 's3:ListBucket', Resource: '*' }} }} }}
  App: {{ Type: AWS::IAM::Role, Properties: {{ ManagedPolicyArns: [{arn}], AssumeRolePolicyDocument: {{}} }} }}
  Copy: {{ Type: AWS::S3::Bucket }}
  Data:
    Type: AWS::S3::Bucket
    Properties: {{ ReplicationConfiguration: {{ Role: r, Rules: [{{ Status: Enabled, Destination: {{ Bucket: !GetAtt Copy.Arn }} }}] }} }}
"
        )
    };
    let at = folder("gate-names");
    for (name, arn, expected) in
        [("own", "!Ref Power", None), ("foreign", "'arn:aws:iam::444455556666:policy/Power'", Some("undetermined"))]
    {
        let found = answers(&write(&at, &format!("{name}.yaml"), template(arn)));
        let of =
            |guardrail: &str| found.iter().find(|(_, of, _)| of == guardrail).map(|(_, _, result)| result.as_str());
        assert_eq!(of("attached-policy-grants-admin"), expected, "{name}: {found:?}");
        assert_eq!(of("s3-bucket-replicated-to-untrusted"), None, "{name}: {found:?}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let at = folder("gate-unreadable");
    for (name, text, part) in [
        (
            "properties",
            "Resources: { B: { Type: AWS::S3::Bucket, Properties: [x] } }",
            "the properties of `B` are no mapping",
        ),
        (
            "body",
            "Resources: { A: { Type: AWS::ApiGateway::RestApi, Properties: { Body: { 'Fn::Transform': { Name: AWS::Include } } } } }",
            "undetermined api-gateway-policy-opened: `Body.x-amazon-apigateway-policy`: `Fn::Transform",
        ),
    ] {
        let (status, said) = run(&["check", write(&at, &format!("{name}.yaml"), text).to_str().unwrap()]);
        assert!(status == 0 && said.contains(part), "{name}: {said}");
    }
    let cdk = folder("gate-unreadable-cdk");
    write(&cdk, "manifest.json", json!({"artifacts": {"S": {"type": "aws:cloudformation:stack"}}}).to_string());
    let output = parapet(&["check", cdk.to_str().unwrap()]);
    assert!(
        output.status.code() == Some(2) && String::from_utf8_lossy(&output.stderr).contains("`S` names no template")
    );
}
