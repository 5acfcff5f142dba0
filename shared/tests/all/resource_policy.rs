//! What all resource policies share: the answers of the analyser, both guardrails on one document, a change that comes in between.

use crate::world::{Living, Watch, World, now};
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::family::Family;
use shared::engine::finding::Outcome;
use shared::engine::guardrail::Terms;
use shared::engine::observed::{Observed, Place};
use shared::engine::own::Own;
use shared::engine::pipeline::{Rules, RunContext, handle};
use shared::engine::resource_policy::{Policies, PolicyState, ResourcePolicy};
use shared::engine::verdict::VerdictKind;
use shared::policy::Policy;
use shared::resources::ecr::registry_policy::Registry;
use shared::resources::ecr::repository_policy::Repositories;
use shared::resources::events::bus_policy::Buses;
use shared::resources::secretsmanager::secret_policy::Secrets;
use shared::resources::sns::topic_policy::Topics;
use shared::resources::sqs::queue_policy::Queues;
use std::path::Path;

const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:orders";

/// A resource of this document that nothing shields.
fn state<P: ResourcePolicy>(document: &str) -> PolicyState<P::Subject> {
    let subject = [json!("orders"), Value::Null].into_iter().find_map(|name| serde_json::from_value(name).ok());
    PolicyState {
        subject: subject.unwrap(),
        document: Observed::Known(document.to_owned()),
        shield: Observed::Absent,
        setting: None,
        revision: None,
        felt: Vec::new(),
    }
}

/// Whether it is public, and whether it is open to those who are not trusted.
fn verdicts<P: ResourcePolicy>(document: &str, policy: &Policy, account: &str) -> [VerdictKind; 2] {
    let (partition, region) = ("aws".to_owned(), "eu-central-1".to_owned());
    let place = Place { partition, account: account.to_owned(), region };
    let terms = Terms { policy, place: &place, own: Own::default() };
    let state = state::<P>(document);
    let guardrails = Policies::<P>::default().guardrails();
    [guardrails[0], guardrails[1]].map(|guardrail| guardrail.judge(&state, &terms).kind())
}

/// The labels that are beyond dispute, of policies whose circle of trust a policy file can name.
#[test]
fn labelled_policies_are_answered_like_their_labels_whatever_the_service() {
    let named = std::env::var_os("PARAPET_CORPORA").map(std::path::PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"));
    let Ok(rows) = std::fs::read_to_string(folder.join("policies_public.jsonl")) else {
        println!("no corpora in {}: only the situations were held", folder.display());
        return;
    };
    let mut held = 0;
    for row in rows.lines().map(|row| serde_json::from_str::<Value>(row).unwrap()) {
        let (input, expected) = (&row["input"], &row["expected"]);
        let trusted = &input["trusted"];
        let is_named = ["vpcs", "vpces", "org_units"].iter().all(|key| trusted[*key].is_null());
        let is_plain = row["kind"] == "resource_policy" && expected["grade"] == "hard" && is_named;
        let is_wide = expected["question"] == "public_or_cross_account";
        if !is_plain || !(is_wide || expected["question"] == "public") {
            continue;
        }
        let list = |key: &str| trusted[key].as_array().cloned().unwrap_or_default();
        let text = json!({"version": 1, "trusted_accounts": list("accounts"), "trusted_organizations": list("orgs")});
        let Ok(policy) = Policy::parse(&text.to_string()) else { continue };
        let document = input["policy"].to_string();
        let account = input["owner_account"].as_str().unwrap_or_default();
        let all = [
            verdicts::<Topics>(&document, &policy, account),
            verdicts::<Queues>(&document, &policy, account),
            verdicts::<Buses>(&document, &policy, account),
            verdicts::<Secrets>(&document, &policy, account),
            verdicts::<Repositories>(&document, &policy, account),
            verdicts::<Registry>(&document, &policy, account),
        ];
        for [public, untrusted] in all {
            let open = [Some(public), Some(untrusted).filter(|_| is_wide)];
            let is_open = open.contains(&Some(VerdictKind::Violation));
            let label = expected["adjudicated"].as_bool().or_else(|| expected["violation"].as_bool());
            assert_eq!(Some(is_open), label, "{}: {public} and {untrusted} for {document}", row["id"]);
        }
        held += 1;
    }
    assert!(held > 100, "only {held} rows were held");
}

/// A part that cannot be read may be either guardrail's, beside whatever else is granted.
#[test]
fn what_cannot_be_read_is_not_taken_for_closed() {
    let odd = json!({"Sid": "odd", "Effect": "Allow", "Principal": {"Unheard": "x"}, "Action": "SNS:Publish", "Resource": "*"});
    let policy = Policy::default();
    let both = |statement: Value| verdicts::<Topics>(&document(&[statement, odd.clone()]), &policy, "111122223333");
    assert_eq!(both(own()), [VerdictKind::Undetermined; 2]);
    assert_eq!(both(statement("open", json!("*"))), [VerdictKind::Violation, VerdictKind::Undetermined]);
    assert_eq!(both(partner()), [VerdictKind::Undetermined, VerdictKind::Violation]);
}

fn statement(sid: &str, principal: Value) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": "SNS:Publish", "Resource": TOPIC})
}

fn own() -> Value {
    statement("own", json!({"AWS": "arn:aws:iam::111122223333:role/app"}))
}

fn partner() -> Value {
    statement("partner", json!({"AWS": "arn:aws:iam::999988887777:root"}))
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn topic(document: &str) -> Observed<PolicyState<String>> {
    Policies::<Topics>::live(&json!({"subject": TOPIC, "document": document}))
}

fn written(document: &str) -> Event {
    let record = json!({
        "eventID": "e1", "eventVersion": "1.09", "eventSource": "sns.amazonaws.com", "eventName": "SetTopicAttributes",
        "eventTime": "2026-03-02T09:14:07Z", "awsRegion": "eu-central-1", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/eve", "accountId": "111122223333", "userName": "eve"},
        "requestParameters": {"topicArn": TOPIC, "attributeName": "Policy", "attributeValue": document}
    });
    Event::from_record(&record).unwrap()
}

fn rules(text: &str) -> Rules {
    Rules { policy: Policy::parse(text).unwrap(), ..Rules::default() }
}

fn handled(world: &World<Policies<Topics>>, rules: &Rules, event: &Event) -> Vec<(&'static str, Outcome)> {
    let context = RunContext { world, clock: &Watch::default(), memory: world, rules };
    let handled = now(handle(&Policies::<Topics>::default(), context, event));
    handled.findings.iter().map(|finding| (finding.guardrail.name, finding.outcome)).collect()
}

const BOTH: &str = "{version: 1, defaults: {mode: enforce, max_class: R2}}";

#[test]
fn both_guardrails_close_their_own_and_leave_the_rest() {
    let open = document(&[own(), statement("open", json!("*")), partner()]);
    let world = World::new(topic(&open));
    let found = handled(&world, &rules(BOTH), &written(&open));
    assert_eq!(found.iter().filter(|(_, outcome)| *outcome == Outcome::Remediated).count(), 2, "{found:?}");
    assert_eq!(world.lines(), [own().to_string()]);
    assert_eq!(world.calls().len(), 2, "one each, the second from what the first has left: {:?}", world.calls());
}

#[test]
fn an_exemption_from_one_protects_its_statement_from_the_other() {
    let text = format!(
        "{{version: 1, defaults: {{mode: enforce, max_class: R2}}, exemptions: [{{guardrail: sns-topic-policy-public, \
         resource: '{TOPIC}', reason: status page, owner: web@example.com, expires: '2026-12-31'}}]}}"
    );
    let everyone = statement("open", json!("*"));
    let open = document(&[everyone.clone(), partner(), own()]);
    let world = World::new(topic(&open));
    handled(&world, &rules(&text), &written(&open));
    assert_eq!(world.lines(), [everyone.to_string(), own().to_string()]);
}

/// What the owner adds between the read and the call stays.
#[test]
fn what_comes_between_the_read_and_the_write_is_not_written_over() {
    let everyone = statement("open", json!("*"));
    let open = document(&[own(), everyone.clone()]);
    let other = statement("other", json!({"AWS": "arn:aws:iam::111122223333:role/other"}));
    let world = World::new(topic(&open));
    world.others.lock().unwrap().push_back(Some(topic(&document(&[own(), everyone, other.clone()]))));
    let found = handled(&world, &rules(BOTH), &written(&open));
    assert!(found.contains(&("sns-topic-policy-public", Outcome::Remediated)), "{found:?}");
    assert_eq!(world.lines(), [own().to_string(), other.to_string()]);
}

/// With a revision the service itself refuses what was computed from an older document: two round trips instead of three.
#[test]
fn a_revision_saves_the_second_read() {
    let open = document(&[own(), statement("open", json!("*"))]);
    let live = json!({"subject": TOPIC, "document": open, "revision": "7"});
    let world = World::new(Policies::<Topics>::live(&live));
    let found = handled(&world, &rules(BOTH), &written(&open));
    assert!(found.contains(&("sns-topic-policy-public", Outcome::Remediated)), "{found:?}");
    assert_eq!(world.calls_before_containment(), Some(2), "{:?}", world.log());
    assert_eq!(world.lines(), [own().to_string()]);
}

/// A grant that a block of the account or the resource makes ineffective is notified as such, and is not touched.
#[test]
fn what_a_setting_neutralises_is_not_a_breach() {
    let open = document(&[own(), statement("open", json!("*"))]);
    let live = json!({"subject": TOPIC, "document": open, "shield": "the account blocks public policies"});
    let world = World::new(Policies::<Topics>::live(&live));
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules(BOTH) };
    let handled = now(handle(&Policies::<Topics>::default(), context, &written(&open)));
    assert!(world.calls().is_empty(), "{:?}", world.calls());
    let mut findings = handled.findings.iter();
    let finding = findings.find(|finding| finding.guardrail.name == "sns-topic-policy-public").unwrap();
    assert_eq!(finding.outcome, Outcome::AlreadyCompliant);
    assert!(finding.reasons.iter().any(|why| why.contains("not effective")), "{:?}", finding.reasons);
}
