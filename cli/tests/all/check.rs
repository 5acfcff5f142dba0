//! `parapet check` as a whole: templates, plans, documents, formats, exit statuses.

use crate::support::{folder, parapet, run, write};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const TEMPLATE: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Admins: { Type: String, Default: 0.0.0.0/0 }
  Later: { Type: String }
Conditions:
  Never: !Equals [a, b]
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0 }
        - IpProtocol: tcp
          FromPort: 22
          ToPort: 22
          CidrIp: !Ref Admins
        - { IpProtocol: tcp, FromPort: 3306, ToPort: 3306, CidrIp: !Ref Later }
        - !If [Never, { IpProtocol: "-1", CidrIp: 0.0.0.0/0 }, !Ref AWS::NoValue]
  Gone:
    Type: AWS::EC2::SecurityGroup
    Condition: Never
    Properties: { SecurityGroupIngress: { IpProtocol: "-1", CidrIp: 0.0.0.0/0 } }
  Half:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: { GroupId: !GetAtt App.GroupId, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/1 }
  OtherHalf:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: { GroupId: !Ref App, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 128.0.0.0/1 }
  App: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: app } }
  OnDefault:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: { GroupId: !GetAtt Vpc.DefaultSecurityGroup, IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8 }
  User: { Type: AWS::IAM::User }
  Key: { Type: AWS::IAM::AccessKey, Properties: { UserName: !Ref User } }
"#;

/// `(line, guardrail, result)` of each finding.
fn findings(args: &[&str]) -> (i32, Vec<(u64, String, String)>) {
    let (status, text) = run(&[&["check", "--format", "json"], args].concat());
    let answer: Value = serde_json::from_str(&text).unwrap();
    let found = answer["findings"].as_array().unwrap().iter().map(|finding| {
        let word = |key: &str| finding[key].as_str().unwrap().to_owned();
        (finding["line"].as_u64().unwrap(), word("guardrail"), word("result"))
    });
    (status, found.collect())
}

fn expected(all: &[(u64, &str, &str)]) -> Vec<(u64, String, String)> {
    all.iter().map(|(line, name, result)| (*line, (*name).to_owned(), (*result).to_owned())).collect()
}

#[test]
fn a_template_is_judged_rule_by_rule_at_its_line() {
    let file = write(&folder("check-template"), "template.yaml", TEMPLATE);
    let file = file.to_str().unwrap();
    let found = findings(&[file]);
    let all = [
        (13, "security-group-admin-port-open", "violation"),
        (17, "security-group-near-world-open", "undetermined"),
        (23, "security-group-near-world-open", "violation"),
        (26, "security-group-near-world-open", "violation"),
        (30, "security-group-default-has-rules", "violation"),
        (34, "access-key-not-allowed", "violation"),
    ];
    assert_eq!(found, (1, expected(&all)));
    let with = findings(&["--parameter", "Admins=10.0.0.0/8", "--parameter", "Later=::/0", file]).1;
    assert!(!with.iter().any(|(line, ..)| *line == 13), "{with:?}");
    let (_, text) = run(&["check", file]);
    assert!(text.contains("template.yaml:13:11: high security-group-admin-port-open: "), "{text}");
    assert!(text.contains("5 violations, 1 undetermined, 0 exempt; 5 resources judged"), "{text}");
    let (_, text) = run(&["check", file, "--format", "json"]);
    assert!(text.contains("`Ref Later` is known at deployment only"), "{text}");
}

#[test]
fn json_is_judged_like_yaml_and_a_clean_template_is_clean() {
    let at = folder("check-json");
    let group = |cidr: &str| {
        json!({"Resources": {"Web": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [
            {"IpProtocol": "tcp", "FromPort": "22", "ToPort": 22, "CidrIp": {"Fn::Join": ["/", [cidr, 0]]}}]}}}})
    };
    let open = write(&at, "open.json", format!("{:#}", group("0.0.0.0")));
    assert_eq!(findings(&[open.to_str().unwrap()]).0, 1);
    let clean = write(&at, "clean.json", group("10.0.0.0").to_string().replace("[\"10.0.0.0\",0]", "[\"10.0.0.0\",8]"));
    assert_eq!(findings(&[clean.to_str().unwrap()]), (0, Vec::new()));
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    // Its roles pass a role to the scheduler, the `operate` function undoes changes of IAM: docs/security.md. Whom the ledger's policy names is
    // known at deployment only.
    let known = ["dynamodb-table-policy-public", "dynamodb-table-policy-untrusted", "inline-policy-grants-escalation"];
    let others: Vec<_> = findings(&[own.to_str().unwrap()])
        .1
        .into_iter()
        .filter(|(_, name, _)| !known.contains(&name.as_str()))
        .collect();
    assert_eq!(others, Vec::new(), "the template of this project");
}

/// What `terraform show -json` prints (format 1.2), cut to what stands in every plan.
fn plan() -> Value {
    let change = |address: &str, after: Value, unknown: Value| {
        let (kind, name) = address.split_once('.').unwrap();
        json!({"address": address, "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": unknown}})
    };
    let rule = |port: u16, nets: Value| {
        json!({"cidr_blocks": nets, "description": "", "from_port": port, "to_port": port, "protocol": "tcp",
            "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false})
    };
    json!({"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [
        change("aws_security_group.web", json!({"name": "web", "ingress": [rule(443, json!(["0.0.0.0/0"])),
            rule(22, json!(["10.0.0.0/8", "0.0.0.0/0"]))], "egress": []}), json!({"id": true, "arn": true})),
        change("aws_security_group.later", json!({"name": "later", "ingress": [rule(22, Value::Null)]}),
            json!({"ingress": [{"cidr_blocks": true}], "egress": true})),
        change("aws_security_group.computed", json!({"name": "computed"}), json!({"ingress": true, "egress": true})),
        change("aws_security_group_rule.ssh[0]", json!({"type": "ingress", "from_port": 22, "to_port": 22, "protocol": "tcp",
            "cidr_blocks": ["0.0.0.0/1"], "self": false}), json!({"security_group_id": true})),
        change("aws_vpc_security_group_ingress_rule.all", json!({"ip_protocol": "-1", "cidr_ipv6": "::/0"}),
            json!({"security_group_id": true})),
        change("aws_default_security_group.default", json!({"ingress": [{"protocol": "-1", "from_port": 0, "to_port": 0,
            "self": true}], "egress": []}), json!({})),
        change("aws_iam_access_key.ci", json!({"user": "ci", "status": "Active"}), json!({"secret": true})),
        {"address": "data.aws_vpc.main", "mode": "data", "type": "aws_vpc", "change": {"actions": ["read"], "after": {}}},
        {"address": "aws_security_group.gone", "mode": "managed", "type": "aws_security_group",
            "change": {"actions": ["delete"], "before": {"ingress": [rule(22, json!(["0.0.0.0/0"]))]}, "after": null}},
    ], "configuration": {"root_module": {"resources": [
        {"address": "aws_security_group_rule.ssh", "expressions": {"security_group_id":
            {"references": ["aws_security_group.web.id", "aws_security_group.web"]}}},
    ]}}})
}

#[test]
fn a_terraform_plan_is_judged_by_what_it_would_leave_there() {
    let file = write(&folder("check-terraform"), "plan.json", plan().to_string());
    let (status, text) = run(&["check", "--format", "json", file.to_str().unwrap()]);
    assert_eq!(status, 1);
    let answer: Value = serde_json::from_str(&text).unwrap();
    let mut found: Vec<(&str, &str, &str)> = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["resource"].as_str().unwrap(), f["guardrail"].as_str().unwrap(), f["result"].as_str().unwrap()))
        .collect();
    found.sort_unstable();
    found.dedup();
    let has = |resource: &str, guardrail: &str, result: &str| {
        assert!(found.contains(&(resource, guardrail, result)), "{resource} {guardrail} {result}: {found:#?}");
    };
    has("aws_security_group.web", "security-group-admin-port-open", "violation");
    has("aws_security_group.web", "security-group-near-world-open", "violation");
    has("aws_security_group.later", "security-group-admin-port-open", "undetermined");
    has("aws_security_group.computed", "security-group-admin-port-open", "undetermined");
    let not_default = ("aws_security_group.computed", "security-group-default-has-rules", "undetermined");
    assert!(!found.contains(&not_default), "whatever its rules, it is no default group");
    has("aws_vpc_security_group_ingress_rule.all", "security-group-all-traffic-open", "violation");
    has("aws_default_security_group.default", "security-group-default-has-rules", "violation");
    has("aws_iam_access_key.ci", "access-key-not-allowed", "violation");
    assert!(!text.contains("aws_security_group.gone"), "what is deleted is not judged");
}

#[test]
fn documents_are_judged_by_the_analyser() {
    let at = folder("check-documents");
    let document = |name: &str, statement: Value| {
        write(&at, name, json!({"Version": "2012-10-17", "Statement": statement}).to_string())
    };
    let read = |principal: Value| json!([{"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]);
    let name = |args: &[&str]| {
        let (status, found) = findings(args);
        (status, found.into_iter().map(|(_, name, result)| format!("{name} {result}")).collect::<Vec<_>>())
    };
    let public = document("public.json", read(json!("*")));
    assert_eq!(name(&[public.to_str().unwrap()]), (1, vec!["policy-document-public violation".to_owned()]));
    let own = document("own.json", read(json!({"AWS": "111122223333"})));
    assert_eq!(name(&["--account", "111122223333", own.to_str().unwrap()]), (0, Vec::new()));
    assert_eq!(name(&["--account", "444455556666", own.to_str().unwrap()]).1, ["policy-document-external violation"]);
    let admin = document("admin.json", json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    assert_eq!(name(&[admin.to_str().unwrap()]), (1, vec!["policy-document-administrator violation".to_owned()]));
    let small =
        document("small.json", json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}));
    assert_eq!(name(&[small.to_str().unwrap()]), (0, Vec::new()));
}

#[test]
fn policy_applies() {
    let at = folder("check-policy");
    let file = write(&at, "template.yaml", TEMPLATE);
    let policy = write(
        &at,
        "policy.yaml",
        "version: 1\nguardrails:\n  security-group-near-world-open: { mode: off }\n  access-key-not-allowed: { settings: { allowed_users: [ci] } }\n\
         exemptions:\n  - { guardrail: security-group-admin-port-open, resource: Web, reason: r, owner: o, expires: 9000-01-01 }\n",
    );
    let (status, found) = findings(&["--policy", policy.to_str().unwrap(), file.to_str().unwrap()]);
    let all = [
        (13, "security-group-admin-port-open", "exempt"),
        (30, "security-group-default-has-rules", "violation"),
        (34, "access-key-not-allowed", "undetermined"),
    ];
    assert_eq!((status, found), (1, expected(&all)));
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let at = folder("check-sarif");
    let template = write(&at, "te mplate.yaml", TEMPLATE);
    let plan = write(&at, "plan.json", plan().to_string());
    let exemption = write(
        &at,
        "policy.yaml",
        "version: 1\nexemptions:\n  - { guardrail: security-group-admin-port-open, resource: Web, reason: r, owner: o, expires: 9000-01-01 }\n",
    );
    let files = [template.to_str().unwrap(), plan.to_str().unwrap()];
    let (status, text) =
        run(&[&["check", "--format", "sarif", "--policy", exemption.to_str().unwrap()], &files[..]].concat());
    assert_eq!(status, 1);
    let log: Value = serde_json::from_str(&text).unwrap();
    let mut schema: Value = serde_json::from_str(include_str!("schemas/sarif-2.1.0.json")).unwrap();
    // The schema that OASIS publishes holds one pattern with a bracket too many, which is no regular expression.
    for language in ["/definitions/run/properties/language", "/definitions/toolComponent/properties/language"] {
        schema.pointer_mut(language).unwrap().as_object_mut().unwrap().remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let ssh = results.iter().find(|result| result.get("suppressions").is_some()).unwrap();
    assert_eq!(ssh["suppressions"][0]["kind"], "external");
    assert_eq!(ssh["locations"][0]["physicalLocation"]["region"]["startLine"], 13);
    let uri = ssh["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert!(uri.ends_with("/te%20mplate.yaml"), "{uri}");
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][at]["id"], result["ruleId"]);
        let is_review = result["kind"] == "review";
        assert_eq!(is_review, result["level"] == "none");
    }
}

#[test]
fn what_cannot_be_checked_is_an_error_that_names_it() {
    let at = folder("check-errors");
    let text = write(&at, "no\u{1b}te.yaml", "just: a file\n");
    let broken = write(&at, "broken.yaml", "a: [1\nb: }\n");
    for (file, part) in [(&text, "neither a CloudFormation template"), (&broken, "line 2")] {
        let output = parapet(&["check", file.to_str().unwrap()]);
        let shown = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{shown}");
        assert!(shown.contains(part) && !shown.contains('\u{1b}'), "{shown}");
    }
    assert_eq!(run(&["check", at.join("missing").to_str().unwrap()]).0, 2);
}

/// What `check` says of a file: its exit status and standard output.
fn output(name: &str, text: impl AsRef<[u8]>) -> (i32, String) {
    let file = folder(&format!("check-told-{name}")).join(name);
    fs::write(&file, text).unwrap();
    run(&["check", file.to_str().unwrap()])
}

const OPEN: &str = "Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupIngress: \
                    [{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }]\n";

#[test]
fn what_could_hide_a_violation_is_undetermined_at_its_place() {
    let included = "Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: x\n      \
                    Fn::Transform: { Name: AWS::Include }\n";
    let nested =
        "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: ./net.yaml }\n";
    let list =
        "Resources:\n  Nets:\n    Type: AWS::EC2::PrefixList\n    Properties: { Entries: [{ Cidr: 0.0.0.0/0 }] }\n";
    let stack = json!({"format_version": "1.2", "resource_changes": [{"address": "aws_cloudformation_stack.net",
        "mode": "managed", "type": "aws_cloudformation_stack", "change": {"after": {"name": "net"}}}]});
    for (name, text, place, part) in [
        ("included", included.to_owned(), "6:7", "`Fn::Transform` of `AWS::Include`"),
        ("macro", format!("Transform: [Company]\n{included}"), "1:13", "macro `Company`"),
        ("nested", nested.to_owned(), "2:3", "nested stack `Net` (`./net.yaml`)"),
        ("list", list.to_owned(), "2:3", "AWS::EC2::PrefixList is not evaluated before deployment (`Nets`)"),
        ("stack", format!("{stack:#}"), "4:5", "the template of `aws_cloudformation_stack.net`"),
    ] {
        let (status, said) = output(name, text);
        let line = format!(":{place}: undetermined ");
        assert!(status == 0 && said.contains(&line) && said.contains(part), "{name}: {said}");
        assert!(!said.contains(" 0 undetermined"), "{name}: {said}");
    }
}

#[test]
fn a_file_in_which_nothing_is_judged_says_so_in_the_last_line() {
    let (status, said) =
        output("network.yaml", "Resources:\n  B: { Type: AWS::EC2::VPC }\n  C: { Type: AWS::EC2::VPC }\n");
    let last = said.lines().last().unwrap();
    assert!(status == 0 && last.contains("nothing was judged in `") && last.contains("(2 AWS::EC2::VPC)"), "{said}");
    let (_, said) = output("empty.json", json!({"format_version": "1.2", "resource_changes": []}).to_string());
    assert!(said.lines().last().unwrap().contains("(no resources)"), "{said}");
    let (_, said) = output("open.yaml", OPEN);
    assert!(!said.contains("nothing was judged"), "{said}");
}

#[test]
fn every_document_of_a_file_is_judged() {
    let (status, said) =
        output("several.yaml", format!("---\nResources:\n  B: {{ Type: AWS::S3::Bucket }}\n---\n{OPEN}"));
    assert_eq!(status, 1, "{said}");
    assert!(
        said.contains("the file holds several documents") && said.contains("security-group-admin-port-open"),
        "{said}"
    );
    assert_eq!(output("half.yaml", format!("{OPEN}---\njust: text\n")).0, 2, "one document that cannot be judged");
    assert_eq!(output("end.yaml", format!("{OPEN}---\n")).0, 1, "an empty document is none");
}

#[test]
fn every_encoding_is_read() {
    let wide = |unit: fn(u16) -> [u8; 2]| OPEN.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let marked = |unit: fn(u16) -> [u8; 2]| [unit(0xfeff).to_vec(), wide(unit)].concat();
    for (name, bytes) in [
        ("mark", format!("\u{feff}{OPEN}").into_bytes()),
        ("little", marked(u16::to_le_bytes)),
        ("big", marked(u16::to_be_bytes)),
        ("without-mark", wide(u16::to_le_bytes)),
        ("lines", OPEN.replace('\n', "\r\n").into_bytes()),
    ] {
        let (status, said) = output(&format!("encoding-{name}"), bytes);
        assert!(status == 1 && said.contains("security-group-admin-port-open"), "{name}: {said}");
    }
    assert_eq!(output("binary", b"\xc3\x28\xff\x00\x01").0, 2);
}

#[test]
fn what_is_open_is_in_every_format() {
    let file = write(&folder("check-open"), "t.yaml", "Transform: Company\nResources:\n  B: { Type: AWS::EC2::VPC }\n");
    let ask = |format: &str| {
        let (_, text) = run(&["check", "--format", format, file.to_str().unwrap()]);
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let json = ask("json");
    assert_eq!((&json["summary"]["undetermined"], &json["summary"]["unjudged"]), (&json!(1), &json!(1)));
    assert_eq!(json["unjudged"][0]["kind"], "AWS::EC2::VPC");
    let said = &ask("sarif")["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(
        (&said["level"], said["message"]["text"].as_str().unwrap().contains("macro `Company`")),
        (&json!("note"), true)
    );
}

/// The template of a service with its policies: what an engineer writes.
const POLICIES: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Role: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: {} } }
  Topic: { Type: AWS::SNS::Topic }
  Own:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Statement:
          - { Effect: Allow, Principal: { AWS: !GetAtt Role.Arn }, Action: sns:Publish, Resource: !Ref Topic }
          - { Effect: Allow, Principal: { AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" }, Action: sns:Publish, Resource: !Ref Topic }
          - { Effect: Allow, Principal: "*", Action: sns:Publish, Resource: !Ref Topic, Condition: { StringEquals: { "aws:SourceAccount": !Ref AWS::AccountId } } }
  Open:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [q]
      PolicyDocument: { Statement: { Effect: Allow, Principal: "*", Action: sqs:SendMessage, Resource: !GetAtt Queue.Arn } }
  Partner:
    Type: AWS::SecretsManager::ResourcePolicy
    Properties:
      SecretId: s
      ResourcePolicy: { Statement: [{ Effect: Allow, Principal: { AWS: "999988887777" }, Action: secretsmanager:GetSecretValue, Resource: "*" }] }
  Later:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: b
      PolicyDocument: { Statement: [{ Effect: Allow, Principal: { AWS: !ImportValue Reader }, Action: s3:GetObject, Resource: "*" }] }
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - { Effect: Allow, Principal: { AWS: !If [Some, "*", !GetAtt Role.Arn] }, Action: kms:Decrypt, Resource: "*" }
          - { Effect: Allow, Principal: { AWS: [!If [Some, "*", !Ref AWS::NoValue], !GetAtt Role.Arn] }, Action: kms:Encrypt, Resource: "*" }
Conditions: { Some: !Equals [!Ref Stage, test] }
Parameters: { Stage: { Type: String } }
"#;

#[test]
fn resource_policies_of_a_template_are_judged_as_the_functions_judge_them() {
    let file = write(&folder("check-policies"), "policies.yaml", POLICIES);
    let file = file.to_str().unwrap();
    let of = |answer: &(i32, Vec<(u64, String, String)>), guardrail: &str| {
        let found = answer.1.iter().filter(|(_, name, _)| name == guardrail).map(|(_, _, result)| result.clone());
        found.collect::<Vec<_>>()
    };
    let answer = findings(&[file]);
    assert_eq!(answer.0, 1);
    assert_eq!(of(&answer, "sns-topic-policy-public"), [""; 0], "{answer:?}");
    assert_eq!(of(&answer, "sns-topic-policy-untrusted"), [""; 0], "{answer:?}");
    assert_eq!(of(&answer, "sqs-queue-policy-public"), ["violation"]);
    assert_eq!(of(&answer, "secret-policy-public"), [""; 0]);
    assert_eq!(of(&answer, "secret-policy-untrusted"), ["undetermined"], "it may be the account itself");
    assert_eq!(of(&answer, "s3-bucket-policy-public"), ["undetermined"]);
    assert_eq!(of(&answer, "kms-key-policy-public"), ["undetermined"; 2], "in one of two cases: {answer:?}");
    let answer = findings(&["--account", "111122223333", file]);
    assert_eq!(of(&answer, "secret-policy-untrusted"), ["violation"]);
    let answer = findings(&["--account", "999988887777", file]);
    assert_eq!(of(&answer, "secret-policy-untrusted"), [""; 0]);
    let (_, text) = run(&["check", file]);
    assert!(text.contains("policy of the SQS queue: "), "{text}");
    assert!(text.contains("if it is deployed to account 999988887777: name the account with `--account`"), "{text}");
}

#[test]
fn resource_policies_of_a_plan_are_judged() {
    let change = |address: &str, after: Value, unknown: Value| json!({"address": address, "mode": "managed", "type": address.split('.').next(), "change": {"actions": ["create"], "after": after, "after_unknown": unknown}});
    let open =
        json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}).to_string();
    let plan = json!({"format_version": "1.2", "resource_changes": [
        change("aws_kms_key.open", json!({"policy": open}), json!({})),
        change("aws_kms_key.default", json!({"description": "by its default policy"}), json!({"arn": true})),
        change("aws_sqs_queue_policy.later", json!({}), json!({"policy": true})),
    ]});
    let file = write(&folder("check-policies-plan"), "plan.json", plan.to_string());
    let (status, found) = findings(&[file.to_str().unwrap()]);
    let results: Vec<(&str, &str)> = found.iter().map(|(_, name, result)| (name.as_str(), result.as_str())).collect();
    let later = ["sqs-queue-policy-public", "sqs-queue-policy-untrusted"].map(|name| (name, "undetermined"));
    let rotation = ("kms-key-rotation-off", "violation");
    let keys = [("kms-key-policy-public", "violation"), rotation, rotation];
    assert_eq!((status, results), (1, [&keys[..], &later[..]].concat()));
}
