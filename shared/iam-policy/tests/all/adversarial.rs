//! Documents that were made up to break the analyser: it answers all of them, soon, and closes none of them wrongly.
//!
//! `fuzz/` has the same question for a fuzzer; this is the part of it that runs with every test.

use std::time::{Duration, Instant};

use crate::generator::{Dice, policy};
use iam_policy::{Access, Context, Document, Kind, Remedy, Tier, power, reach, repair_power, repair_reach};
use serde_json::{Value, json};

/// Far beyond what any of them takes, even unoptimised and beside other builds.
const LIMIT: Duration = Duration::from_secs(20);

/// Everything that can be asked about a text.
fn ask(text: &str) -> Access {
    let started = Instant::now();
    let document = Document::parse(text);
    let mut widest = Access::None;
    for kind in [Kind::Resource, Kind::AccessPoint, Kind::Trust] {
        let context = Context { kind, ..Context::resource("111122223333") };
        let found = reach(&document, &context);
        assert!(!found.reasons().is_empty());
        widest = widest.max(found.access);
    }
    power(std::slice::from_ref(&document), Some(&document)).reasons();
    assert!(started.elapsed() < LIMIT, "{:?} for {} bytes", started.elapsed(), text.len());
    widest
}

fn ask_for_repair(text: &str) {
    let context = Context::resource("111122223333");
    for remedy in [repair_reach(text, &context, Access::Internal), repair_power(text, &[], None, Tier::Existing)] {
        if let Remedy::Edit(repair) = remedy {
            let after: Value = serde_json::from_str(&repair.after).unwrap();
            assert!(after["Statement"] != json!([]), "{}", repair.after);
        }
    }
}

fn one(members: Value) -> String {
    let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"});
    for (name, value) in members.as_object().unwrap() {
        statement[name] = value.clone();
    }
    json!({"Statement": [statement]}).to_string()
}

#[test]
fn nesting_without_an_end() {
    for open in ["[", "{\"a\":", "{\"Statement\":[", "{\"Statement\":{\"Condition\":"] {
        assert_eq!(ask(&open.repeat(50_000)), Access::Undetermined);
    }
    let deep = format!("{{\"Statement\":{}{}}}", "[".repeat(100), "]".repeat(100));
    assert_eq!(ask(&deep), Access::Undetermined);
}

#[test]
fn wildcards_that_blow_up() {
    let stars = "*a".repeat(5_000);
    let text = json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "NotAction": stars, "NotResource": "?*".repeat(5_000)},
        {"Effect": "Allow", "Principal": "*", "Action": "a".repeat(10_000), "Resource": "a".repeat(10_000)},
        {"Effect": "Deny", "Principal": "*", "NotAction": format!("{stars}b"), "NotResource": format!("{stars}c")},
        {"Effect": "Deny", "Principal": "*", "Action": stars, "Resource": stars}
    ]})
    .to_string();
    assert_eq!(ask(&text), Access::Public);
    let dollars = one(
        json!({"Resource": "${".repeat(200_000), "Condition": {"StringLike": {"aws:SourceArn": "${*}${".repeat(20_000)}}}),
    );
    assert_eq!(ask(&dollars), Access::Public);
}

#[test]
fn huge_lists() {
    let names: Vec<String> = (0..20_000).map(|index| format!("s3:Get{index}*")).collect();
    let text = json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": names, "Resource": names},
        {"Effect": "Deny", "Principal": "*", "Action": names, "Resource": names},
        {"Effect": "Deny", "Principal": "*", "NotAction": names, "NotResource": names}
    ]})
    .to_string();
    assert!(ask(&text) >= Access::Undetermined);
    let accounts: Vec<String> = (0..20_000).map(|index| format!("{index:012}")).collect();
    let text =
        one(json!({"Principal": {"AWS": accounts}, "Condition": {"StringEquals": {"aws:SourceAccount": accounts}}}));
    assert_eq!(ask(&text), Access::External);
    ask_for_repair(&text);
    let networks: Vec<String> = (0..20_000).map(|index| format!("54.{}.{}.0/24", index / 256, index % 256)).collect();
    assert_eq!(ask(&one(json!({"Condition": {"IpAddress": {"aws:SourceIp": networks}}}))), Access::External);
    let statements: Vec<Value> = (0..3_000)
        .map(|index| json!({"Effect": if index % 2 == 0 { "Allow" } else { "Deny" }, "Principal": "*", "Action": format!("s3:{index}"), "Resource": "*"}))
        .collect();
    assert_eq!(ask(&json!({ "Statement": statements }).to_string()), Access::Public);
}

/// Any part of a document replaced by something that does not belong there: answered, and never as closed when the
/// document was open before and the part was not about who may come in.
#[test]
fn parts_of_the_wrong_kind() {
    let mut dice = Dice::new(11);
    let odd = [
        json!(null),
        json!(true),
        json!(-1.5e300),
        json!(""),
        json!("*"),
        json!("${"),
        json!([]),
        json!({}),
        json!([[["*"]]]),
        json!({"": {"": ""}}),
        json!("\u{0}\u{202e}\u{fffd}"),
        json!("arn:::::::"),
        json!("999.999.999.999/99"),
    ];
    for _ in 0..3_000 {
        let mut document = policy(&mut dice);
        for _ in 0..=dice.below(3) {
            let place = places(&document);
            let at = &place[dice.below(place.len())];
            if let Some(part) = document.pointer_mut(at) {
                *part = odd[dice.below(odd.len())].clone();
            }
        }
        let text = document.to_string();
        ask(&text);
        ask_for_repair(&text);
    }
}

fn places(value: &Value) -> Vec<String> {
    let mut places = vec![String::new()];
    let below: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (step, value) in below {
        places.extend(self::places(value).into_iter().map(|rest| format!("/{step}{rest}")));
    }
    places
}

/// Bytes changed, taken out and put in, at random.
#[test]
fn damaged_text() {
    let mut dice = Dice::new(13);
    for _ in 0..3_000 {
        let mut bytes = policy(&mut dice).to_string().into_bytes();
        for _ in 0..=dice.below(4) {
            let at = dice.below(bytes.len());
            match dice.below(3) {
                0 => bytes[at] = b"\"\\{}[],:*?$%\0\xff"[dice.below(14)],
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"\"\\{}[],:*?$%\0\xff"[dice.below(14)]),
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        ask(&text);
        ask_for_repair(&text);
    }
}

/// A statement with anything in it that cannot be read is no reason to overlook the open one beside it.
#[test]
fn an_open_statement_is_found_beside_any_rubbish() {
    for rubbish in [
        json!(null),
        json!({"Effect": "Maybe"}),
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Nonsense": {"a": "b"}}}),
        json!({"Effect": "Deny", "Principal": {"Martian": "*"}, "Action": "s3:*", "Resource": "*"}),
        json!({"Effect": "deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}),
    ] {
        let open = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"});
        let text = json!({"Statement": [rubbish, open]}).to_string();
        assert_eq!(ask(&text), Access::Public, "{text}");
    }
}
