//! Which recorded attack leads to which guardrail: docs/recorded-attacks.md, held against the recordings where they are.
//!
//! The recordings are not part of the repository (see shared/tests/all/corpora.rs for where they are looked for). To write
//! the page anew: `PARAPET_UPDATE_DOCS=1 cargo test -p parapet --test all recorded_attacks`.

use crate::support;
use jiff::Timestamp;
use parapet::patterns::{Params, Patterns};
use parapet::replay::Delivery;
use serde_json::Value;
use shared::engine::finding::Finding;
use shared::engine::pipeline::Rules;
use shared::resources::by_record::Judge;
use shared::resources::{PURPOSES, catalogue};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

const HEAD: &str = "# Recorded attacks

Attacks that others have recorded on real accounts, and what the guardrails say of them by the record alone, with the
default policy. Three public sets: CloudTrail logs of a simulated intrusion (invictus-ir/aws_dataset, MIT), the detonation
logs of Stratus Red Team (Apache-2.0), and the records of panther-analysis' rule tests (Apache-2.0). The recordings are not
part of this repository.

This page is generated and held against the recordings by `cargo test -p parapet --test all recorded_attacks`.
";

/// Calls of which only some are a guardrail's business: which policy is attached decides, which attribute is set, and whether the
/// record, made up for another product's test, names a resource at all.
const BY_CONTENT: &[&str] = &[
    "AttachUserPolicy",
    "PutBucketPolicy",
    "PutResourcePolicy",
    "PutUserPolicy",
    "SetQueueAttributes",
    "SetTopicAttributes",
    "UpdateFunctionCode20150331v2",
    "UpdateFunctionConfiguration20150331v2",
    "UpdateMacieSession",
];

/// A recorded event and what its set says of it.
struct Recorded {
    set: &'static str,
    name: String,
    /// The attack that it is part of.
    attack: Option<String>,
    /// Whether the set marks it as the one to see.
    is_key: bool,
    delivery: Delivery,
}

fn recordings(folder: &Path) -> Vec<Recorded> {
    let mut all = Vec::new();
    let mut logs: Vec<PathBuf> =
        fs::read_dir(folder.join("cloudtrail")).unwrap().map(|entry| entry.unwrap().path()).collect();
    logs.sort();
    for path in logs {
        let mut text = String::new();
        flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        for delivery in Delivery::all_in(serde_json::from_str(&text).unwrap()) {
            let name = delivery.record()["eventID"].as_str().unwrap().to_owned();
            all.push(Recorded { set: "invictus-ir", name, attack: None, is_key: false, delivery });
        }
    }
    for (set, file) in [("stratus", "cloudtrail_stratus.jsonl"), ("panther", "cloudtrail_panther.jsonl")] {
        for line in fs::read_to_string(folder.join(file)).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let expected = &row["expected"];
            for delivery in Delivery::all_in(row["input"].clone()) {
                all.push(Recorded {
                    set,
                    name: row["id"].as_str().unwrap().to_owned(),
                    attack: expected["technique"].as_str().map(str::to_owned),
                    is_key: expected["is_key_event"] == Value::Bool(true),
                    delivery,
                });
            }
        }
    }
    all
}

/// The findings, compliant ones too; none for what reaches no function.
fn judged(recorded: &Recorded, patterns: &Patterns, judge: &Judge) -> Option<Vec<Finding>> {
    let families = match recorded.delivery.is_delivered() {
        true => patterns.functions_for(recorded.delivery.envelope.to_string().as_bytes()),
        false => Vec::new(),
    };
    // The sign-in function counts failures; one alone leads to nothing.
    let event = recorded.delivery.event().ok()??;
    if event.failure.is_some() && event.source == "signin.amazonaws.com" {
        return None;
    }
    let findings = families.iter().filter_map(|family| judge.by_record(family, &event)).flatten().collect();
    (!families.is_empty()).then_some(findings)
}

fn page(all: &[Recorded], patterns: &Patterns, judge: &Judge) -> String {
    let mut page = HEAD.to_owned();
    let _ = write!(
        page,
        "\n## What reached a guardrail\n\n| Set | Record | Call | Guardrail | Answer | Why |\n|---|---|---|---|---|---|\n"
    );
    let mut reached = 0;
    let mut seen = BTreeSet::new();
    let mut unseen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for recorded in all {
        let call = recorded.delivery.record()["eventName"].as_str().unwrap_or_default();
        let Some(findings) = judged(recorded, patterns, judge) else {
            if let (Some(attack), true) = (&recorded.attack, recorded.is_key) {
                unseen.entry(attack.clone()).or_default().insert(call.to_owned());
            }
            continue;
        };
        reached += 1;
        seen.extend(recorded.attack.clone().filter(|_| recorded.is_key));
        for finding in findings {
            let why = if finding.reasons.is_empty() { "complies".to_owned() } else { finding.reasons.join("; ") };
            let (name, guardrail, verdict) = (&recorded.name, finding.guardrail.name, finding.verdict);
            let _ = writeln!(
                page,
                "| {} | `{name}` | `{call}` | `{guardrail}` | {verdict} | {} |",
                recorded.set,
                why.replace('|', "\\|")
            );
        }
    }
    let _ = write!(
        page,
        "\n{} records were read, {reached} reached a guardrail; calls that only read and calls that failed: none.\n",
        all.len()
    );
    // One of several key calls is enough.
    unseen.retain(|attack, _| !seen.contains(attack));
    let _ = write!(page, "\n## Recorded techniques whose key call no guardrail looks at yet\n\n");
    let _ = write!(
        page,
        "{} techniques are seen, {} are not:\n\n| Technique | Key calls |\n|---|---|\n",
        seen.len(),
        unseen.len()
    );
    for (attack, calls) in &unseen {
        let calls: Vec<String> = calls.iter().map(|call| format!("`{call}`")).collect();
        let _ = writeln!(page, "| {attack} | {} |", calls.join(", "));
    }
    page
}

/// Whether the service's events reach the function: two services may have calls of one name.
fn hears(function: &str, source: &str, sources: &[&str]) -> bool {
    let purpose = PURPOSES.iter().find(|purpose| purpose.function == function);
    match purpose.and_then(|purpose| purpose.hears) {
        Some((_, services)) => services.iter().any(|service| source.strip_suffix(".amazonaws.com") == Some(service)),
        None => sources.contains(&source),
    }
}

#[test]
fn recorded_attacks_lead_to_their_guardrails() {
    let Some(folder) = support::corpora() else { return };
    let all = recordings(&folder);
    let patterns = Patterns::built_in(&Params::default()).unwrap();
    let judge = Judge::new(Rules::default(), Timestamp::UNIX_EPOCH);

    let sources = support::event_sources();
    for recorded in &all {
        // Made up for another product's test: its time is none that CloudTrail writes. `replay` counts it as unreadable.
        if recorded.delivery.event().is_err() {
            continue;
        }
        let record = recorded.delivery.record();
        let reached = judged(recorded, &patterns, &judge);
        let is_failed = recorded.delivery.event().is_ok_and(|event| event.is_some_and(|event| event.failure.is_some()));
        let is_reading = record["readOnly"] == Value::Bool(true);
        if is_failed || is_reading {
            assert!(reached.is_none_or(|findings| findings.is_empty()), "{}", recorded.name);
            continue;
        }
        // What a built family covers shows up.
        let name = record["eventName"].as_str().unwrap_or_default();
        let source = record["eventSource"].as_str().unwrap_or_default();
        let is_covered = catalogue()
            .iter()
            .any(|entry| entry.about.triggers.contains(&name) && hears(entry.family, source, &sources));
        if is_covered {
            let is_reported = |findings: Vec<Finding>| !findings.is_empty() || BY_CONTENT.contains(&name);
            assert!(reached.is_some_and(is_reported), "{} {name}", recorded.name);
        }
    }

    let page = page(&all, &patterns, &judge);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/recorded-attacks.md");
    if std::env::var_os("PARAPET_UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/recorded-attacks.md is out of date: see the head of this test for how to write it");
}
