//! `parapet analyze` as an operator calls it: lines in, lines out, an exit status.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn analyze(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_parapet"))
        .arg("analyze")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may answer without reading to the end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn answers(output: &Output) -> Vec<Value> {
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn one(line: &Value) -> (Value, Option<i32>) {
    let output = analyze(&[], &line.to_string());
    (answers(&output).remove(0), output.status.code())
}

fn bucket(principal: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "S", "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
    ]})
}

#[test]
fn the_answer_has_the_fields_of_the_interface_in_their_order() {
    let line =
        json!({"id": "b1", "kind": "resource", "policy": bucket(json!("*")), "account": "111122223333", "trusted": []});
    let output = analyze(&["-"], &line.to_string());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with(
            r#"{"id":"b1","access":"public","admin":false,"escalations":[],"reasons":["Statement[0] (`S`) grants"#
        ),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_document_may_be_an_object_a_text_or_a_list() {
    let own = bucket(json!({"AWS": "111122223333"}));
    for policy in [own.clone(), json!(own.to_string()), json!([own, own.to_string()])] {
        let (answer, status) = one(&json!({"id": 1, "kind": "resource", "policy": policy, "account": "111122223333"}));
        assert_eq!((answer["access"].as_str(), status), (Some("internal"), Some(0)));
    }
    let open = bucket(json!("*"));
    let (answer, _) = one(&json!({"id": 1, "kind": "resource", "policy": [own, open], "account": "111122223333"}));
    assert_eq!(answer["access"], "public");
}

#[test]
fn every_kind_of_trust_is_read() {
    let condition = |operator: &str, key: &str, value: &str| {
        let mut policy = bucket(json!("*"));
        policy["Statement"][0]["Condition"] = json!({operator: {key: value}});
        policy
    };
    for (name, trusted, policy) in [
        ("trusted", "999988887777", bucket(json!({"AWS": "999988887777"}))),
        ("trusted_orgs", "o-a", condition("StringEquals", "aws:PrincipalOrgID", "o-a")),
        (
            "trusted_orgs",
            "o-a/r-1/ou-1",
            condition("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/r-1/ou-1/*"),
        ),
        ("trusted_vpcs", "vpc-1", condition("StringEquals", "aws:SourceVpc", "vpc-1")),
        ("trusted_vpces", "vpce-1", condition("StringEquals", "aws:SourceVpce", "vpce-1")),
        ("trusted_networks", "203.0.113.0/24", condition("IpAddress", "aws:SourceIp", "203.0.113.9")),
    ] {
        let mut line = json!({"id": name, "kind": "resource", "policy": policy, "account": "111122223333"});
        line[name] = json!([trusted]);
        assert_eq!(one(&line).0["access"], "internal", "{name}");
        line[name] = json!(["192.0.2.1"]);
        assert_eq!(one(&line).0["access"], "external", "{name}");
    }
}

#[test]
fn a_trust_policy_and_an_identity_policy() {
    let role = json!({"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let (answer, _) = one(&json!({"id": 1, "kind": "trust", "policy": role, "account": "111122223333"}));
    assert_eq!(answer["access"], "internal");

    let part = |action: &str| json!({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
    let together = json!([part("iam:PassRole"), part("ec2:RunInstances")]);
    let (answer, status) = one(&json!({"id": 1, "kind": "identity", "policy": together}));
    assert_eq!(answer["escalations"], json!(["iam:PassRole + ec2:RunInstances"]));
    assert_eq!((answer["access"].as_str(), status), (Some("internal"), Some(1)));

    let (answer, _) = one(&json!({"id": 1, "kind": "identity", "policy": part("*"), "boundary": part("s3:*")}));
    assert_eq!((&answer["admin"], &answer["escalations"]), (&json!(false), &json!([])));
    let (answer, _) = one(&json!({"id": 1, "kind": "identity", "policy": part("*")}));
    assert_eq!(answer["admin"], true);
}

#[test]
fn a_bad_line_is_answered_with_its_number_and_stops_nothing() {
    let good = json!({"id": "last", "kind": "resource", "policy": bucket(json!({"AWS": "111122223333"})), "account": "111122223333"});
    let bad = [
        "{",
        "[]",
        r#"{"id": "no kind", "policy": {}}"#,
        r#"{"id": "other kind", "kind": "bucket", "policy": {}}"#,
        r#"{"id": "no policy", "kind": "trust"}"#,
        r#"{"id": "network", "kind": "trust", "policy": {}, "trusted_networks": ["everywhere"]}"#,
        r#"{"id": "trusted", "kind": "trust", "policy": {}, "trusted": [{}]}"#,
        r#"{"id": "twice", "kind": "trust", "policy": {"Statement": [{"Effect": "Deny", "Effect": "Allow"}]}}"#,
    ];
    let input = format!("\n{}\n\n{good}\n", bad.join("\n"));
    let output = analyze(&[], &input);
    let answers = answers(&output);
    assert_eq!(answers.len(), bad.len() + 1);
    for (number, answer) in answers.iter().take(bad.len()).enumerate() {
        assert_eq!(answer["access"], "undetermined");
        let line = format!("line {}: ", number + 2);
        assert!(answer["reasons"][0].as_str().unwrap().starts_with(&line), "{answer}");
    }
    assert_eq!(answers[2]["id"], "no kind");
    assert_eq!(answers[bad.len()]["access"], "internal");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), bad.len());
}

#[test]
fn bytes_that_are_no_text_are_a_bad_line_too() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_parapet"))
        .arg("analyze")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"\xff\xfe\n{\"id\":2,\"kind\":\"trust\",\"policy\":\"\"}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(answers(&output).len(), 2);
}

#[test]
fn a_document_that_cannot_be_read_is_undetermined_with_the_place() {
    let policy = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*",
        "Condition": {"StringEqualz": {"aws:PrincipalOrgID": "o-a"}}}]});
    let (answer, status) = one(&json!({"id": 1, "kind": "resource", "policy": policy, "account": "111122223333"}));
    assert_eq!((answer["access"].as_str(), status), (Some("undetermined"), Some(1)));
    assert!(answer["reasons"][0].as_str().unwrap().contains("`Statement[0].Condition.StringEqualz`"));
}

#[test]
fn a_file_is_read_and_a_missing_one_is_not() {
    let path = std::env::temp_dir().join(format!("parapet-analyze-{}.jsonl", std::process::id()));
    let line = json!({"id": 1, "kind": "resource", "policy": bucket(json!("*")), "account": "111122223333"});
    std::fs::write(&path, line.to_string()).unwrap();
    let output = analyze(&[path.to_str().unwrap()], "");
    assert_eq!(answers(&output)[0]["access"], "public");
    std::fs::remove_file(&path).unwrap();
    let output = analyze(&[path.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("parapet: cannot read `"));
    let nothing = analyze(&[], "");
    assert_eq!(nothing.status.code(), Some(2), "nothing was analysed");
    assert!(nothing.stdout.is_empty());
    let said = String::from_utf8(nothing.stderr).unwrap();
    assert!(said.starts_with("parapet: standard input holds no document"), "{said}");
}
