//! `parapet check` in pipelines: forms of output, baseline, strictness, parameters, assemblies, change sets, what it covers.

use crate::support::{folder, parapet, run, write};
use serde_json::{Value, json};
use std::fs;

const TEMPLATE: &str = "Parameters:
  Net: { Type: CommaDelimitedList, Default: 10.0.0.0/8 }
  Size: { Type: String, Default: small, AllowedValues: [small, large] }
Resources:
  Open:
    Type: AWS::EC2::SecurityGroup
    Properties: { SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }] }
  Later:
    Type: AWS::EC2::SecurityGroup
    Properties: { SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Unknown }] }
  Logs: { Type: AWS::Logs::QueryDefinition }
";

const OPEN: &str = "`ingress tcp 22 from 0.0.0.0/0` opens tcp 22 (SSH) to the whole IPv4 internet";

#[test]
fn each_form_says_what_was_found_and_what_is_open() {
    let at = folder("gate-forms");
    let file = write(&at, "template.yaml", TEMPLATE);
    let file = file.to_str().unwrap();
    let of = |format: &str| run(&["check", "--format", format, file]);

    let (status, said) = of("github");
    let name = file.replace(':', "%3A");
    let line = format!("::error file={name},line=7,col=42,title=security-group-admin-port-open::Open: {OPEN}");
    assert!(status == 1 && said.lines().any(|one| one == line), "{said}");
    assert!(said.contains("::notice file=") && said.contains("::undetermined: Later: "), "{said}");
    assert!(said.lines().last().unwrap().starts_with("1 violation, "), "{said}");

    let (_, said) = of("gitlab");
    let report: Value = serde_json::from_str(&said).unwrap();
    let issues = report.as_array().unwrap();
    let open = issues.iter().find(|issue| issue["check_name"] == "security-group-admin-port-open").unwrap();
    assert_eq!((&open["severity"], &open["location"]["lines"]["begin"]), (&json!("critical"), &json!(7)));
    assert_eq!(open["description"], format!("Open: {OPEN}"));
    let fingerprints: std::collections::BTreeSet<&str> =
        issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), issues.len(), "GitLab shows one of several with the same fingerprint");

    let (_, said) = of("junit");
    assert!(said.starts_with("<?xml") && said.contains("failures=\"1\"") && said.contains("<skipped"), "{said}");
    assert!(
        said.contains("classname=\"security-group-admin-port-open\"") && said.contains("to the whole IPv4 internet")
    );
    let clean = write(&at, "clean.yaml", "Resources: { Q: { Type: AWS::EC2::SecurityGroup } }");
    let (status, said) = run(&["check", "--format", "junit", clean.to_str().unwrap()]);
    assert!(status == 0 && said.contains("tests=\"1\"") && said.contains("failures=\"0\""), "{said}");
}

#[test]
fn what_is_covered_is_said() {
    let file = write(&folder("gate-covered"), "template.yaml", TEMPLATE);
    let (_, said) = run(&["check", file.to_str().unwrap()]);
    assert!(said.lines().any(|line| line == "judged: 2 AWS::EC2::SecurityGroup"), "{said}");
    assert!(said.lines().any(|line| line == "no guardrail looks at: 1 AWS::Logs::QueryDefinition"), "{said}");
    let (status, said) = run(&["guardrails", "--lens", "planned", "--format", "json"]);
    let listed: Value = serde_json::from_str(&said).unwrap();
    let listed = listed.as_array().unwrap();
    assert!(status == 0 && listed.iter().all(|one| !one["planned"].as_array().unwrap().is_empty()));
    let of = |name: &str| listed.iter().find(|one| one["name"] == name).map(|one| one["planned"].clone());
    assert!(of("security-group-admin-port-open").unwrap().as_array().unwrap().contains(&json!("aws_security_group")));
    assert!(of("network-acl-admin-port-open").unwrap().as_array().unwrap().contains(&json!("aws_network_acl_rule")));
    assert_eq!(of("root-console-sign-in"), None);
    let (_, said) = run(&["guardrails", "--lens", "planned", "--family", "network"]);
    assert!(said.contains("AWS::EC2::NetworkAclEntry") && !said.contains("flow-log-deleted"), "{said}");
}

#[test]
fn strict_fails_what_is_undetermined() {
    let at = folder("gate-strict");
    let open = TEMPLATE.replace("0.0.0.0/0", "10.0.0.0/8");
    let file = write(&at, "template.yaml", open);
    assert_eq!(run(&["check", file.to_str().unwrap()]).0, 0);
    assert_eq!(run(&["check", "--strict", file.to_str().unwrap()]).0, 1);
    let clean = write(&at, "clean.yaml", "Resources: { Q: { Type: AWS::EC2::SecurityGroup } }");
    assert_eq!(run(&["check", "--strict", clean.to_str().unwrap()]).0, 0);
}

#[test]
fn a_baseline_lets_pass_what_was_there_and_nothing_else() {
    let at = folder("gate-baseline");
    let file = write(&at, "template.yaml", TEMPLATE);
    let (file, baseline) = (file.to_str().unwrap(), at.join("baseline.json"));
    let baseline = baseline.to_str().unwrap();
    assert_eq!(run(&["check", "--write-baseline", baseline, file]).0, 0);
    let (status, said) = run(&["check", "--baseline", baseline, file]);
    assert!(status == 0 && said.contains("0 violations, ") && said.contains(", 1 in the baseline; "), "{said}");
    assert!(said.contains(": baseline security-group-admin-port-open: "), "{said}");
    // It moved, and another one came.
    let more = TEMPLATE.replace(
        "Resources:\n",
        "Resources:\n  New:\n    Type: AWS::EC2::SecurityGroup\n    Properties: \
        { SecurityGroupIngress: { IpProtocol: '-1', CidrIp: 0.0.0.0/0 } }\n",
    );
    fs::write(file, more).unwrap();
    let (status, said) = run(&["check", "--baseline", baseline, "--format", "json", file]);
    let answer: Value = serde_json::from_str(&said).unwrap();
    let results = |word: &str| {
        let all = answer["findings"].as_array().unwrap().iter();
        all.filter(|one| one["result"] == word)
            .map(|one| one["resource"].as_str().unwrap().to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(
        (status, results("baseline"), results("violation")),
        (1, ["Open".to_owned()].into(), ["New".to_owned()].into())
    );
    let (_, said) = run(&["check", "--baseline", baseline, "--format", "sarif", file]);
    assert!(said.contains("in the baseline"), "{said}");
    // What was mended stands there no longer.
    fs::write(file, TEMPLATE.replace("0.0.0.0/0", "10.0.0.0/8")).unwrap();
    let (status, said) = run(&["check", "--baseline", baseline, file]);
    assert!(status == 0 && said.contains("0 in the baseline (1 more of it is gone: write it again)"), "{said}");
    let output = parapet(&["check", "--baseline", file, file]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot understand the baseline"));
}

#[test]
fn a_parameter_that_is_not_there_or_not_allowed_is_an_error() {
    let file = write(&folder("gate-parameters"), "template.yaml", TEMPLATE);
    let check = |parameter: &str| {
        let output = parapet(&["check", "--parameter", parameter, file.to_str().unwrap()]);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (status, said) = check("Nett=10.0.0.0/8");
    assert!(
        status == Some(2) && said.contains("no template has a parameter `Nett`: there are `Net`, `Size`"),
        "{said}"
    );
    let (status, said) = check("Size=huge");
    assert!(
        status == Some(2) && said.contains("parameter `Size` cannot be `huge`: the template allows `small`, `large`"),
        "{said}"
    );
    assert_eq!(check("Size=large").0, Some(1));
}

#[test]
fn loops_over_known_lists_are_judged() {
    let text = "Transform: AWS::LanguageExtensions
Parameters: { Ports: { Type: CommaDelimitedList, Default: '443, 22' } }
Resources:
  Fn::ForEach::Groups:
    - Port
    - !Ref Ports
    - Group${Port}:
        Type: AWS::EC2::SecurityGroup
        Properties: { SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 0.0.0.0/0 }] }
";
    let file = write(&folder("gate-loops"), "template.yaml", text);
    let (status, said) = run(&["check", file.to_str().unwrap()]);
    assert!(status == 1 && said.contains("Group22 (AWS::EC2::SecurityGroup)") && !said.contains("Group443"), "{said}");
    assert!(said.ends_with("1 violation, 0 undetermined, 0 exempt; 2 resources judged\n"), "{said}");
    let (status, said) = run(&["check", "--parameter", "Ports=443,80", file.to_str().unwrap()]);
    assert!(status == 0, "{said}");
}

#[test]
fn an_assembly_of_cdk_is_checked_for_its_accounts() {
    let at = folder("gate-cdk");
    let stack = |environment: &str, file: &str| json!({"type": "aws:cloudformation:stack", "environment": environment, "properties": {"templateFile": file}});
    let topic = |account: &str| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
            "Action": "sns:Publish", "Resource": "*"});
        let properties = json!({"Topics": [], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}});
        json!({"Resources": {"Policy": {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}}}).to_string()
    };
    let manifest = json!({"version": "36.0.0", "artifacts": {
        "Net": stack("aws://111122223333/eu-central-1", "Net.template.json"),
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
        "Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}}});
    write(&at, "manifest.json", manifest.to_string());
    write(&at, "Net.template.json", topic("111122223333"));
    write(
        &at,
        "assembly-Stage/manifest.json",
        json!({"artifacts": {"App": stack("aws://unknown-account/unknown-region", "App.template.json")}}).to_string(),
    );
    write(&at, "assembly-Stage/App.template.json", topic("444455556666"));
    write(&at, "NetNested.nested.template.json", TEMPLATE);
    let (status, said) = run(&["check", "--format", "json", at.to_str().unwrap()]);
    let answer: Value = serde_json::from_str(&said).unwrap();
    let said_of = |file: &str, guardrail: &str| {
        let all = answer["findings"].as_array().unwrap().iter();
        let of_it = all.filter(|one| one["file"].as_str().unwrap().ends_with(file) && one["guardrail"] == guardrail);
        of_it.map(|one| one["result"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(status, 1);
    // The topic's account is the stack's own, or is not said.
    assert_eq!(said_of("/Net.template.json", "sns-topic-policy-untrusted"), Vec::<String>::new());
    assert_eq!(said_of("/App.template.json", "sns-topic-policy-untrusted"), ["undetermined"]);
    assert_eq!(said_of("/NetNested.nested.template.json", "security-group-admin-port-open")[0], "violation");
    let output = parapet(&["check", at.join("assembly-Stage").parent().unwrap().parent().unwrap().to_str().unwrap()]);
    assert!(
        output.status.code() == Some(2) && String::from_utf8_lossy(&output.stderr).contains("without `manifest.json`")
    );
}

#[test]
fn a_change_set_says_what_is_judged() {
    let at = folder("gate-change-set");
    let template = TEMPLATE.replace("!Ref Unknown", "!Select [0, !Ref Net]");
    let file = write(&at, "template.yaml", template);
    let change = |name: &str, action: &str| json!({"Type": "Resource", "ResourceChange": {"Action": action, "LogicalResourceId": name, "ResourceType": "T"}});
    let changes = |changes: Value| {
        let set = json!({"StackId": "arn:aws:cloudformation:eu-central-1:111122223333:stack/s/1", "Changes": changes,
            "Parameters": [{"ParameterKey": "Net", "ParameterValue": "0.0.0.0/0,10.0.0.0/8"}]});
        let path = write(&at, "changes.json", set.to_string());
        run(&["check", "--change-set", path.to_str().unwrap(), file.to_str().unwrap()])
    };
    let (status, said) = changes(json!([change("Logs", "Modify")]));
    assert!(status == 0 && said.contains("0 resources judged"), "{said}");
    let (status, said) = changes(json!([change("Later", "Modify"), change("Open", "Remove")]));
    assert!(status == 1 && said.contains("Later (AWS::EC2::SecurityGroup)") && !said.contains("Open (AWS"), "{said}");
    let (_, said) = changes(json!([change("Elsewhere", "Add")]));
    assert!(
        said.contains("undetermined the change set changes `Elsewhere`, which this template does not have"),
        "{said}"
    );
    let path =
        write(&at, "failed.json", json!({"Changes": [], "Status": "FAILED", "StatusReason": "no changes"}).to_string());
    let output = parapet(&["check", "--change-set", path.to_str().unwrap(), file.to_str().unwrap()]);
    assert!(
        output.status.code() == Some(2) && String::from_utf8_lossy(&output.stderr).contains("it failed: no changes")
    );
    let path = write(&at, "part.json", json!({"Changes": [], "NextToken": "x"}).to_string());
    let output = parapet(&["check", "--change-set", path.to_str().unwrap(), file.to_str().unwrap()]);
    assert!(output.status.code() == Some(2) && String::from_utf8_lossy(&output.stderr).contains("NextToken"));
}

#[test]
fn what_a_plan_leaves_as_it_is_is_judged_with_all_only() {
    let rule = json!([{"cidr_blocks": ["0.0.0.0/0"], "from_port": 22, "to_port": 22, "protocol": "tcp"}]);
    let change = |name: &str, action: &str| {
        json!({"address": format!("aws_security_group.{name}"), "mode": "managed", "type": "aws_security_group",
            "change": {"actions": [action], "after": {"ingress": rule}, "after_unknown": {}}})
    };
    let plan = json!({"format_version": "1.2", "resource_changes": [change("old", "no-op"), change("new", "update")]});
    let file = write(&folder("gate-no-op"), "plan.json", format!("{plan:#}"));
    let (status, said) = run(&["check", file.to_str().unwrap()]);
    assert!(
        status == 1 && said.contains("aws_security_group.new") && !said.contains("aws_security_group.old"),
        "{said}"
    );
    let (_, said) = run(&["check", "--all", file.to_str().unwrap()]);
    assert!(said.contains("aws_security_group.old") && said.contains("2 violations"), "{said}");
}
