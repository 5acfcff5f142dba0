//! Recorded attacks by policies, and every listed privilege escalation path, that were written outside this project.
//!
//! They are not part of the repository. They are looked for in `PARAPET_CORPORA`, else in `../shared/corpora` beside the
//! repository; where they are not, the tests say so and still hold the few that stand here.

use crate::world::{Watch, World, now};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::finding::Outcome;
use shared::engine::holder::Beside;
use shared::engine::observed::Observed;
use shared::engine::pipeline::{Rules, RunContext, handle};
use shared::engine::verdict::VerdictKind;
use shared::policy::{Mode, Policy};
use shared::resources::by_record::Judge;
use shared::resources::iam::inline_policy::InlinePolicies;
use shared::resources::iam::inline_policy::state::Inline;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

fn corpora() -> Option<PathBuf> {
    let named = std::env::var_os("PARAPET_CORPORA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"));
    let is_there = folder.is_dir();
    if !is_there {
        println!("no corpora in {}: only the set of this file was held", folder.display());
    }
    is_there.then_some(folder)
}

/// The records of all three sets, each with the name that its set gives it.
fn records(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder.join("cloudtrail")).unwrap().map(|entry| entry.unwrap().path()) {
        let mut text = String::new();
        flate2::read::GzDecoder::new(std::fs::File::open(&file).unwrap()).read_to_string(&mut text).unwrap();
        let log: Value = serde_json::from_str(&text).unwrap();
        let named = |record: &Value| (record["eventID"].as_str().unwrap().to_owned(), record.clone());
        found.extend(log["Records"].as_array().unwrap().iter().map(named));
    }
    for file in ["cloudtrail_stratus.jsonl", "cloudtrail_panther.jsonl"] {
        for row in std::fs::read_to_string(folder.join(file)).unwrap().lines() {
            let row: Value = serde_json::from_str(row).unwrap();
            found.push((row["id"].as_str().unwrap().to_owned(), row["input"]["event"].clone()));
        }
    }
    found
}

/// The guardrails of the function `iam-policy` that the record alone makes object.
fn objections(record: &Value) -> BTreeSet<&'static str> {
    let Ok(event) = Event::from_record(record) else { return BTreeSet::new() };
    let judge = Judge::new(Rules::default(), Timestamp::UNIX_EPOCH);
    let findings = judge.by_record("iam-policy", &event).unwrap();
    findings
        .iter()
        .filter(|finding| finding.verdict == VerdictKind::Violation)
        .map(|finding| finding.guardrail.name)
        .collect()
}

/// Attaching `AdministratorAccess` is what the sets' descriptions name; the other product's label of each agrees, but for
/// two rule tests in which the same call is the harmless example of a rule about something else.
const ATTACKS: &[(&str, &str)] = &[
    ("stratus/aws.persistence.iam-create-backdoor-role/000", "attached-policy-grants-admin"),
    ("panther/AWS.IAM.AttachAdminUserPolicy/00", "attached-policy-grants-admin"),
    ("panther/AWS.IAM.CreateRole/01", "attached-policy-grants-admin"),
    ("panther/AWS.IAM.CreateUser/01", "attached-policy-grants-admin"),
];

#[test]
fn recorded_attacks_are_objected_to_and_ordinary_records_are_not() {
    let Some(folder) = corpora() else { return };
    let mut looked_at = 0;
    for (name, record) in records(&folder) {
        let expected: BTreeSet<&str> =
            ATTACKS.iter().filter(|(attack, _)| *attack == name).map(|(_, by)| *by).collect();
        let found = objections(&record);
        assert_eq!(found, expected, "{name}");
        let is_ours =
            |event: &str| ["Attach", "Put", "Delete", "CreatePolicy"].iter().any(|verb| event.starts_with(verb));
        let is_of_iam = record["eventSource"] == "iam.amazonaws.com" && record["readOnly"] != true;
        looked_at += usize::from(is_of_iam && record["eventName"].as_str().is_some_and(is_ours));
    }
    println!("{looked_at} records of IAM that attach, write or make something");
    assert!(looked_at > 15);
}

/// Writes a policy with these actions for a user, with everything enforced: how it ends, and the severity.
fn written(actions: &[&str]) -> (Outcome, String, String) {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let record = json!({
        "eventID": "e", "eventSource": "iam.amazonaws.com", "eventName": "PutUserPolicy", "eventTime": "2026-01-01T00:00:00Z",
        "awsRegion": "us-east-1", "recipientAccountId": "111122223333", "userIdentity": {"type": "Root"},
        "requestParameters": {"userName": "eve", "policyName": "p", "policyDocument": document},
    });
    let event = Event::from_record(&record).unwrap();
    let settings = "version: 1\nguardrails: {inline-policy-grants-escalation: {settings: {ways: existing}}}\n";
    let rules = Rules { policy: Policy::parse(settings).unwrap(), fallback: Mode::Enforce, ..Rules::default() };
    let family = InlinePolicies;
    let written = shared::engine::family::Family::locate(&family, &event).unwrap().remove(0).proven.unwrap();
    let live = Inline { beside: Observed::Known(Beside::default()), ..written };
    let world = World::<InlinePolicies>::new(Observed::Known(live));
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let findings = now(handle(&family, context, &event)).findings;
    let worst = findings.iter().max_by_key(|finding| finding.severity).unwrap();
    (worst.outcome, worst.severity.word().to_owned(), worst.reasons.join("; "))
}

/// Every way that Prowler, pathfinding.cloud, Cloudsplaining or Parliament list, written into a user.
#[test]
fn every_listed_way_is_closed() {
    let mut ways: Vec<Vec<String>> = vec![
        vec!["iam:CreatePolicyVersion".to_owned()],
        vec!["iam:PassRole".to_owned(), "lambda:CreateFunction".to_owned(), "lambda:InvokeFunction".to_owned()],
        vec!["ssm:SendCommand".to_owned()],
    ];
    if let Some(folder) = corpora() {
        let listed: Vec<Value> =
            serde_json::from_str(&std::fs::read_to_string(folder.join("privesc_methods.json")).unwrap()).unwrap();
        ways.extend(listed.iter().map(|way| serde_json::from_value(way["required"].clone()).unwrap()));
        assert!(ways.len() > 100);
    }
    for way in &ways {
        let actions: Vec<&str> = way.iter().map(String::as_str).collect();
        let (outcome, severity, reasons) = written(&actions);
        assert_eq!((outcome, severity.as_str()), (Outcome::Remediated, "high"), "{actions:?}: {reasons}");
    }
    println!("{} ways written and closed", ways.len());
}
