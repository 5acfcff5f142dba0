//! Agreement with templates and plans that other tools' rule tests label.
//!
//! They do not belong to the repository: they are looked for in `../shared/cases/check` beside it, or in `cases/check` under what `PARAPET_SHARED` names. Where they
//! are absent the test says so. A label that is answered in another way stands in `docs/gate-answers.md` by its number, with the reason.

use crate::support::run;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn cases() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("PARAPET_SHARED").map_or_else(beside, PathBuf::from);
    Some(shared.join("cases/check")).filter(|folder| folder.join("index.jsonl").exists())
}

/// The guardrails that ask what a label asks; none where there is none. The second list is of those whose violation is one of the label, too, and whose
/// silence is not asked for.
fn asking(hint: &str) -> (Vec<&'static str>, Vec<&'static str>) {
    const ADMIN: [&str; 3] =
        ["attached-policy-grants-admin", "inline-policy-grants-admin", "managed-policy-grants-admin"];
    const ESCALATION: [&str; 3] =
        ["attached-policy-grants-escalation", "inline-policy-grants-escalation", "managed-policy-grants-escalation"];
    let one = |name| (vec![name], Vec::new());
    let policy = |public, untrusted| (vec![public], vec![untrusted]);
    match hint {
        "access-key-not-allowed" | "root-access-key-created" => one("access-key-not-allowed"),
        "attached-policy-grants-admin" | "policy-grants-admin" => (ADMIN.to_vec(), ESCALATION.to_vec()),
        "db-instance-deletion-protection-off" => one("db-instance-deletion-protection-off"),
        "db-instance-publicly-accessible" => one("db-instance-publicly-accessible"),
        "db-snapshot-public" => policy("db-snapshot-public", "db-snapshot-shared-with-untrusted"),
        "image-shared-with-untrusted" => policy("image-public", "image-shared-with-untrusted"),
        "instance-metadata-v1-allowed" => one("instance-metadata-v1-allowed"),
        "load-balancer-deletion-protection-off" => one("load-balancer-deletion-protection-off"),
        "network-acl-admin-port-open" => one("network-acl-admin-port-open"),
        "policy-grants-escalation" => ([ADMIN, ESCALATION].concat(), Vec::new()),
        "role-trust-open" => one("role-trust-open"),
        "security-group-default-has-rules" => one("security-group-default-has-rules"),
        "security-group-open" => (
            vec!["security-group-admin-port-open", "security-group-all-traffic-open", "security-group-near-world-open"],
            Vec::new(),
        ),
        "soon-ecr-policy-open" => policy("ecr-repository-policy-public", "ecr-repository-policy-untrusted"),
        "soon-kms-policy-open" => policy("kms-key-policy-public", "kms-key-policy-untrusted"),
        "soon-kms-rotation-off" => one("kms-key-rotation-off"),
        "soon-lambda-permission-open" => policy("lambda-function-policy-public", "lambda-function-policy-untrusted"),
        "soon-s3-policy-public" => policy("s3-bucket-policy-public", "s3-bucket-policy-untrusted"),
        "soon-s3-public-access-block" => one("s3-bucket-public-access-block-weakened"),
        "soon-s3-public-acl" => one("s3-bucket-acl-public"),
        "soon-s3-tls" => one("s3-bucket-tls-not-required"),
        "soon-secret-policy-open" => policy("secret-policy-public", "secret-policy-untrusted"),
        "soon-sns-policy-open" => policy("sns-topic-policy-public", "sns-topic-policy-untrusted"),
        "soon-sqs-policy-open" => policy("sqs-queue-policy-public", "sqs-queue-policy-untrusted"),
        "subnet-assigns-public-address" => one("subnet-assigns-public-address"),
        "transit-gateway-accepts-by-itself" => one("transit-gateway-accepts-by-itself"),
        _ => (Vec::new(), Vec::new()),
    }
}

/// The numbers that the page argues about: `0164`.
fn argued() -> BTreeSet<String> {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gate-answers.md")).unwrap();
    let words = page.split(|c: char| !c.is_ascii_digit());
    words.filter(|word| word.len() == 4 && word.starts_with('0')).map(str::to_owned).collect()
}

#[test]
fn labels_agree_or_are_argued_about() {
    let Some(folder) = cases() else {
        println!("the labelled templates and plans are absent: nothing was compared");
        assert!(argued().len() > 20, "the page is read");
        return;
    };
    let (argued, mut differing, mut asked) = (argued(), BTreeMap::new(), 0);
    let mut checked: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in std::fs::read_to_string(folder.join("index.jsonl")).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (guardrails, more) = asking(case["guardrail_hint"].as_str().unwrap());
        if guardrails.is_empty() || case["opinion"] == true || case["disputed"].is_string() {
            continue;
        }
        let file = case["file"].as_str().unwrap().to_owned();
        let findings = checked.entry(file.clone()).or_insert_with(|| {
            let path = folder.join(&file);
            let (_, text) = run(&["check", "--format", "json", "--account", "123456789012", path.to_str().unwrap()]);
            serde_json::from_str::<Value>(&text).unwrap()["findings"].as_array().unwrap().clone()
        });
        let is_violation = |finding: &&Value| finding["result"] == "violation";
        let of = |names: &[&str], finding: &Value| names.iter().any(|name| finding["guardrail"] == *name);
        let expected = case["expected"] == "violation";
        // What a label says of a bucket is found at its policy, and what it says of a rule at its group.
        let subject = case["subject"].as_str().unwrap_or_default().to_lowercase();
        let is_elsewhere = ["bucket", "rule", "ingress", "egress"].iter().any(|part| subject.contains(part));
        let is_about = |finding: &Value| case["resource"].is_null() || finding["resource"] == case["resource"];
        let found = findings.iter().filter(is_violation).any(|finding| match expected {
            true => (of(&guardrails, finding) || of(&more, finding)) && (is_about(finding) || is_elsewhere),
            false => of(&guardrails, finding) && is_about(finding),
        });
        asked += 1;
        if found != expected {
            differing.insert(case["id"].as_str().unwrap().to_owned(), case.clone());
        }
    }
    let new: Vec<_> = differing.iter().filter(|(id, _)| !argued.contains(*id)).map(|(_, case)| case).collect();
    assert!(new.is_empty(), "neither as labelled nor argued about in docs/gate-answers.md: {new:#?}");
    let settled: Vec<_> = argued.iter().filter(|id| !differing.contains_key(*id)).collect();
    assert!(settled.is_empty(), "argued about and as labelled: {settled:?}");
    assert!(asked > 250, "{asked}");
    println!("{} of {asked} labels agree", asked - differing.len());
}
