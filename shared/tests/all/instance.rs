//! What a single fixture of the instance families cannot show: several instances in one event, an instance that is not
//! ready, what is kept and what is compared with it.

use crate::world::{Living, Watch, World, now};
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::family::Family;
use shared::engine::finding::Outcome;
use shared::engine::observed::{Observed, Place};
use shared::engine::pipeline::{Handled, Rules, RunContext, handle, sweep};
use shared::engine::plan::ApplyError;
use shared::engine::verdict::VerdictKind;
use shared::policy::{Mode, Policy};
use shared::resources::ec2::ebs_encryption::EbsEncryption;
use shared::resources::ec2::ebs_encryption::state::{Asks, EbsRef};
use shared::resources::ec2::instance::InstanceMetadata;
use shared::resources::ec2::metadata_defaults::MetadataDefaults;
use shared::resources::ec2::metadata_defaults::state::DefaultsRef;
use std::time::Duration;

const INSTANCE: &str = "i-05c30218156bcc246";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1";
const OTHER: &str = "arn:aws:kms:eu-central-1:111122223333:key/2";

fn record(name: &str, request: Value, response: Value) -> Event {
    Event::from_record(&json!({
        "eventID": "6f3f1d5e-7a3c-4a53-9f0e-1b8b4f6f8a11", "eventSource": "ec2.amazonaws.com", "eventName": name,
        "eventTime": "2026-03-02T09:14:07Z", "awsRegion": "eu-central-1", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ben", "userName": "ben"},
        "requestParameters": request, "responseElements": response,
    }))
    .unwrap()
}

fn options(tokens: &str) -> Value {
    json!({"state": "pending", "httpTokens": tokens, "httpPutResponseHopLimit": 2, "httpEndpoint": "enabled"})
}

fn launched(instances: &[(&str, Option<&str>)]) -> Event {
    let item = |(id, tokens): &(&str, Option<&str>)| json!({"instanceId": id, "metadataOptions": tokens.map(options)});
    let items: Vec<Value> = instances.iter().map(item).collect();
    record("RunInstances", json!({}), json!({"instancesSet": {"items": items}}))
}

fn rules() -> Rules {
    let policy = Policy::parse("version: 1\ndefaults: { mode: enforce, max_class: R2 }\n").unwrap();
    Rules { policy, fallback: Mode::Enforce, can_wait: true, ..Rules::default() }
}

fn handled<F: Living>(family: &F, world: &World<F>, event: &Event) -> Handled {
    let rules = rules();
    now(handle(family, RunContext { world, clock: &Watch::default(), memory: world, rules: &rules }, event))
}

fn swept<F: Living>(family: &F, world: &World<F>, key: F::Key, seen: &Value) -> Handled {
    let rules = rules();
    let place =
        Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: "eu-central-1".to_owned() };
    let context = RunContext { world, clock: &Watch::default(), memory: world, rules: &rules };
    now(sweep(family, context, &place, key, F::live(seen), None))
}

#[test]
fn each_instance_of_a_launch_is_judged_by_itself() {
    let event = launched(&[("i-1", Some("optional")), ("i-2", Some("required")), ("i-3", None)]);
    let targets = InstanceMetadata.locate(&event).unwrap();
    let ids: Vec<&str> = targets.iter().map(|target| target.key.id.as_str()).collect();
    assert_eq!(ids, ["i-1", "i-2", "i-3"]);
    let proven: Vec<bool> = targets.iter().map(|target| target.proven.is_some()).collect();
    assert_eq!(proven, [true, true, false], "what the record does not show is read");
    let without_instances = launched(&[]);
    assert!(InstanceMetadata.locate(&without_instances).unwrap_err().to_string().contains("lists no instances"));
}

fn instance(tokens: &str) -> Value {
    json!({"InstanceId": INSTANCE, "MetadataOptions": {"HttpTokens": tokens, "HttpEndpoint": "enabled",
        "HttpPutResponseHopLimit": 2, "HttpProtocolIpv6": "disabled", "InstanceMetadataTags": "disabled"}})
}

#[test]
fn an_instance_that_is_not_ready_is_closed_when_the_event_comes_back() {
    let not_yet = ApplyError::NotYet { code: "IncorrectInstanceState".to_owned(), message: "pending".to_owned() };
    let world =
        World::<InstanceMetadata>::new(InstanceMetadata::live(&instance("optional"))).answering([Some(not_yet)]);
    let mut event = launched(&[(INSTANCE, Some("optional"))]);
    let first = handled(&InstanceMetadata, &world, &event);
    assert_eq!(first.deferred.unwrap().wait, Duration::from_secs(120));
    assert_eq!(first.findings[0].outcome, Outcome::Failed);

    event.waited = Some("the instance was pending".to_owned());
    let second = handled(&InstanceMetadata, &world, &event);
    assert_eq!(second.deferred, None);
    assert_eq!(second.findings[0].outcome, Outcome::Remediated);
    assert_ne!(second.findings[0].id, first.findings[0].id, "what is said while waiting is not the last word");
    assert!(world.lines().contains(&"tokens required".to_owned()));
}

#[test]
fn an_instance_that_ended_while_the_event_waited_is_no_violation() {
    let world = World::<InstanceMetadata>::new(Observed::Absent);
    let mut event = launched(&[(INSTANCE, Some("optional"))]);
    event.waited = Some("the instance was pending".to_owned());
    let handled = handled(&InstanceMetadata, &world, &event);
    assert_eq!(handled.findings[0].verdict, VerdictKind::Compliant);
    assert!(world.calls().is_empty());
}

fn ebs(key: &str) -> Value {
    json!({"EbsEncryptionByDefault": true, "KmsKeyId": key})
}

fn both() -> EbsRef {
    EbsRef { asks: Asks::Both, before: Observed::Absent }
}

fn changed_to(key: &str) -> Event {
    record("ModifyEbsDefaultKmsKeyId", json!({"KmsKeyId": key}), json!({"KmsKeyId": key}))
}

#[test]
fn the_key_that_a_sweep_saw_comes_back() {
    let world = World::<EbsEncryption>::new(EbsEncryption::live(&ebs(KEY)));
    swept(&EbsEncryption, &world, both(), &ebs(KEY));
    assert!(world.kept.lock().unwrap().as_ref().unwrap().contains(KEY));

    let changed =
        World::<EbsEncryption>::new(EbsEncryption::live(&ebs(OTHER))).keeping(world.kept.into_inner().unwrap());
    let handled = handled(&EbsEncryption, &changed, &changed_to(OTHER));
    assert_eq!(handled.findings[0].outcome, Outcome::Remediated);
    assert!(changed.lines().contains(&format!("default key {KEY}")));
    assert!(changed.kept.lock().unwrap().as_ref().unwrap().contains(KEY), "the good key is kept still");
}

#[test]
fn a_change_without_an_event_does_not_become_the_good_state() {
    let kept = World::<EbsEncryption>::new(EbsEncryption::live(&ebs(KEY)));
    swept(&EbsEncryption, &kept, both(), &ebs(KEY));
    let world = World::<EbsEncryption>::new(EbsEncryption::live(&ebs(OTHER))).keeping(kept.kept.into_inner().unwrap());
    let handled = swept(&EbsEncryption, &world, both(), &ebs(OTHER));
    let key = handled.findings.iter().find(|finding| finding.guardrail.name == "ebs-default-key-changed").unwrap();
    assert_eq!(key.outcome, Outcome::Remediated);
    assert!(world.lines().contains(&format!("default key {KEY}")));

    // What was kept cannot be read: nothing is done, and nothing takes its place.
    let world = World::<EbsEncryption>::new(EbsEncryption::live(&ebs(OTHER))).keeping(Some("{}".to_owned()));
    let handled = swept(&EbsEncryption, &world, both(), &ebs(OTHER));
    assert!(handled.findings.iter().any(|finding| finding.verdict == VerdictKind::Undetermined));
    assert_eq!(world.kept.lock().unwrap().as_deref(), Some("{}"));
    assert!(world.calls().is_empty());
}

#[test]
fn a_change_that_cannot_be_judged_is_not_kept() {
    let world = World::<EbsEncryption>::new(EbsEncryption::live(&ebs(OTHER)));
    let handled = handled(&EbsEncryption, &world, &changed_to(OTHER));
    assert_eq!(handled.findings[0].verdict, VerdictKind::Undetermined);
    assert_eq!(*world.kept.lock().unwrap(), None);
}

#[test]
fn switching_encryption_off_waits_for_nothing() {
    let world =
        World::<EbsEncryption>::new(EbsEncryption::live(&json!({"EbsEncryptionByDefault": false, "KmsKeyId": KEY})));
    let off = record("DisableEbsEncryptionByDefault", json!({}), json!({"ebsEncryptionByDefault": false}));
    handled(&EbsEncryption, &world, &off);
    assert_eq!(world.log(), ["call enable EBS encryption by default", "look full"]);
}

#[test]
fn a_sweep_reports_defaults_that_were_never_set_and_keeps_them_once_they_are() {
    let world = World::<MetadataDefaults>::new(MetadataDefaults::live(&json!({"HttpPutResponseHopLimit": 2})));
    let key = || DefaultsRef { is_kept: true, enforced_before: Observed::Absent };
    let handled = swept(&MetadataDefaults, &world, key(), &json!({"HttpPutResponseHopLimit": 2}));
    assert_eq!(handled.findings[0].outcome, Outcome::Remediated);
    let lines = world.lines();
    assert!(lines.contains(&"tokens required".to_owned()) && lines.contains(&"hop limit 2".to_owned()), "{lines:?}");
    assert!(world.kept.lock().unwrap().is_some());
    // Enforcing them is not required.
    assert!(lines.contains(&"enforced no-preference".to_owned()));
}

/// A launch may be of hundreds: they are not closed one after another, nor all at once.
#[test]
fn instances_of_one_launch_are_handled_a_few_at_a_time() {
    let ids: Vec<String> = (0..20).map(|at| format!("i-{at:017}")).collect();
    let instances: Vec<(&str, Option<&str>)> = ids.iter().map(|id| (id.as_str(), Some("optional"))).collect();
    let world = World::<InstanceMetadata>::new(Observed::Absent);
    let handled = handled(&InstanceMetadata, &world, &launched(&instances));
    let names: Vec<&str> = handled.findings.iter().map(|finding| finding.resource.name.as_str()).collect();
    assert_eq!(names, ids, "in the order of the record");
    assert_eq!(world.calls().len(), ids.len());
    let widest = world.rounds().iter().map(Vec::len).max();
    assert_eq!(widest, Some(8));
}
