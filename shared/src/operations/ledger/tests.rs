//! Whatever a finding holds, its item fits DynamoDB, and what was left out is said.

use crate::engine::finding::StepRecord;
use crate::engine::verdict::{Evidence, Severity};
use crate::notify::sample;
use crate::operations::ledger::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// DynamoDB's limit for an item, names and values together.
const ITEM: usize = 400 * 1024;
/// What the table adds: keys, times, seals, markers.
const RESERVE: usize = 2_048;

fn size(entry: &Entry) -> usize {
    let fields: usize = entry.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let attributes: usize = entry.message.attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
    let texts = entry.finding.len() + entry.kept.as_ref().map_or(0, String::len) + entry.body.len();
    fields + attributes + texts + entry.message.subject.len() + RESERVE
}

fn entry(finding: &Finding) -> Entry {
    Entry::new(finding, finding.times.received).unwrap()
}

fn with_undo_steps(steps: Vec<Value>, after: Value) -> Finding {
    let mut finding = sample::remediated();
    finding.after = Some(after);
    finding.remedy.kind = "security-group".into();
    finding.remedy.steps = steps;
    finding
}

#[test]
fn an_entry_holds_the_finding_and_what_lists_ask_for() {
    let finding = sample::remediated();
    let entry = entry(&finding);
    let value: Value = serde_json::from_str(&entry.finding).unwrap();
    assert_eq!(value["id"], finding.id.to_string());
    assert_eq!(value["before"], finding.before);
    assert!(entry.fields.contains(&("outcome", "remediated".to_owned())));
    assert_eq!(entry.expires, finding.times.received + KEPT);
    assert_eq!(entry.body, entry.message.body, "an ordinary message is kept as it was");
}

#[test]
fn a_huge_state_is_left_out_and_the_item_fits() {
    let mut finding = sample::remediated();
    finding.before = Value::String("x".repeat(5_000_000));
    let entry = entry(&finding);
    let value: Value = serde_json::from_str(&entry.finding).unwrap();
    assert_eq!(value["before"], json!({ "truncated": true, "bytes": 5_000_000 }));
    assert_eq!(value["truncated"], json!(["after", "before"]));
    assert!(size(&entry) <= ITEM, "{}", size(&entry));
}

#[test]
fn undo_steps_that_fit_without_the_state_are_kept_without_it() {
    let finding = with_undo_steps(vec![json!({"step": 1})], "x".repeat(200_000).into());
    let entry = entry(&finding);
    let kept: Kept = serde_json::from_str(entry.kept.as_ref().unwrap()).unwrap();
    assert_eq!((kept.after, kept.remedy.steps), (None, vec![json!({"step": 1})]));
    assert_eq!(entry.not_kept, None);
}

#[test]
fn undo_steps_that_do_not_fit_are_not_halved_and_the_message_says_so() {
    let finding = with_undo_steps(vec![Value::String("x".repeat(200_000))], Value::Null);
    let entry = entry(&finding);
    assert_eq!(entry.kept, None);
    let why = entry.not_kept.as_ref().unwrap();
    assert!(why.contains("cannot undo this") && entry.message.body.contains("cannot undo this"), "{why}");
    assert!(entry.body.contains("cannot undo this"), "nor does the one that is sent again hide it");
    assert!(size(&entry) <= ITEM, "{}", size(&entry));
}

#[test]
fn a_huge_notice_fits_too() {
    let long = "\u{0}\"日".repeat(1 << 18);
    let notice = Notice {
        key: long.clone(),
        title: long.clone(),
        subject: long.clone(),
        kind: "feud",
        guardrail: "security-group-admin-port-open",
        severity: Severity::Critical,
        account: long.clone(),
        region: long.clone(),
        says: vec![long.clone(); 50],
        next: vec![long; 50],
    };
    let entry = Entry::of_notice(&notice, "2026-01-31T12:00:00Z".parse().unwrap());
    assert!(size(&entry) <= ITEM, "{}", size(&entry));
}

/// Text in the sizes and of the kinds that grow most: in bytes, in JSON, where it is made harmless.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![Just("a"), Just("日"), Just("\u{0}"), Just("\"\\"), Just("@"), Just("'"), Just("<!x>")];
    let lengths = prop_oneof![Just(0), Just(10), Just(3_000), Just(150_000), Just(160_000)];
    (pieces, lengths).prop_map(|(piece, length)| piece.repeat(length / piece.len() + usize::from(length > 0)))
}

fn many<T: Clone + std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    (of, prop_oneof![Just(0_usize), Just(1), Just(7), Just(70)]).prop_map(|(one, number)| vec![one; number])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_finding_holds_its_item_and_its_message_fit(
        (name, id, agent) in (text(), text(), text()),
        reasons in many(text().prop_map(|text| text.chars().take(9_000).collect::<String>())),
        evidence in many(text().prop_map(|text| text.chars().take(9_000).collect::<String>())),
        commands in many(text().prop_map(|text| text.chars().take(9_000).collect::<String>())),
        (before, after, step) in (text(), text(), text()),
    ) {
        let mut finding = sample::denied();
        finding.resource.name = name;
        finding.resource.id = id;
        finding.cause.user_agent = Some(agent.clone());
        finding.cause.actor.name = Some(agent);
        finding.evidence = evidence.into_iter().map(|why| Evidence { element: why.clone(), why }).collect();
        finding.reasons = reasons;
        let record = finding.steps[0].clone();
        finding.steps = commands
            .into_iter()
            .map(|command| StepRecord { action: command.clone(), undo_command: Some(command.clone()), command, ..record.clone() })
            .collect();
        finding.before = before.into();
        finding.after = Some(after.into());
        finding.remedy.steps = vec![Value::String(step)];
        let entry = entry(&finding);
        prop_assert!(size(&entry) <= ITEM, "an item of {} bytes", size(&entry));
        let attributes: usize = entry.message.attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len()).sum();
        let message = entry.message.body.len() + entry.message.subject.len() + attributes;
        prop_assert!(message <= 256 * 1024, "a message of {message} bytes");
        prop_assert!(entry.kept.is_some() != entry.not_kept.is_some());
        let read: Value = serde_json::from_str(&entry.finding).unwrap();
        prop_assert_eq!(&read["id"], &json!(finding.id));
    }
}
