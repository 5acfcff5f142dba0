//! What a function does with what it cannot read: an error that names it, and the next event is answered.

use serde_json::{Value, json};
use tests::host::{Answer, Host, Settings};
use tests::lab::{Lab, on_port};
use tests::proxy::Fault;
use tests::world::World;

static WORLD: World = World::new();

const NEXT: &str = "/2018-06-01/runtime/invocation/next";

async fn answers_the_next(lab: &Lab, function: &mut Host) {
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "remediated");
}

fn message(answer: Answer) -> String {
    match answer {
        Answer::Error { message, .. } => message,
        Answer::Report(report) => format!("no error but {report}"),
    }
}

/// A member must not be able to make the function act elsewhere: what its record claims is held against the envelope.
#[tokio::test]
async fn an_event_that_claims_another_place_is_refused_and_notified() {
    let lab = WORLD.lab("elsewhere").await.unwrap();
    let group = lab.group().await.unwrap();
    let good = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    let cases = [
        ("account", "999999999999", "the record says account `123456789012`, its envelope says `999999999999`"),
        ("region", "eu-west-1", "the record says region `us-east-1`, its envelope says `eu-west-1`"),
    ];
    for (key, value, expected) in cases {
        let mut forged = good.clone();
        forged[key] = json!(value);
        // Another event: the same one is notified once.
        forged["detail"]["eventID"] = json!(format!("forged-{key}"));
        let _ = lab.proxy.take_calls();
        let answer = function.send(&forged).await.unwrap();
        assert_eq!(answer.report().unwrap()["outcomes"], json!([]), "{answer:?}");
        assert_eq!(lab.proxy.take_actions(), ["Publish"], "nothing is done, the operator is notified");
        let heard = lab.channel.hear().await.unwrap();
        let said: Value = serde_json::from_str(heard[0]["Message"].as_str().unwrap()).unwrap();
        assert_eq!((heard.len(), &said["notice"], &said["severity"]), (1, &json!("refused"), &json!("critical")));
        assert_eq!(said["reasons"][0].as_str().unwrap().split(':').next().unwrap(), expected);
    }
}

#[tokio::test]
async fn events_with_something_missing_or_of_a_wrong_type() {
    let lab = WORLD.lab("wrong-types").await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    let group = lab.group().await.unwrap();
    let good = lab.open(&group, &[on_port(22, "192.0.2.0/24", "")]).await.unwrap();
    let with = |path: &str, value: Value| {
        let mut event = good.clone();
        *event.pointer_mut(path).unwrap() = value;
        event
    };
    let cases = [
        (json!([]), "`the event` is an array, expected an object"),
        (json!({}), "the event has no `detail-type`"),
        (with("/detail", Value::Null), "the event has no `detail`"),
        (with("/detail", json!("text")), "`detail` is a string, expected an object"),
        (with("/detail/eventName", json!(7)), "`detail.eventName` is a number, expected a string"),
        (with("/detail/eventTime", json!("yesterday")), "`detail.eventTime` is `yesterday`"),
        (with("/detail/requestParameters", json!([1])), "`detail.requestParameters` is an array, expected an object"),
    ];
    for (event, expected) in cases {
        let message = message(function.send(&event).await.unwrap());
        assert!(message.contains(expected), "{message}");
    }
    assert!(lab.proxy.take_calls().is_empty(), "an unreadable event led to a call");
    let mut without_detail = good.clone();
    without_detail.as_object_mut().unwrap().remove("detail");
    assert!(message(function.send(&without_detail).await.unwrap()).contains("the event has no `detail`"));
    answers_the_next(&WORLD.lab("wrong-types-next").await.unwrap(), &mut function).await;
}

#[tokio::test]
async fn bytes_that_are_no_event() {
    let lab = WORLD.lab("no-event").await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    let deep = "[".repeat(500_000) + &"]".repeat(500_000);
    let deep_record =
        format!(r#"{{"detail-type":"AWS API Call via CloudTrail","detail":{}}}"#, r#"{"a":"#.repeat(200_000));
    for bytes in ["{\"detail-type\": \"AWS API C", "", "\u{0}", "nul", &deep, &deep_record] {
        // The function may have asked for its next event already: then the bytes stand in for the one after it.
        function.front().fault(NEXT, Fault::Body(bytes.as_bytes().to_vec()), 1);
        let unheard = json!({"detail-type": "none", "source": "com.example"});
        let answers = [function.send(&unheard).await.unwrap(), function.send(&unheard).await.unwrap()];
        let errors: Vec<_> = answers.iter().filter(|answer| matches!(answer, Answer::Error { .. })).collect();
        let shown: String = bytes.chars().take(20).collect();
        let [Answer::Error { message, .. }] = errors.as_slice() else { unreachable!("`{shown}`: {answers:?}") };
        assert!(!message.is_empty() && message.len() < 1000, "`{shown}`: {message}");
    }
    function.front().mend();
    answers_the_next(&lab, &mut function).await;
}

#[tokio::test]
async fn a_policy_with_a_typo_changes_nothing_and_says_so() {
    let lab = WORLD.lab("typo").await.unwrap();
    let policy = "version: 1\ndefaults: { mode: enforce }\nguardrials: {}\n";
    let mut function = lab.function("security-group", Some(policy)).await.unwrap();
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    let outcome = answer.outcome("security-group-admin-port-open").unwrap();
    assert_eq!(outcome["result"], "notified");
    let reasons = outcome["reasons"].to_string();
    assert!(reasons.contains("guardrials") && reasons.contains("line 3"), "{reasons}");
    assert!(!lab.proxy.take_actions().contains(&"RevokeSecurityGroupIngress".to_owned()));
    assert!(function.log().iter().any(|line| line.contains("guardrials")), "{:#?}", function.log());
}

#[tokio::test]
async fn a_mode_with_a_typo_ends_the_function_with_its_name() {
    let lab = WORLD.lab("mode-typo").await.unwrap();
    let settings = Settings { mode: Some("enforced".to_owned()), ..lab.settings() };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let status = function.wait(std::time::Duration::from_secs(20)).await.unwrap();
    assert!(!status.success());
    let named = || function.log().iter().any(|line| line.contains("PARAPET_MODE") && line.contains("enforced"));
    for _ in 0..100 {
        if named() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(named(), "{:#?}", function.log());
}
