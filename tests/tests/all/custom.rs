//! Guardrails of the policy file, by the real binary: notified, and a runbook started where it is asked for and allowed. What a caller writes into a call
//! starts nothing.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::aws::signed::Signed;
use shared::engine::request::Request;
use shared::resources::ssm::SSM;
use std::collections::BTreeMap;
use tests::command::parapet;
use tests::host::{Answer, Host, Settings};
use tests::lab::Lab;
use tests::records::{self, Caller};
use tests::world::World;

static WORLD: World = World::new();

const NAME: &str = "custom-gpu-instance-launched";

/// A policy with one guardrail, which stops what it objects to; `more` are lines of it.
fn policy(more: &str) -> String {
    format!(
        "version: 1\nrunbook_owners: [amazon]\ncustom:\n  - name: {NAME}\n    title: A GPU instance is launched\n    severity: high\n    event_source: \
         ec2.amazonaws.com\n    event_names: [RunInstances]\n    when: request.instanceType.startsWith(\"p5.\")\n    message: \"{{actor.name}} launched \
         {{request.instanceType}}\"\n    resource: response.instancesSet.items[0].instanceId\n{more}"
    )
}

const RUNBOOK: &str = "    max_class: R2\n    runbook:\n      document: AWS-StopEC2Instance\n      version: 1\n      parameters:\n        InstanceId: { kind: \
                       instance-id, value: \"response.instancesSet.items.map(item, item.instanceId)\" }\n";

fn launched(by: &str, kind: &str, instance: &str) -> Value {
    let response = json!({"instancesSet": {"items": [{"instanceId": instance}]}});
    records::event(&Caller::user(by), "ec2.amazonaws.com", "RunInstances", json!({"instanceType": kind}), response)
}

async fn function(lab: &Lab, policy: &str, role: Option<&str>) -> Host {
    let mut more = BTreeMap::from([("PARAPET_REFRESH_SECONDS", "0".to_owned())]);
    more.extend(role.map(|role| ("PARAPET_RUNBOOK_ROLE", role.to_owned())));
    let ledger = Some(lab.name().to_owned());
    let settings = Settings { ledger, more, policy: Some(policy.to_owned()), ..lab.settings() };
    Host::start("custom", &settings).await.unwrap()
}

async fn lab(name: &str) -> Lab {
    let lab = WORLD.lab(name).await.unwrap();
    assert_eq!(lab.ledger().await.unwrap(), lab.name());
    lab
}

/// The executions of a document's version in this world.
async fn executions(lab: &Lab, instance: &str) -> Vec<Value> {
    let call = Request::named("DescribeAutomationExecutions", json!({}));
    let answer = Signed::new(&lab.clients.config).call(&SSM, call).await.unwrap();
    let all = answer.list("AutomationExecutionMetadataList").to_vec();
    all.into_iter().filter(|one| one["Outputs"]["InstanceId"] == json!([instance])).collect()
}

async fn send(function: &mut Host, event: &Value) -> Answer {
    function.send(event).await.unwrap()
}

#[tokio::test]
async fn a_violation_is_notified_once_and_what_complies_is_not() {
    let lab = lab("custom-notifies").await;
    let mut function = function(&lab, &policy(""), None).await;
    let event = launched("eve<!channel>", "p5.48xlarge", "i-00000000000000001");
    for _ in 0..2 {
        let answer = send(&mut function, &event).await;
        assert_eq!(answer.result(NAME).unwrap(), "notified", "{answer:?}");
        assert_eq!(answer.outcome(NAME).unwrap()["resource"], "i-00000000000000001");
    }
    let heard = lab.channel.hear().await.unwrap();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    let subject = heard[0]["Subject"].as_str().unwrap();
    assert!(subject.contains("A GPU instance is launched"), "{subject}");
    let message = heard[0]["Message"].as_str().unwrap();
    // This subscriber takes JSON, in which a name is data: mail and chat escape it.
    assert!(message.contains("eve<!channel> launched p5.48xlarge"), "{message}");
    let answer = send(&mut function, &launched("eve", "t4g.small", "i-00000000000000002")).await;
    assert_eq!(answer.outcome(NAME).unwrap()["verdict"], "compliant");
    assert!(lab.channel.hear().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_field_that_the_record_lacks_is_notified_as_undetermined() {
    let lab = lab("custom-undetermined").await;
    let mut function = function(&lab, &policy(""), None).await;
    let mut event = launched("eve", "p5.48xlarge", "i-00000000000000003");
    event["detail"]["requestParameters"] = json!({"omitted": true, "originalSize": 200_000, "reasonCode": "TOO_LARGE"});
    let answer = send(&mut function, &event).await;
    let outcome = answer.outcome(NAME).unwrap();
    assert_eq!((&outcome["verdict"], &outcome["result"]), (&json!("undetermined"), &json!("notified")), "{outcome}");
    assert!(outcome["reasons"][0].as_str().unwrap().contains("too large for the record"), "{outcome}");
    assert_eq!(lab.channel.hear().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_runbook_is_started_once_and_is_not_called_remediated() {
    let lab = lab("custom-runbook").await;
    let mut function = function(&lab, &policy(RUNBOOK), Some("runbooks")).await;
    let event = launched("eve", "p5.48xlarge", "i-00000000000000004");
    let mut finding = String::new();
    for _ in 0..2 {
        let answer = send(&mut function, &event).await;
        let outcome = answer.outcome(NAME).unwrap();
        assert_eq!(outcome["result"], "partial", "{outcome}");
        let reasons = outcome["reasons"].to_string();
        assert!(reasons.contains("was started") && reasons.contains("does not wait for its end"), "{reasons}");
        outcome["finding_id"].as_str().unwrap().clone_into(&mut finding);
    }
    let started = executions(&lab, "i-00000000000000004").await;
    assert_eq!(started.len(), 1, "{started:#?}");
    assert_eq!(
        (&started[0]["DocumentName"], &started[0]["DocumentVersion"]),
        (&json!("AWS-StopEC2Instance"), &json!("1"))
    );
    assert_eq!(started[0]["Outputs"]["AutomationAssumeRole"], json!(["arn:aws:iam::123456789012:role/runbooks"]));
    let heard = lab.channel.hear().await.unwrap();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    // The ledger has the execution, and nothing undoes it.
    let execution = started[0]["AutomationExecutionId"].as_str().unwrap();
    let get = lab.clients.dynamodb.get_item().table_name(lab.name()).key("id", AttributeValue::S(finding.clone()));
    let kept = format!("{:?}", get.send().await.unwrap().item.unwrap());
    assert!(kept.contains(execution) && kept.contains("AWS-StopEC2Instance"), "{kept}");
    let topic = lab.channel.topic.clone();
    let undo = ["undo", &finding, "--table", lab.name(), "--topic", &topic, "--yes"];
    let ran = parapet(&lab.proxy.url(), &undo).await.unwrap();
    assert!(ran.status != 0 && ran.err.contains("no inverse"), "{}{}", ran.out, ran.err);
}

#[tokio::test]
async fn nothing_is_started_without_the_opt_in_the_role_or_an_id() {
    let lab = lab("custom-starts-nothing").await;
    for (policy, role, instance, result, why) in [
        (
            policy(&RUNBOOK.replace("    max_class: R2\n", "")),
            Some("runbooks"),
            "i-00000000000000005",
            "notified",
            "above `max_class`",
        ),
        (
            policy(&format!("    mode: notify\n{RUNBOOK}")),
            Some("runbooks"),
            "i-00000000000000006",
            "notified",
            "launched p5.48xlarge",
        ),
        (policy(RUNBOOK), None, "i-00000000000000007", "failed", "set the stack's parameter RunbookRole"),
        (policy(RUNBOOK), Some("runbooks"), "i-7; rm -rf /", "notified", "something else than a `instance-id`"),
    ] {
        let mut function = function(&lab, &policy, role).await;
        let answer = send(&mut function, &launched("eve", "p5.48xlarge", instance)).await;
        let outcome = answer.outcome(NAME).unwrap();
        assert_eq!(outcome["result"], result, "{outcome}");
        assert!(!outcome["reasons"].to_string().contains("was started"), "{outcome}");
        assert!(outcome["reasons"].to_string().contains(why), "{why}: {outcome}");
        assert_eq!(lab.channel.hear().await.unwrap().len(), 1, "{why}");
        assert!(executions(&lab, instance).await.is_empty(), "{why}");
    }
}

#[tokio::test]
async fn a_policy_whose_expression_is_bad_starts_nothing_and_says_so() {
    let lab = lab("custom-bad-expression").await;
    let bad = policy(RUNBOOK).replace("request.instanceType.starts", "request.instanceType.begins");
    let mut function = function(&lab, &bad, Some("runbooks")).await;
    let answer = send(&mut function, &launched("eve", "p5.48xlarge", "i-00000000000000008")).await;
    let outcome = answer.outcome(NAME).unwrap();
    assert_eq!(outcome["verdict"], "undetermined", "{outcome}");
    assert!(outcome["reasons"].to_string().contains("there is no function `beginsWith`"), "{outcome}");
    assert!(executions(&lab, "i-00000000000000008").await.is_empty());
}
