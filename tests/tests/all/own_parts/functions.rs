//! Functions, and what no call puts back.

use super::{POLICY, Person, named, own};
use serde_json::{Value, json};
use shared::engine::request::Request;
use shared::resources::lambda::LAMBDA;
use tests::lab::Lab;
use tests::moto::ACCOUNT;
use tests::records::{self, Caller};
use tests::story::{Subject, notified};
use tests::world::World;

static WORLD: World = World::new();

const THROTTLED: &str = "parapet-function-throttled";

/// What a function reserves.
struct Concurrency(String);

impl Subject for Concurrency {
    async fn lines(&self, lab: &Lab) -> tests::Result<Vec<String>> {
        let path = ["2019-09-30", "functions", &self.0, "concurrency"];
        let answer = Person(lab).call(&LAMBDA, Request::rest("GetFunctionConcurrency", "GET", &path)).await;
        Ok(vec![format!("reserves {:?}", answer.at(&["ReservedConcurrentExecutions"]).and_then(Value::as_u64))])
    }
}

#[tokio::test]
async fn a_function_that_is_throttled_to_nothing_runs_again() {
    let lab = WORLD.lab("own-throttled").await.unwrap();
    lab.ledger().await.unwrap();
    let name = named("SecurityGroupFunction");
    let runs = aws_sdk_iam::Client::new(&lab.clients.config);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    runs.create_role().role_name("runs").assume_role_policy_document(trust.to_string()).send().await.unwrap();
    let create = Request::rest("CreateFunction", "POST", &["2015-03-31", "functions"])
        .member("FunctionName", Some(name.as_str()));
    let create = create.member("Runtime", Some("provided.al2023")).member("Handler", Some("bootstrap"));
    let create = create.member("Role", Some(format!("arn:aws:iam::{ACCOUNT}:role/runs")));
    // An empty archive.
    let create = create.member("Code", Some(json!({"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="})));
    Person(&lab).call(&LAMBDA, create).await;
    let subject = Concurrency(name.clone());
    let good = subject.lines(&lab).await.unwrap();
    let path = ["2017-10-31", "functions", &name, "concurrency"];
    let throttle =
        Request::rest("PutFunctionConcurrency", "PUT", &path).member("ReservedConcurrentExecutions", Some(0));
    Person(&lab).call(&LAMBDA, throttle).await;
    assert_ne!(subject.lines(&lab).await.unwrap(), good);
    let mut function = own(&lab, POLICY).await;
    let request = json!({"functionName": name, "reservedConcurrentExecutions": 0});
    let event = records::event(
        &Caller::user("eve"),
        "lambda.amazonaws.com",
        "PutFunctionConcurrency20171031",
        request,
        Value::Null,
    );
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result(THROTTLED).unwrap(), "remediated", "{answer:?}");
    assert_eq!(subject.lines(&lab).await.unwrap(), good);
    assert_eq!(notified(&lab).await.unwrap()["unmapped"]["result"], "remediated");
}

#[tokio::test]
async fn what_no_call_puts_back_is_notified() {
    let lab = WORLD.lab("own-parts").await.unwrap();
    lab.ledger().await.unwrap();
    let mut function = own(&lab, POLICY).await;
    let (alarm, code, rule) = (named("HeartbeatAlarm"), named("SecurityGroupFunction"), named("SelfRule"));
    let table = named("Ledger");
    for (source, name, request, guardrail) in [
        ("monitoring", "DisableAlarmActions", json!({"alarmNames": [alarm]}), "parapet-part-changed"),
        ("dynamodb", "DeleteTable", json!({"tableName": table}), "parapet-part-changed"),
        ("events", "EnableRule", json!({"name": rule}), "parapet-part-changed"),
        ("lambda", "UpdateFunctionCode20150331v2", json!({"functionName": code}), "parapet-function-changed"),
    ] {
        let caller = Caller::user(&format!("eve-{name}"));
        let event = records::event(&caller, &format!("{source}.amazonaws.com"), name, request, Value::Null);
        let answer = function.send(&event).await.unwrap();
        assert_eq!(answer.result(guardrail).unwrap(), "notified", "{name}: {answer:?}");
        assert_eq!(notified(&lab).await.unwrap()["unmapped"]["result"], "notified", "{name}");
    }
}
