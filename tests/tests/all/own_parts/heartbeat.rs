//! The heartbeat, with each part broken in turn.

use super::{POLICY, Person, deployed, named, notices, own, rules};
use parapet::patterns::TEMPLATE;
use parapet::template::Node;
use serde_json::{Value, json};
use tests::host::{Answer, Host};
use tests::lab::Lab;
use tests::moto::{ACCOUNT, REGION};
use tests::world::World;

static WORLD: World = World::new();

fn scheduled() -> Value {
    json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events", "account": ACCOUNT,
        "time": "2026-03-02T09:30:00Z", "region": REGION, "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{}", named("SelfRule"))], "detail": {},
    })
}

/// Whether the template's alarm on the heartbeat fires after an hour in which these calls succeeded.
fn alarm_fires(succeeded: &[String]) -> bool {
    let template = Node::parse(TEMPLATE).unwrap();
    let alarm = template.at(&["Resources", "HeartbeatAlarm", "Properties"]).unwrap();
    let text = |key: &str| match alarm.get(key).map(Node::to_value) {
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => panic!("the alarm has no {key}"),
    };
    let dimensions = alarm.get("Dimensions").map(Node::items).unwrap();
    let operation = dimensions.iter().find(|one| one.get("Name").and_then(Node::text) == Some("Operation"));
    let operation = operation.and_then(|one| one.get("Value")).and_then(Node::text).unwrap();
    let metric = ["Namespace", "MetricName", "Statistic"].map(text);
    assert_eq!(metric, ["AWS/DynamoDB", "SuccessfulRequestLatency", "SampleCount"]);
    assert_eq!(["ComparisonOperator", "EvaluationPeriods"].map(text), ["LessThanThreshold", "1"]);
    let samples = succeeded.iter().filter(|call| call.as_str() == operation).count();
    // Without a sample there is no data point.
    if samples == 0 { text("TreatMissingData") == "breaching" } else { samples < text("Threshold").parse().unwrap() }
}

/// What a heartbeat answers, whether the alarm fires after it, and what was notified meanwhile.
async fn beat(lab: &Lab, function: &mut Host) -> (Answer, bool, Vec<String>) {
    drop(lab.proxy.take_actions());
    let answer = function.send(&scheduled()).await.unwrap();
    let calls = lab.proxy.take_calls().into_iter().filter(|call| call.status == Some(200));
    let fires = alarm_fires(&calls.map(|call| call.action).collect::<Vec<_>>());
    (answer, fires, notices(lab).await)
}

#[tokio::test]
async fn with_any_part_broken_a_notification_or_an_alarm_follows_within_one_heartbeat() {
    let lab = deployed(&WORLD, "own-heartbeat").await;
    let ledger = lab.ledger().await.unwrap();
    let mut function = own(&lab, POLICY).await;
    let (answer, fires, heard) = beat(&lab, &mut function).await;
    assert!(answer.report().unwrap()["heartbeat"].is_string(), "{answer:?}");
    assert!(!fires && heard.is_empty(), "{heard:?}");

    // Any rule of any function.
    let person = Person(&lab);
    for id in ["SecurityGroupRule", "SelfRule", "WatchRule", "SignInRule"] {
        let name = named(id);
        let spec = rules()[&name];
        let narrow = r#"{"source":["none"]}"#;
        let calls = [
            ("DisableRule", json!({"Name": name})),
            ("PutRule", json!({"Name": name, "EventPattern": narrow})),
            ("RemoveTargets", json!({"Rule": name, "Ids": ["function"]})),
        ];
        for (operation, body) in calls {
            person.events(operation, body).await;
            let (answer, fires, heard) = beat(&lab, &mut function).await;
            assert_eq!(answer.report().unwrap()["heartbeat"], Value::Null, "{id} {operation}");
            assert!(fires, "{id} {operation}");
            assert_eq!(heard, ["rules-changed"], "{id} {operation}");
            person.put(&name, spec).await;
        }
        person.events("RemoveTargets", json!({"Rule": name, "Ids": ["function"]})).await;
        person.events("DeleteRule", json!({"Name": name})).await;
        let (answer, fires, _) = beat(&lab, &mut function).await;
        assert!(answer.report().unwrap()["heartbeat"].is_null() && fires, "{id} deleted");
        person.put(&name, spec).await;
    }
    let (answer, fires, _) = beat(&lab, &mut function).await;
    assert!(answer.report().unwrap()["heartbeat"].is_string() && !fires, "mended: {answer:?}");

    let mut without_policy = own(&lab, "{version: 1, defaults: {mode: enforced}}").await;
    let (answer, fires, heard) = beat(&lab, &mut without_policy).await;
    assert!(matches!(answer, Answer::Error { .. }) && fires, "{answer:?}");
    assert_eq!(heard, ["policy-broken"]);

    let topic = &lab.channel.topic;
    let subscriptions = lab.clients.sns.list_subscriptions_by_topic().topic_arn(topic).send().await.unwrap();
    for one in subscriptions.subscriptions() {
        lab.clients.sns.unsubscribe().subscription_arn(one.subscription_arn().unwrap()).send().await.unwrap();
    }
    let (answer, fires, _) = beat(&lab, &mut function).await;
    assert!(
        matches!(&answer, Answer::Error { message, .. } if message.contains("no confirmed subscription")) && fires,
        "{answer:?}"
    );
    lab.clients.sns.delete_topic().topic_arn(topic).send().await.unwrap();
    let (answer, fires, _) = beat(&lab, &mut function).await;
    assert!(matches!(answer, Answer::Error { .. }) && fires, "{answer:?}");
    lab.clients.dynamodb.delete_table().table_name(&ledger).send().await.unwrap();
    let (answer, fires, _) = beat(&lab, &mut function).await;
    assert!(matches!(answer, Answer::Error { .. }) && fires, "{answer:?}");
}
