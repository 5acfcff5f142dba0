//! The example of docs/adding-a-guardrail.md: it is built, it closes, it is taken back, and the page shows this very file.

mod key_rotation;

use crate::world::setting::{Fake, living};
use crate::world::{Watch, World, now};
use key_rotation::{Key, KeyRotation};
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::family::Family;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::observed::Observed;
use shared::engine::pipeline::{By, Kept, Rules, RunContext, handle, undo};
use shared::engine::plan::{Action, Effect};
use shared::engine::setting::Set;
use shared::engine::verdict::VerdictKind;
use shared::policy::Mode;
use std::path::Path;

living!(KeyRotation);

impl Fake for KeyRotation {
    fn put(key: &mut Key, is_rotated: bool) {
        key.is_rotated = is_rotated;
    }

    /// `GetKeyRotationStatus`
    fn answer(value: &Value) -> Key {
        let id = value["KeyId"].as_str().unwrap().to_owned();
        Key { id, is_rotated: value["KeyRotationEnabled"] == true }
    }

    fn line(key: &Key) -> String {
        format!("{} rotation {}", key.id, key.is_rotated)
    }

    fn is_of(key: &Key, id: &String) -> bool {
        key.id == *id
    }
}

fn event(source: &str, name: &str, request: Value) -> Event {
    Event::from_record(&json!({
        "eventID": "e", "eventSource": source, "eventName": name, "eventTime": "2026-03-02T09:14:07Z",
        "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ben", "accountId": "111122223333"},
        "requestParameters": request, "responseElements": null,
    }))
    .unwrap()
}

fn world(is_rotated: bool) -> World<KeyRotation> {
    World::new(Observed::Known(KeyRotation::answer(&json!({"KeyId": "1234", "KeyRotationEnabled": is_rotated}))))
}

fn findings(world: &World<KeyRotation>, event: &Event) -> Vec<Finding> {
    let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
    let context = RunContext { world, clock: &Watch::default(), memory: world, rules: &rules };
    now(handle(&KeyRotation, context, event)).findings
}

const KMS: &str = "kms.amazonaws.com";

#[test]
fn what_it_closes_is_closed_by_the_first_call_and_can_be_taken_back() {
    let world = world(false);
    let found = findings(&world, &event(KMS, "DisableKeyRotation", json!({"keyId": "1234"})));
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.verdict, finding.outcome), (VerdictKind::Violation, Outcome::Remediated));
    assert_eq!(world.calls(), ["enable rotation of key 1234"]);
    assert_eq!(world.calls_before_containment(), Some(1));
    assert_eq!(world.lines(), ["1234 rotation true"]);

    let kept = Kept::of(finding).unwrap();
    let rules = Rules::default();
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let undone = now(undo(&KeyRotation, context, &kept, &By { who: "ana".to_owned(), force: false })).unwrap();
    assert_eq!(undone.outcome, Outcome::Undone);
    assert_eq!(world.lines(), ["1234 rotation false"]);
}

#[test]
fn another_service_s_event_is_not_for_it_and_a_record_without_the_key_cannot_tell() {
    assert!(findings(&world(false), &event("ec2.amazonaws.com", "DisableKeyRotation", json!({}))).is_empty());
    let found = findings(&world(false), &event(KMS, "DisableKeyRotation", json!({})));
    assert_eq!(found.iter().map(|finding| finding.verdict).collect::<Vec<_>>(), [VerdictKind::Undetermined]);
}

/// The ledger's form of an action, its effect and its permission follow from the description.
#[test]
fn what_follows_from_the_description() {
    let call = |value| Set::<KeyRotation>::to("1234".to_owned(), value).unwrap();
    for (value, stored, effect) in
        [(true, json!({"enable": "1234"}), Effect::Restoring), (false, json!({"disable": "1234"}), Effect::Overwriting)]
    {
        assert_eq!(serde_json::to_value(call(value)).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Set<KeyRotation>>(stored).unwrap(), call(value));
        assert_eq!(call(value).effect(), effect);
    }
    for unreadable in [json!("enable"), json!({"rotate": "1234"}), json!({"enable": "1", "disable": "1"}), json!(null)]
    {
        assert!(serde_json::from_value::<Set<KeyRotation>>(unreadable.clone()).is_err(), "{unreadable}");
    }
    assert_eq!(call(false).permission(), KeyRotation.undoes()[0].action);
    assert_eq!(call(false).command("eu-west-1"), "aws kms disable-key-rotation --key-id 1234 --region eu-west-1");
    let hostile = Set::<KeyRotation>::to("x; rm -rf /".to_owned(), true).unwrap();
    assert_eq!(hostile.command(""), "aws kms enable-key-rotation --key-id 'x; rm -rf /'");
}

#[test]
fn the_page_shows_the_example_and_it_is_short() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = std::fs::read_to_string(root.join("tests/all/example/key_rotation.rs")).unwrap();
    assert!(code.lines().count() <= 80, "{} lines: a guardrail of this shape costs at most 80", code.lines().count());
    let block = format!("```rust\n{code}```\n");
    let path = root.join("../docs/adding-a-guardrail.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("```rust\n").unwrap();
    let (_, after) = rest.split_once("```\n").unwrap();
    let should = format!("{before}{block}{after}");
    if std::env::var_os("PARAPET_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &should).unwrap();
    }
    assert!(
        page == should,
        "docs/adding-a-guardrail.md: `PARAPET_UPDATE_DOCS=1 cargo test -p shared --test all example`"
    );
}
