//! Agreement with labelled documents of other tools, through `parapet analyze`.
//!
//! The corpora do not belong to the repository. They are looked for in `../shared/corpora` beside it, or where
//! `PARAPET_CORPORA` says. Without them the test says so and judges the cases of its own, so that it never passes
//! without having judged anything.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use iam_policy::{Document, has_full_access};
use serde_json::{Value, json};

fn corpora() -> Option<PathBuf> {
    let place = match std::env::var_os("PARAPET_CORPORA") {
        Some(place) => PathBuf::from(place),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"),
    };
    place.join("policies_public.jsonl").exists().then_some(place)
}

fn rows(place: &std::path::Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(place.join(name)).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.filter(|row| row["kind"] != "sg_rule").collect()
}

/// The line of `parapet analyze` for a row of a corpus.
fn line(row: &Value) -> Value {
    let (input, kind) = (&row["input"], row["kind"].as_str().unwrap());
    let trusted = &input["trusted"];
    let list = |name: &str| trusted[name].as_array().cloned().unwrap_or_default();
    let organizations = [list("orgs"), list("org_units")].concat();
    json!({
        "id": row["id"],
        "kind": if kind.starts_with("identity") { "identity" } else if kind == "trust_policy" { "trust" } else { "resource" },
        "policy": input["policy"],
        "account": input["owner_account"],
        "trusted": list("accounts"),
        "trusted_orgs": organizations,
        "trusted_vpcs": list("vpcs"),
        "trusted_vpces": list("vpces"),
        "trusted_networks": list("ips"),
    })
}

fn analyze(rows: &[Value]) -> Vec<Value> {
    let input: String = rows.iter().map(|row| line(row).to_string() + "\n").collect();
    let mut child = Command::new(env!("CARGO_BIN_EXE_parapet"))
        .arg("analyze")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Whether the answer is the wanted one, and whether an open document was called closed.
fn judge(row: &Value, answer: &Value) -> (bool, bool) {
    let expected = &row["expected"];
    let access = answer["access"].as_str().unwrap();
    let is_open = matches!(access, "public" | "external" | "undetermined");
    if expected["grade"] == "invalid" {
        return (is_open, !is_open);
    }
    let question = expected["question"].as_str().unwrap();
    if question == "public_and_external" {
        let (public, external) = (expected["public"] == true, &expected["external"]);
        let fits =
            public == (access == "public") && (public || external.is_null() || *external == (access == "external"));
        return (fits, public && !is_open);
    }
    let wanted = expected["adjudicated"] == true;
    let reasons = answer["reasons"].to_string();
    let found = match question {
        "public" | "public_write" => access == "public",
        "public_or_cross_account" | "cross_account" | "public_or_untrusted_ip" => {
            matches!(access, "public" | "external")
        }
        "confused_deputy" => reasons.contains("confused deputy"),
        "privilege_escalation" => answer["escalations"] != json!([]),
        "admin" => answer["admin"] == true,
        "assume_any_role" => answer["escalations"].to_string().contains("sts:AssumeRole"),
        "full_service_access" => {
            let documents = [Document::from_value(&row["input"]["policy"])];
            has_full_access(&documents, None, row["input"]["service"].as_str().unwrap())
        }
        other => panic!("a question that is not known: {other}"),
    };
    let is_about_reach = question.contains("public") || question.contains("cross_account");
    (found == wanted && access != "undetermined", is_about_reach && wanted && !is_open)
}

#[test]
fn labelled_documents_are_judged_as_labelled() {
    let Some(place) = corpora() else {
        println!("the corpora are absent: only the cases of this test were judged (see `own_cases`)");
        own_cases();
        return;
    };
    let (mut right, mut all) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    let (mut wrong, mut missed) = (Vec::new(), Vec::new());
    for name in ["policies_public.jsonl", "derived_semantics.jsonl", "policies_priv.jsonl"] {
        let rows = rows(&place, name);
        let answers = analyze(&rows);
        assert_eq!(rows.len(), answers.len());
        for (row, answer) in rows.iter().zip(&answers) {
            let grade = row["expected"]["grade"].as_str().unwrap();
            if grade == "info" {
                continue;
            }
            let (fits, is_missed) = judge(row, answer);
            let key = format!("{name} {grade}");
            *all.entry(key.clone()).or_default() += 1;
            *right.entry(key).or_default() += usize::from(fits || grade == "soft");
            let report = format!("{} {grade}: {answer}", row["id"]);
            if !fits && grade != "soft" {
                wrong.push(report.clone());
            }
            if is_missed && grade != "soft" {
                missed.push(report);
            }
        }
    }
    let of = |grade: &str, counts: &BTreeMap<String, usize>| -> usize {
        counts.iter().filter(|(key, _)| key.ends_with(grade)).map(|(_, count)| count).sum()
    };
    for (key, count) in &all {
        println!("{:>4} of {count:>4} {key}", right[key]);
    }
    println!("{}", wrong.join("\n"));
    assert!(missed.is_empty(), "open documents called closed:\n{}", missed.join("\n"));
    assert_eq!(of("invalid", &right), of("invalid", &all), "invalid documents called closed");
    for grade in ["hard", "disputed", "method-list"] {
        let (right, all) = (of(grade, &right), of(grade, &all));
        assert!(all > 0 && right * 100 >= all * 98, "{grade}: {right} of {all}\n{}", wrong.join("\n"));
    }
}

/// One document of each question, written for this test.
#[test]
fn own_cases() {
    let grant = |principal: Value, condition: Value| json!({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*", "Condition": condition}});
    let hold = |action: Value| json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    let cases = [
        ("resource_policy", grant(json!("*"), json!({})), "public", json!(true)),
        ("resource_policy", grant(json!({"AWS": "999988887777"}), json!({})), "public", json!(false)),
        ("resource_policy", grant(json!({"AWS": "999988887777"}), json!({})), "cross_account", json!(true)),
        (
            "resource_policy",
            grant(json!("*"), json!({"StringEquals": {"aws:SourceAccount": "111122223333"}})),
            "public_or_cross_account",
            json!(false),
        ),
        (
            "resource_policy",
            grant(json!("*"), json!({"IpAddress": {"aws:SourceIp": "198.51.100.1"}})),
            "public_or_untrusted_ip",
            json!(true),
        ),
        ("resource_policy", grant(json!({"Service": "sns.amazonaws.com"}), json!({})), "confused_deputy", json!(true)),
        ("identity_policy", hold(json!("*")), "admin", json!(true)),
        ("identity_policy", hold(json!("s3:*")), "admin", json!(false)),
        ("identity_policy", hold(json!("iam:PutRolePolicy")), "privilege_escalation", json!(true)),
        ("identity_policy", hold(json!("sts:*")), "assume_any_role", json!(true)),
    ];
    let rows: Vec<Value> = cases
        .into_iter()
        .map(|(kind, policy, question, wanted)| {
            json!({"id": question, "kind": kind, "input": {"policy": policy, "owner_account": "111122223333"},
                   "expected": {"question": question, "adjudicated": wanted, "grade": "hard"}})
        })
        .collect();
    let answers = analyze(&rows);
    assert_eq!(answers.len(), rows.len());
    for (row, answer) in rows.iter().zip(&answers) {
        assert_eq!(judge(row, answer), (true, false), "{row}\n{answer}");
    }
}
