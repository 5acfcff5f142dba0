//! The ledger: each finding is written down after containment and notified once, whichever process meets its event again.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use std::collections::HashMap;
use tests::host::{Answer, Host, Settings};
use tests::http::Message;
use tests::lab::{Lab, on_port};
use tests::proxy::Fault;
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

/// More than the SDK tries by itself.
const FOR_GOOD: usize = 100;
const ADMIN_PORT: &str = "security-group-admin-port-open";

struct Story {
    lab: Lab,
    table: String,
    view: View,
    event: Value,
    closed: Vec<String>,
}

/// SSH opened in an account with a ledger like the template's, nothing delivered yet.
async fn story(name: &str) -> Story {
    let lab = WORLD.lab(name).await.unwrap();
    let table = lab.ledger().await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    Story { lab, table, view, event, closed }
}

impl Story {
    /// A process of its own.
    async fn function(&self) -> Host {
        let settings = Settings { ledger: Some(self.table.clone()), ..self.lab.settings() };
        Host::start("security-group", &settings).await.unwrap()
    }

    async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let call = self.lab.clients.dynamodb.scan().table_name(&self.table);
        call.send().await.unwrap().items.unwrap_or_default()
    }

    async fn heard(&self) -> Vec<String> {
        let heard = self.lab.channel.hear().await.unwrap();
        heard.iter().map(|message| message["Subject"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

fn text<'a>(item: &'a HashMap<String, AttributeValue>, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

/// The key that the stack's parameter `KmsKeyArn` names, disabled: neither the table nor the topic takes anything. What a process has begun to guard is closed all the same,
/// the answer names the key, and nothing is lost once it is enabled again.
#[tokio::test]
async fn a_disabled_key_keeps_no_hole_open_and_loses_no_notification() {
    let story = story("ledger-key-disabled").await;
    let mut function = story.function().await;
    let denied = r#"{"__type": "com.amazon.coral.service#AccessDeniedException", "message": "the key is disabled"}"#;
    for action in ["GetItem", "PutItem", "UpdateItem"] {
        let answer = Message::answer(400, "application/x-amz-json-1.0", denied);
        story.lab.proxy.fault(action, Fault::Answer(answer), FOR_GOOD);
    }
    let disabled = "<ErrorResponse><Error><Type>Sender</Type><Code>KMSDisabled</Code><Message>the key is disabled</Message></Error></ErrorResponse>";
    story.lab.proxy.fault("Publish", Fault::Answer(Message::answer(400, "text/xml", disabled)), FOR_GOOD);
    let Answer::Error { kind, message } = function.send(&story.event).await.unwrap() else { panic!("not an error") };
    assert_eq!(kind, "NotificationNotSent");
    assert!(message.contains("`KMSDisabled`: the key is disabled"), "{message}");
    assert_eq!(story.lab.lines(&story.view).await.unwrap(), story.closed, "contained all the same");

    story.lab.proxy.mend();
    function.send(&story.event).await.unwrap();
    let heard = story.heard().await;
    let remediated = heard.iter().filter(|subject| subject.contains("remediated")).count();
    assert_eq!(remediated, 1, "notified by the next delivery, once: {heard:?}");
}

#[tokio::test]
async fn a_finding_is_written_after_containment_and_notified_once_by_all_processes() {
    let story = story("ledger-once").await;
    let mut function = story.function().await;
    let answer = function.send(&story.event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated");
    let actions = story.lab.proxy.take_actions();
    let at = |name: &str| actions.iter().position(|action| action == name).unwrap();
    // The standing orders were read before the event was taken up.
    assert_eq!((at("GetItem"), at("RevokeSecurityGroupIngress")), (0, 1), "{actions:?}");
    // It is written down and counted before it is published, and marked as notified afterwards.
    assert!(at("PutItem") < at("UpdateItem") && at("UpdateItem") < at("Publish"), "{actions:?}");
    assert_eq!(actions.last().map(String::as_str), Some("UpdateItem"), "{actions:?}");

    let again = story.function().await.send(&story.event).await.unwrap();
    assert_eq!(again.result(ADMIN_PORT).unwrap(), "already-compliant");
    assert_eq!(story.heard().await.len(), 1);
    assert_eq!(story.lab.lines(&story.view).await.unwrap(), story.closed);

    let mut items = story.items().await;
    // Beside it, what was done is counted.
    items.retain(|item| item.contains_key("finding"));
    let [item] = items.as_slice() else { panic!("{items:#?}") };
    assert_eq!(text(item, "id"), answer.outcome(ADMIN_PORT).unwrap()["finding_id"]);
    assert_eq!((text(item, "outcome"), text(item, "guardrail")), ("remediated", ADMIN_PORT));
    assert!(!text(item, "told").is_empty());
    let finding: Value = serde_json::from_str(text(item, "finding")).unwrap();
    assert!(finding["steps"][0]["undo_command"].as_str().unwrap().contains("authorize-security-group-ingress"));
    let written: jiff::Timestamp = text(item, "written").parse().unwrap();
    let expires: i64 = item["expires"].as_n().unwrap().parse().unwrap();
    assert_eq!(expires - written.as_second(), shared::operations::ledger::KEPT.as_secs());
}

#[tokio::test]
async fn what_the_topic_did_not_take_another_process_sends_as_it_was() {
    let story = story("ledger-untold").await;
    let topic = Settings { topic: Some(format!("{}-gone", story.lab.channel.topic)), ..story.lab.settings() };
    let settings = Settings { ledger: Some(story.table.clone()), ..topic };
    let mut first = Host::start("security-group", &settings).await.unwrap();
    let answer = first.send(&story.event).await.unwrap();
    assert!(matches!(answer, Answer::Error { ref kind, .. } if kind == "NotificationNotSent"), "{answer:?}");
    assert!(story.items().await.iter().all(|item| !item.contains_key("told")));

    story.function().await.send(&story.event).await.unwrap();
    let heard = story.heard().await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].starts_with("[high] remediated: "), "{heard:?}");
    let items = story.items().await;
    let mut findings = items.iter().filter(|item| item.contains_key("finding"));
    assert!(findings.all(|item| item.contains_key("told")), "{items:#?}");
}

#[tokio::test]
async fn a_ledger_outage_delays_neither_containment_nor_notification() {
    let story = story("ledger-gone").await;
    story.lab.clients.dynamodb.delete_table().table_name(&story.table).send().await.unwrap();
    let answer = story.function().await.send(&story.event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated");
    assert_eq!(story.lab.lines(&story.view).await.unwrap(), story.closed);
    let heard = story.lab.channel.hear().await.unwrap();
    let notified = heard[0]["Message"].as_str().unwrap();
    assert!(notified.contains("the ledger") && notified.contains("ResourceNotFoundException"), "{notified}");
}
