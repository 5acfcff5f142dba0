//! Sign-ins, root and role trust against the verdicts of another product's rule tests (panther-analysis). Rows of the same
//! question must agree, or stand in `docs/identity-answers.md` with the reason. Passes without the recordings.

use jiff::Timestamp;
use serde_json::Value;
use shared::engine::event::Event;
use shared::engine::pipeline::Rules;
use shared::engine::verdict::VerdictKind;
use shared::resources::by_record::Judge;
use std::path::{Path, PathBuf};

/// The other product's rule, the function and the guardrail that asks the same.
const SAME: &[(&str, &str, &str)] = &[
    ("AWS.Console.LoginWithoutMFA", "sign-in", "console-sign-in-without-mfa"),
    ("AWS.Console.RootLogin", "sign-in", "root-console-sign-in"),
    // A sign-in of root counts as activity there; here it is notified by its own guardrail.
    ("AWS.Root.Activity", "sign-in", "root-console-sign-in"),
    ("AWS.CloudTrail.RootPasswordChanged", "sign-in", "root-api-call"),
    ("AWS.IAM.BackdoorRole", "iam-trust", "role-trust-open"),
    // The other way round: see `ARGUED`.
    ("AWS.Console.RootLoginFailed", "sign-in", "root-console-sign-in"),
];

const ARGUED: &[&str] = &["panther/AWS.Console.RootLoginFailed/00", "panther/AWS.Console.RootLoginFailed/01"];

fn corpora() -> Option<PathBuf> {
    let named = std::env::var_os("PARAPET_CORPORA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"));
    folder.is_dir().then_some(folder)
}

#[test]
fn another_product_s_verdicts() {
    let Some(folder) = corpora() else { return };
    let judge = Judge::new(Rules::default(), Timestamp::UNIX_EPOCH);
    let text = std::fs::read_to_string(folder.join("cloudtrail_panther.jsonl")).unwrap();
    let (mut held, mut wrong) = (0, Vec::new());
    for row in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let (id, expected) = (row["id"].as_str().unwrap(), &row["expected"]);
        let rule = expected["rule_id"].as_str().unwrap();
        let Some((_, function, guardrail)) = SAME.iter().find(|(same, ..)| *same == rule) else { continue };
        let event = Event::from_record(&row["input"]["event"]).unwrap();
        let findings = judge.by_record(function, &event).unwrap();
        let is_violation = findings
            .iter()
            .any(|finding| finding.guardrail.name == *guardrail && finding.verdict == VerdictKind::Violation);
        let agrees = expected["panther_alerts"] == is_violation;
        if agrees == ARGUED.contains(&id) {
            wrong.push(format!("{id}: violation {is_violation}, the row says {}", expected["panther_alerts"]));
        }
        held += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(held >= 15, "{held} rows");
}
