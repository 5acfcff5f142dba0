//! What a file leaves open is settled as far as the rest of the file settles it.

use crate::support::{folder, run, write};
use serde_json::{Value, json};
use std::path::Path;

/// `(resource, guardrail, result, reason)` of each finding.
fn findings(args: &[&str]) -> Vec<(String, String, String, String)> {
    let (_, text) = run(&[&["check", "--format", "json"], args].concat());
    let answer: Value = serde_json::from_str(&text).unwrap();
    let each = answer["findings"].as_array().unwrap().iter();
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    each.map(|one| (word(one, "resource"), word(one, "guardrail"), word(one, "result"), word(one, "reason"))).collect()
}

fn of_template(at: &Path, name: &str, text: &str) -> Vec<(String, String, String, String)> {
    findings(&[write(at, name, text).to_str().unwrap()])
}

const CONDITIONS: &str = "Parameters: { Stage: { Type: String } }
Conditions: { IsTest: !Equals [!Ref Stage, test], IsLive: !Not [{ Condition: IsTest }] }
Resources:
";

#[test]
fn what_depends_on_a_condition_is_judged_in_each_case() {
    let at = folder("settled-conditions");
    let database = |public: &str| {
        format!(
            "{CONDITIONS}  Db:\n    Type: AWS::RDS::DBInstance\n    Properties: {{ DeletionProtection: true, BackupRetentionPeriod: 30, PubliclyAccessible: {public} }}\n"
        )
    };
    for (name, public, result, reason) in [
        ("both", "!If [IsTest, true, 'true']", Some("violation"), "publicly accessible"),
        ("nested", "!If [IsTest, true, !If [IsLive, true, false]]", Some("violation"), "publicly accessible"),
        ("one", "!If [IsTest, true, false]", Some("undetermined"), "where condition `IsTest` is true"),
        ("none", "!If [IsTest, false, !If [IsLive, false, true]]", None, ""),
        ("open", "!If [IsTest, true, !Ref Stage]", Some("undetermined"), "`Ref Stage` is known"),
    ] {
        let found = of_template(&at, &format!("{name}.yaml"), &database(public));
        let found: Vec<_> =
            found.iter().filter(|(_, guardrail, ..)| guardrail == "db-instance-publicly-accessible").collect();
        assert_eq!(found.first().map(|one| one.2.as_str()), result, "{name}: {found:?}");
        assert!(found.iter().any(|one| one.3.contains(reason)) || result.is_none(), "{name}: {found:?}");
    }
}

#[test]
fn a_resource_with_a_condition_is_there_only_where_it_holds() {
    let at = folder("settled-own-condition");
    let text = format!(
        "{CONDITIONS}  Web:
    Type: AWS::EC2::SecurityGroup
    Condition: IsTest
    Properties:
      SecurityGroupIngress:
        - {{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !If [IsTest, 10.0.0.0/8, 0.0.0.0/0] }}
        - !If [IsLive, {{ IpProtocol: '-1', CidrIp: 0.0.0.0/0 }}, !Ref AWS::NoValue]
"
    );
    assert_eq!(of_template(&at, "web.yaml", &text), []);
}

#[test]
fn rules_that_depend_on_conditions_are_judged_with_the_rest_of_the_group() {
    let at = folder("settled-rules");
    let text = format!(
        "{CONDITIONS}  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - {{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }}
  Apart:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {{ GroupId: !Ref Web, IpProtocol: tcp, FromPort: 3389, ToPort: 3389, CidrIp: !If [IsTest, 0.0.0.0/0, 10.0.0.0/8] }}
"
    );
    let found = of_template(&at, "web.yaml", &text);
    let of = |port: &str| {
        found.iter().filter(|one| one.3.contains(port)).map(|one| (one.1.as_str(), one.2.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(of("tcp 22"), [("security-group-admin-port-open", "violation")], "{found:?}");
    assert_eq!(of("tcp 3389"), [("security-group-admin-port-open", "undetermined")], "{found:?}");
}

#[test]
fn networks_are_found_in_the_rest_of_the_template() {
    let at = folder("settled-networks");
    let rule = |source: &str| {
        format!(
            "Parameters: {{ Given: {{ Type: String }} }}
Resources:
  Open: {{ Type: AWS::EC2::PrefixList, Properties: {{ Entries: [{{ Cidr: 10.0.0.0/8 }}, {{ Cidr: 0.0.0.0/0 }}] }} }}
  Own: {{ Type: AWS::EC2::PrefixList, Properties: {{ Entries: [{{ Cidr: 10.0.0.0/8 }}] }} }}
  Later: {{ Type: AWS::EC2::PrefixList, Properties: {{ Entries: [{{ Cidr: !Ref Given }}] }} }}
  Vpc: {{ Type: AWS::EC2::VPC, Properties: {{ CidrBlock: 10.0.0.0/16 }} }}
  Address: {{ Type: AWS::EC2::EIP }}
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties: {{ SecurityGroupIngress: [{{ IpProtocol: tcp, FromPort: 22, ToPort: 22, {source} }}] }}
"
        )
    };
    for (name, source, result) in [
        ("open-list", "SourcePrefixListId: !Ref Open", Some("violation")),
        ("open-list-by-attribute", "SourcePrefixListId: !GetAtt Open.PrefixListId", Some("violation")),
        ("own-list", "SourcePrefixListId: !Ref Own", None),
        ("later-list", "SourcePrefixListId: !Ref Later", Some("undetermined")),
        ("vpc", "CidrIp: !GetAtt Vpc.CidrBlock", None),
        ("address", "CidrIp: !Sub '${Address}/32'", None),
        ("address-joined", "CidrIp: !Join ['', [!Ref Address, /32]]", None),
        ("address-v6", "CidrIpv6: !Sub '${Given}/128'", None),
        ("half", "CidrIp: !Sub '${Given}/1'", Some("undetermined")),
        ("whole", "CidrIp: !Sub '${Given}/0'", Some("undetermined")),
    ] {
        let found = of_template(&at, &format!("{name}.yaml"), &rule(source));
        assert_eq!(found.iter().map(|one| one.2.as_str()).max(), result, "{name}: {found:?}");
    }
}

#[test]
fn the_reason_is_the_true_one() {
    let at = folder("settled-reasons");
    let text = "Resources:
  Web: { Type: AWS::EC2::SecurityGroup }
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: { GroupId: !Ref Web, IpProtocol: tcp, FromPort: 22, ToPort: 0, CidrIp: 0.0.0.0/0 }
";
    let found = of_template(&at, "range.yaml", text);
    assert!(!found.is_empty() && found.iter().all(|one| one.3.contains("22-0")), "{found:?}");
    // Which group it is for says nothing of what the rule opens, and a group from elsewhere is one that was made.
    let elsewhere = "Parameters: { Group: { Type: 'AWS::EC2::SecurityGroup::Id' } }
Resources:
  A: { Type: AWS::EC2::SecurityGroupIngress, Properties: { GroupId: !Ref Group, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8 } }
  B: { Type: AWS::EC2::SecurityGroupIngress, Properties: { GroupId: !ImportValue g, IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !ImportValue h } }
";
    assert_eq!(of_template(&at, "elsewhere.yaml", elsewhere), []);
}

/// A plan with a bucket policy and an attachment whose documents and policies are known after the deployment only.
fn plan(effect: &str) -> Value {
    let change = |address: &str, mode: &str, after: Value, unknown: Value| {
        let kind = address.trim_start_matches("data.").split('.').next().unwrap();
        let actions = if mode == "data" { json!(["read"]) } else { json!(["create"]) };
        json!({"address": address, "mode": mode, "type": kind, "change": {"actions": actions, "after": after, "after_unknown": unknown}})
    };
    let statement = json!({"effect": effect, "actions": ["s3:GetObject"], "principals": [{"type": "*", "identifiers": ["*"]}], "resources": [null]});
    let administrator = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}).to_string();
    let references = |all: &[&str]| json!({"references": all});
    let written = |address: &str, expressions: Value| json!({"address": address, "expressions": expressions});
    json!({"format_version": "1.2", "resource_changes": [
        change("aws_s3_bucket.b", "managed", json!({}), json!({"id": true, "arn": true})),
        change("data.aws_iam_policy_document.open", "data", json!({"statement": [statement]}), json!({"json": true, "statement": [{"resources": [true]}]})),
        change("aws_s3_bucket_policy.b", "managed", json!({}), json!({"bucket": true, "policy": true})),
        change("aws_iam_policy.p[\"a\"]", "managed", json!({"policy": administrator}), json!({"arn": true})),
        change("aws_iam_role_policy_attachment.p[\"a\"]", "managed", json!({"role": "reader"}), json!({"policy_arn": true})),
        change("aws_ec2_managed_prefix_list.all", "managed", json!({"entry": [{"cidr": "10.0.0.0/8"}]}), json!({"id": true})),
        change("aws_ec2_managed_prefix_list_entry.all", "managed", json!({"cidr": "0.0.0.0/0"}), json!({"prefix_list_id": true})),
        change("aws_security_group_rule.ssh", "managed", json!({"type": "ingress", "protocol": "tcp", "from_port": 22, "to_port": 22, "security_group_id": "sg-0a1b2c3d", "prefix_list_ids": [null]}),
            json!({"prefix_list_ids": [true]})),
    ], "configuration": {"root_module": {"resources": [
        written("data.aws_iam_policy_document.open", json!({"statement": [{"resources": references(&["aws_s3_bucket.b.arn", "aws_s3_bucket.b"])}]})),
        written("aws_s3_bucket_policy.b", json!({"bucket": references(&["aws_s3_bucket.b.id", "aws_s3_bucket.b"]),
            "policy": references(&["data.aws_iam_policy_document.open.json", "data.aws_iam_policy_document.open"])})),
        written("aws_iam_role_policy_attachment.p", json!({"role": {"constant_value": "reader"}, "policy_arn": references(&["aws_iam_policy.p", "each.key"])})),
        written("aws_ec2_managed_prefix_list_entry.all", json!({"prefix_list_id": references(&["aws_ec2_managed_prefix_list.all.id", "aws_ec2_managed_prefix_list.all"])})),
        written("aws_security_group_rule.ssh", json!({"prefix_list_ids": references(&["aws_ec2_managed_prefix_list.all.id", "aws_ec2_managed_prefix_list.all"])})),
    ]}}})
}

#[test]
fn what_a_plan_reads_after_the_deployment_is_judged_by_what_it_knows() {
    let at = folder("settled-plan");
    let found = of_template(&at, "plan.json", &plan("Allow").to_string());
    let result = |resource: &str, guardrail: &str| {
        found.iter().find(|one| one.0 == resource && one.1 == guardrail).map(|one| one.2.as_str())
    };
    assert_eq!(result("aws_s3_bucket_policy.b", "s3-bucket-policy-public"), Some("violation"), "{found:?}");
    assert_eq!(
        result("aws_iam_role_policy_attachment.p[\"a\"]", "attached-policy-grants-admin"),
        Some("violation"),
        "{found:?}"
    );
    assert_eq!(result("aws_security_group_rule.ssh", "security-group-admin-port-open"), Some("violation"), "{found:?}");
    let denied = of_template(&at, "denied.json", &plan("Deny").to_string());
    assert!(!denied.iter().any(|one| one.1 == "s3-bucket-policy-public"), "{denied:?}");
}

#[test]
fn findings_of_a_plan_name_the_line_of_its_source() {
    let at = folder("settled-source");
    let file = write(&at, "plan.json", plan("Allow").to_string());
    write(&at, "main.tf", "resource \"aws_s3_bucket\" \"b\" {}\n\nresource \"aws_s3_bucket_policy\" \"b\" {\n}\n");
    let (status, text) = run(&["check", "--source", at.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(status, 1);
    assert!(text.contains("main.tf:3:1: ") && text.contains("plan.json:1:"), "{text}");
    let (status, _) = run(&["check", "--source", at.join("none").to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(status, 2);
}

#[test]
fn what_is_there_in_some_cases_only_hides_nothing() {
    let at = folder("settled-some-cases");
    let key = |statement: &str| {
        format!(
            "{CONDITIONS}  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Statement:
          - {{ Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*' }}
          - {statement}
"
        )
    };
    let deny = "{ Effect: Deny, Principal: '*', Action: 'kms:*', Resource: '*' }";
    for (name, statement, result, reason) in [
        ("always", deny.to_owned(), None, ""),
        ("in-tests", format!("!If [IsTest, {deny}, !Ref AWS::NoValue]"), Some("undetermined"), "`IsTest` is false"),
        ("in-both", format!("!If [IsTest, {deny}, {deny}]"), None, ""),
    ] {
        let found = of_template(&at, &format!("{name}.yaml"), &key(&statement));
        let found: Vec<_> = found.iter().filter(|one| one.1 == "kms-key-policy-public").collect();
        assert_eq!(found.first().map(|one| one.2.as_str()), result, "{name}: {found:?}");
        assert!(found.iter().all(|one| one.3.contains(reason)), "{name}: {found:?}");
    }
    let entry = |name: &str, condition: &str, number: u8, action: &str| {
        format!(
            "  {name}: {{ Type: AWS::EC2::NetworkAclEntry,{condition} Properties: {{ NetworkAclId: acl-1, RuleNumber: {number}, Protocol: 6, RuleAction: {action}, CidrBlock: 0.0.0.0/0, PortRange: {{ From: 22, To: 22 }} }} }}\n"
        )
    };
    for (condition, result) in [("", None), (" Condition: IsTest,", Some("undetermined"))] {
        let text = format!("{CONDITIONS}{}{}", entry("Open", "", 100, "allow"), entry("Closed", condition, 50, "deny"));
        let found = of_template(&at, "acl.yaml", &text);
        assert_eq!(found.iter().map(|one| one.2.as_str()).max(), result, "{found:?}");
    }
}

#[test]
fn conditions_that_say_the_same_are_one() {
    let at = folder("settled-related");
    let conditions = "Parameters: { Stage: { Type: String } }
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest: !Equals [test, !Ref Stage]
  IsBoth: !And [!Condition IsLive, !Condition IsTest]
  IsAny: !Or [!Condition IsLive, !Not [!Condition IsLive]]
  A0: !Equals [!Ref Stage, x]
";
    // Each asks for the one before twice; the last asks for itself.
    let mut conditions = conditions.to_owned();
    for at in 1..40 {
        conditions += &format!("  A{at}: !And [!Condition A{0}, !Condition A{0}]\n", at - 1);
    }
    conditions += "  Circle: !Or [!Condition Circle, !Condition Circle]\nResources:\n";
    let group = |name: &str, condition: &str, cidr: &str| {
        format!(
            "  {name}:\n    Type: AWS::EC2::SecurityGroup\n    Condition: {condition}\n    Properties: {{ SecurityGroupIngress: [{{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: {cidr} }}] }}\n"
        )
    };
    for (name, condition, cidr, result) in [
        ("related", "IsLive", "!If [IsTest, 10.0.0.0/8, 0.0.0.0/0]", Some("violation")),
        ("related-closed", "IsTest", "!If [IsLive, 0.0.0.0/0, 10.0.0.0/8]", None),
        ("impossible", "IsBoth", "0.0.0.0/0", None),
        ("deep", "A39", "0.0.0.0/0", Some("violation")),
        ("circle", "Circle", "0.0.0.0/0", Some("violation")),
    ] {
        let found =
            of_template(&at, &format!("{name}.yaml"), &format!("{conditions}{}", group("Web", condition, cidr)));
        assert_eq!(found.first().map(|one| one.2.as_str()), result, "{name}: {found:?}");
    }
}

#[test]
fn rules_that_stand_apart_are_tried_with_each_other() {
    let at = folder("settled-apart");
    let rule = |name: &str, port: u16, cidr: &str| {
        format!(
            "  {name}: {{ Type: AWS::EC2::SecurityGroupIngress, Properties: {{ GroupId: !Ref Web, IpProtocol: tcp, FromPort: {port}, ToPort: {port}, {cidr} }} }}\n"
        )
    };
    let text = format!(
        "{CONDITIONS}  Web: {{ Type: AWS::EC2::SecurityGroup }}\n{}{}{}",
        rule("Harmless", 443, "CidrIp: !If [IsTest, 10.0.0.0/8, 10.1.0.0/16]"),
        rule("Open", 3389, "CidrIp: !If [IsLive, 0.0.0.0/0, 0.0.0.0/0]"),
        rule("InTests", 22, "CidrIp: !If [IsTest, 0.0.0.0/0, 10.0.0.0/8]"),
    );
    let found = of_template(&at, "apart.yaml", &text);
    let found: Vec<_> = found.iter().map(|one| (one.2.as_str(), one.3.contains("3389"))).collect();
    assert_eq!(found, [("violation", true), ("undetermined", false)]);
}

#[test]
fn more_conditions_than_are_tried_are_reported() {
    let at = folder("settled-many");
    let names: Vec<String> = (0..8).map(|at| format!("C{at}")).collect();
    let conditions: String =
        names.iter().map(|name| format!("  {name}: !Equals [!Ref Stage, !Ref {name}P]\n")).collect();
    let parameters: String = names.iter().map(|name| format!("  {name}P: {{ Type: String }}\n")).collect();
    let denies: String = names
        .iter()
        .map(|name| format!("          - !If [{name}, {{ Effect: Deny, Principal: '*', Action: 'kms:*', Resource: '*' }}, !Ref AWS::NoValue]\n"))
        .collect();
    let text = format!(
        "Parameters:\n  Stage: {{ Type: String }}\n{parameters}Conditions:\n{conditions}Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: true\n      KeyPolicy:\n        Statement:\n          - {{ Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*' }}\n{denies}"
    );
    let file = write(&at, "many.yaml", &text);
    let (status, said) = run(&["check", "--strict", file.to_str().unwrap()]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("`Key` depends on more than 6 conditions"), "{said}");
}
