//! Services without an SDK crate: each request that a family makes is one that botocore's model of the service knows.

use serde_json::{Value, json};
use shared::engine::request::{Api, Asks, Protocol, Request};
use tests::paths;

/// The families that the registry serves with the client of signed requests.
macro_rules! asked {
    ([] $($function:literal { $($service:ident::$family:ident => $client:ident,)+ })+) => {{
        let mut all: Vec<(&'static str, Vec<(&'static Api, Request)>)> = Vec::new();
        $($(asked!(all, $client, $service, $family);)+)+
        all
    }};
    ($all:ident, Signed, $service:ident, $family:ident) => {
        $all.extend([(stringify!($family), <shared::resources::$service::$family as Asks>::asks())])
    };
    ($all:ident, $other:ident, $service:ident, $family:ident) => {};
}

fn shown((api, request): &(&'static Api, Request), family: &str) -> Value {
    let protocol = match api.protocol {
        Protocol::Rest => json!("rest-json"),
        Protocol::Json { version, target } => json!({"version": version, "target": target}),
    };
    json!({"family": family, "signed_as": api.signed_as, "host": api.host, "protocol": protocol, "operation": request.operation,
        "errors": api.errors.iter().map(|(code, _)| code).collect::<Vec<_>>(),
        "method": request.method, "path": request.path, "query": request.query, "body": request.body})
}

/// botocore comes with moto.
#[tokio::test]
async fn every_request_is_one_that_the_service_knows() {
    let asked: Vec<(&str, Vec<(&'static Api, Request)>)> = shared::registry!(asked![]);
    assert!(asked.iter().all(|(_, requests)| !requests.is_empty()), "a family asks nothing: {asked:?}");
    let requests: Vec<Value> =
        asked.iter().flat_map(|(family, requests)| requests.iter().map(|one| shown(one, family))).collect();
    assert!(requests.len() > 4, "{requests:?}");
    let python = paths::root().join(".venv/bin/python");
    let mut child = tokio::process::Command::new(python)
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
    let faults: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
