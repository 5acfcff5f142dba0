//! `parapet explain`, and what a package installs beside the command.

use crate::support;
use crate::support::{authorized, folder, parapet, record, run};
use serde_json::{Value, json};
use std::fs;

fn explained(name: &str, event: &Value, args: &[&str]) -> (i32, String) {
    let file = folder(&format!("explain-{name}")).join("event.json");
    fs::write(&file, event.to_string()).unwrap();
    run(&[&["explain"], args, &[file.to_str().unwrap()]].concat())
}

#[test]
fn a_violation_is_explained_with_what_was_seen_why_and_what_would_be_done() {
    let (status, text) = explained("violation", &authorized(1, "0.0.0.0/0", 22, "al\u{1b}[31mice"), &[]);
    assert_eq!(status, 1);
    for part in [
        "AuthorizeSecurityGroupIngress at 2026-01-02T01:00:00Z in us-east-1 of account 111122223333",
        "by     arn:aws:iam::111122223333:user/al\\u{1b}[31mice",
        "Reaches the function of security-group",
        "security-group-admin-port-open (NET-01): violation, high",
        "saw    id: sg-00000000000000001",
        "         rules: direction ingress, ",
        "why    `ingress tcp 22 from 0.0.0.0/0` opens tcp 22 (SSH) to the whole IPv4 internet",
        "would  notify, with this plan; `mode: enforce` would run it",
        "aws ec2 revoke-security-group-ingress",
        "aws ec2 authorize-security-group-ingress",
        "security-group-all-traffic-open (NET-02): compliant",
        "security-group-default-has-rules (NET-05): undetermined",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn the_operator_s_mode_is_shown_though_nothing_runs() {
    let at = folder("explain-policy");
    let policy = at.join("policy.yaml");
    fs::write(
        &policy,
        "version: 1\nguardrails: { security-group-default-has-rules: { mode: off } }\ndefaults: { mode: enforce }\n",
    )
    .unwrap();
    let with = ["--policy", policy.to_str().unwrap()];
    let (_, text) = explained("enforce", &authorized(1, "0.0.0.0/0", 22, "a"), &with);
    assert!(text.contains("would  run this plan, verify, and notify"), "{text}");
    assert!(text.contains("security-group-default-has-rules off by policy"), "{text}");
    let (_, text) =
        explained("enforce-json", &authorized(1, "0.0.0.0/0", 22, "a"), &[&with[..], &["--format", "json"]].concat());
    let story: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(story["families"], json!(["security-group"]));
    assert_eq!(story["idle"][0]["why"], "off by policy");
}

#[test]
fn what_reaches_nothing_is_explained() {
    let mut failed = authorized(1, "0.0.0.0/0", 22, "a");
    failed["errorCode"] = json!("Client.UnauthorizedOperation");
    let mut reading = record(2, ("ec2.amazonaws.com", "DescribeVpcs"), "a", Value::Null, Value::Null);
    reading["readOnly"] = json!(true);
    let other = record(3, ("athena.amazonaws.com", "CreateWorkGroup"), "a", Value::Null, Value::Null);
    for (name, event, why) in [
        ("failed", failed, "the call failed (`Client.UnauthorizedOperation`): it changed nothing"),
        ("reading", reading, "the call only reads"),
        ("other", other, "no guardrail evaluates `CreateWorkGroup` of `athena.amazonaws.com`"),
    ] {
        let (status, text) = explained(name, &event, &[]);
        assert_eq!(status, 0);
        assert!(text.contains(&format!("Reaches no function: {why}")), "{text}");
    }
    assert_eq!(explained("nothing", &json!({"a": 1}), &[]).0, 2);
}

#[test]
fn completions_and_manual_pages_are_made() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (status, script) = run(&["completions", shell]);
        assert!(status == 0 && script.contains("guardrails"), "{shell}");
    }
    let (status, page) = run(&["man"]);
    assert!(status == 0 && page.contains(".TH parapet 1"));
    let at = folder("explain-man");
    assert_eq!(run(&["man", "--out", at.to_str().unwrap()]).0, 0);
    assert!(at.join("parapet-replay.1").is_file());
}

#[test]
fn a_resource_as_the_api_describes_it_is_explained_without_an_event() {
    let group = json!({"SecurityGroups": [{
        "GroupId": "sg-1", "GroupName": "web", "OwnerId": "111122223333",
        "SecurityGroupArn": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1",
        "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        "IpPermissionsEgress": [],
    }]});
    let (status, text) = explained("group", &group, &[]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("security-group-admin-port-open (NET-01): violation, high"), "{text}");
    assert!(text.contains("security-group-default-has-rules (NET-05): compliant"), "{text}");
    assert!(text.contains("plan   revoke ingress tcp 22 from 0.0.0.0/0 on sg-1"), "{text}");

    let keys = json!({"AccessKeyMetadata": [{"UserName": "ci", "AccessKeyId": "AKIAEXAMPLE", "Status": "Inactive"}]});
    let (status, text) = explained("keys", &keys, &["--format", "json"]);
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, read["guardrails"][1]["verdict"].as_str()), (0, Some("compliant")));

    let (status, _) = explained("broken-group", &json!({"SecurityGroups": [{"GroupId": "sg-1"}]}), &[]);
    assert_eq!(status, 2);
}

#[test]
fn databases_are_shown_as_their_apis_print_them() {
    let arn = |kind: &str| format!("arn:aws:rds:eu-west-1:111122223333:{kind}:orders");
    let open = json!({"DBInstances": [{"DBInstanceIdentifier": "orders", "DBInstanceArn": arn("db"),
        "PubliclyAccessible": true, "DeletionProtection": true}]});
    let (status, text) = explained("db-instance", &open, &[]);
    assert_eq!(status, 1);
    assert!(text.contains("db-instance-publicly-accessible (DB-02): violation, critical"), "{text}");
    assert!(text.contains("db-instance-deletion-protection-off (DB-03): compliant"), "{text}");
    assert!(
        text.contains("aws rds modify-db-instance --db-instance-identifier orders --no-publicly-accessible"),
        "{text}"
    );

    let cluster = json!({"DBClusters": [{"DBClusterIdentifier": "orders", "DBClusterArn": arn("cluster"),
        "DeletionProtection": true}]});
    assert_eq!(explained("db-cluster", &cluster, &[]).0, 0);
    let table = json!({"Table": {"TableName": "orders", "DeletionProtectionEnabled": false,
        "TableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}});
    assert_eq!(explained("table", &table, &[]).0, 1);
    let attribute = json!({"AttributeName": "restore", "AttributeValues": ["all"]});
    let snapshot = json!({"DBSnapshotAttributesResult":
        {"DBSnapshotIdentifier": "orders", "DBSnapshotAttributes": [attribute]}});
    let (status, text) = explained("db-snapshot", &snapshot, &[]);
    assert_eq!(status, 1);
    assert!(text.contains("--values-to-remove all"), "{text}");
    let unread = json!({"Table": {"TableName": "orders"}});
    assert_eq!(explained("table-unread", &unread, &[]).0, 2);
}

#[test]
fn no_more_is_promised_than_enforce_would_do() {
    let root = record(1, ("iam.amazonaws.com", "CreateAccessKey"), "x", Value::Null, Value::Null);
    let mut root = root;
    root["userIdentity"] =
        json!({"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"});
    root["responseElements"] = json!({"accessKey": {"accessKeyId": "AKIAEXAMPLEKEY000001", "status": "Active"}});
    let (status, text) = explained("root-key", &root, &[]);
    assert_eq!(status, 1, "{text}");
    let would: Vec<&str> = text.lines().filter(|line| line.starts_with("  would")).collect();
    assert!(would.iter().all(|line| !line.contains("`mode: enforce` would run it")), "{text}");
    assert!(would.iter().any(|line| line.contains("notify, in every mode: ")), "{text}");
}

#[test]
fn what_a_guardrail_asks_for_is_not_called_unseen() {
    let request = json!({"snapshotId": "snap-1", "attributeType": "PRODUCT_CODES"});
    let event = record(1, ("ec2.amazonaws.com", "ModifySnapshotAttribute"), "a", request, json!({"_return": true}));
    let (status, text) = explained("product-codes", &event, &[]);
    assert_eq!(status, 0);
    assert!(
        text.contains("snapshot-public evaluates `ModifySnapshotAttribute`, but not what this one changed"),
        "{text}"
    );
    assert!(
        !text.contains("image-public") && text.contains("do not evaluate `ModifySnapshotAttribute` (`--verbose`"),
        "{text}"
    );
    let (_, text) = explained("product-codes-verbose", &event, &["--verbose"]);
    assert!(text.contains("image-public does not evaluate `ModifySnapshotAttribute`"), "{text}");
    let event = record(2, ("ec2.amazonaws.com", "RebootInstances"), "a", json!({}), json!({}));
    let (_, text) = explained("reboot", &event, &[]);
    assert!(text.contains("no guardrail is triggered by `RebootInstances` of `ec2.amazonaws.com`"), "{text}");
}

#[test]
fn a_group_that_is_known_by_name_gets_a_command_with_its_name() {
    let mut event = authorized(1, "0.0.0.0/0", 22, "a");
    let range = json!({"items": [{"cidrIp": "0.0.0.0/0"}]});
    let rule = json!({"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {}, "ipRanges": range});
    event["requestParameters"] = json!({"groupName": "web servers", "ipPermissions": {"items": [rule]}});
    event["responseElements"] = json!({"_return": true});
    let (status, text) = explained("by-name", &event, &[]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("revoke-security-group-ingress --group-name 'web servers' --ip-permissions"), "{text}");
}

#[test]
fn every_wrapping_and_encoding_is_read() {
    let at = folder("explain-encodings");
    let event = authorized(1, "0.0.0.0/0", 22, "a").to_string();
    let wide = |unit: fn(u16) -> [u8; 2]| format!("\u{feff}{event}").encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let table = format!("eventJson\n\"{}\"\n", event.replace('"', "\"\""));
    for (name, bytes) in [
        ("mark", format!("\u{feff}{event}").into_bytes()),
        ("little", wide(u16::to_le_bytes)),
        ("big", wide(u16::to_be_bytes)),
        ("packed", support::gzip(&event)),
        ("table", table.into_bytes()),
        ("message", json!({"Messages": [{"Body": event}]}).to_string().into_bytes()),
    ] {
        let file = at.join(name);
        fs::write(&file, bytes).unwrap();
        let (status, text) = run(&["explain", file.to_str().unwrap()]);
        assert!(status == 1 && text.contains("security-group-admin-port-open (NET-01): violation"), "{name}: {text}");
    }
    let insight = json!({"eventType": "AwsCloudTrailInsight", "insightDetails": {"eventName": "RunInstances"}});
    let output = parapet(&["explain", "--format", "json", at.join("none").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(explained("insight", &insight, &[]).0, 2);
}
