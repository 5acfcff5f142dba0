//! Services without an SDK crate: each request that a family makes is one that botocore's model of the service knows, and what it reads of the answers
//! is there.

use parapet::doctor::calls;
use serde_json::{Value, json};
use shared::engine::hint::{Reply, SECURITY_HUB, Source};
use shared::engine::request::{Answer, Api, Asks, Protocol, Request};
use std::collections::BTreeMap;
use tests::paths;

/// What is not found in these answers.
type Overlooked = fn(&dyn Fn(&'static str) -> Answer) -> Vec<String>;

/// A family: its name, what it asks, and what it reads.
type Asked = (&'static str, Vec<(&'static Api, Request)>, Overlooked);

/// The families that the registry serves with the client of signed requests.
macro_rules! asked {
    ([] $($function:literal { $($service:ident::$family:ident => $client:ident,)+ })+) => {{
        let mut all: Vec<Asked> = Vec::new();
        $($(asked!(all, $client, $service, $family);)+)+
        all
    }};
    ($all:ident, Signed, $service:ident, $family:ident) => {
        $all.extend([(
            stringify!($family),
            <shared::resources::$service::$family as Asks>::asks(),
            <shared::resources::$service::$family as Asks>::overlooked as Overlooked,
        )])
    };
    ($all:ident, $other:ident, $service:ident, $family:ident) => {};
}

fn shown((api, request): &(&'static Api, Request), family: &str) -> Value {
    let protocol = match api.protocol {
        Protocol::Rest => json!("rest-json"),
        Protocol::Json { version, target } => json!({"version": version, "target": target}),
        Protocol::Query { version } => json!({"query": version}),
    };
    json!({"family": family, "signed_as": api.signed_as, "host": api.host, "protocol": protocol, "operation": request.operation,
        "errors": api.errors.iter().map(|(code, _)| code).collect::<Vec<_>>(),
        "method": request.method, "path": request.path, "query": request.query, "body": request.body})
}

/// What botocore, which comes with moto, says of the requests: what is wrong with them, and for each an answer with all members that its service has.
async fn compared(requests: &[Value]) -> (Vec<String>, Vec<Value>) {
    let mut child = tokio::process::Command::new(paths::root().join(".venv/bin/python"))
        .arg(paths::root().join("tests/src/models.py"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stdin, json!(requests).to_string().as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "the comparison did not run");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What is written back to findings of Security Hub, which no family does.
fn replies() -> Vec<(&'static Api, Request)> {
    let reply = Reply { is_closed: true, says: "remediated".to_owned() };
    let asff =
        Source::Asff { id: "finding-1".to_owned(), product_arn: "arn:aws:securityhub:us-east-1::product/p".to_owned() };
    let ocsf = Source::Ocsf { uid: "finding-1".to_owned() };
    [asff, ocsf].iter().filter_map(|source| Some((&SECURITY_HUB, source.reply(&reply)?))).collect()
}

/// What the doctor asks. That a stack is not there is an error of every operation, which CloudFormation's model does not name.
fn of_the_doctor() -> Vec<Value> {
    let each = calls::each().into_iter().map(|call| {
        let mut one = shown(&(call.api, call.request), "doctor");
        if *call.api == calls::CLOUDFORMATION {
            one["errors"] = json!([]);
        }
        one
    });
    each.collect()
}

#[tokio::test]
async fn every_request_is_one_that_the_service_knows_and_its_answer_is_read() {
    let asked: Vec<Asked> = shared::registry!(asked![]);
    assert!(asked.iter().all(|(_, requests, _)| !requests.is_empty()), "a family asks nothing");
    let mut requests: Vec<Value> =
        asked.iter().flat_map(|(family, requests, _)| requests.iter().map(|one| shown(one, family))).collect();
    assert!(requests.len() > 4, "{requests:?}");
    requests.extend(replies().iter().map(|one| shown(one, "replies to findings")));
    let (faults, answers) = compared(&requests).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let (faults, _) = compared(&of_the_doctor()).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    let mut answers = answers.into_iter();
    let mut overlooked = Vec::new();
    for (family, requests, reads) in asked {
        let of_family: BTreeMap<&str, Value> =
            requests.iter().map(|(_, request)| (request.operation, answers.next().unwrap())).collect();
        let answer = |operation: &'static str| Answer { body: of_family[operation].clone(), request_id: None };
        overlooked.extend(reads(&answer).into_iter().map(|what| format!("{family}: {what}")));
    }
    assert!(overlooked.is_empty(), "{}", overlooked.join("\n"));
    for answer in answers {
        assert!(answer["UnprocessedFindings"].is_array(), "{answer}");
        assert!(Source::replied(&answer).is_err(), "{answer}");
    }
}
