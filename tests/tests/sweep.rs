//! Sweeps that change something or see everything: in a local AWS of their own, where nobody else's groups are.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails says so by panicking"
)]

use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tests::command::{command, parapet};
use tests::host::{Host, Settings};
use tests::http::Message;
use tests::lab::{Lab, on_port};
use tests::many::{Many, Shape, id};
use tests::moto::{ACCOUNT, REGION};
use tests::proxy::Fault;
use tests::view::View;
use tokio::sync::Mutex;

/// One at a time: each sees the whole account.
static ALONE: Mutex<()> = Mutex::const_new(());

#[tokio::test]
async fn a_page_that_enforces_reads_before_it_closes_so_that_the_way_back_is_whole() {
    let _alone = ALONE.lock().await;
    let lab = Lab::new("sweep-enforce").await.unwrap();
    let table = lab.ledger().await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "kept")]).await.unwrap();
    let settings = Settings { ledger: Some(table.clone()), ..lab.settings() };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let order = json!({"parapet": {"task": "page", "kind": "security-group", "number": 1, "from": null,
        "place": {"partition": "aws", "account": ACCOUNT, "region": REGION}}});
    let swept = function.send(&order).await.unwrap();
    assert!(swept.report().unwrap()["violations"].as_u64().unwrap() >= 1, "{swept:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), closed);
    let items = lab.clients.dynamodb.scan().table_name(&table).send().await.unwrap().items.unwrap();
    let mine = items.iter().find(|item| item.get("resource").is_some_and(|arn| arn.as_s().unwrap().ends_with(&group)));
    let id = mine.unwrap()["id"].as_s().unwrap();
    let undone = parapet(&lab.proxy.url(), &["undo", id, "--table", &table, "--yes"]).await.unwrap();
    assert_eq!(undone.status, 0, "{undone:?}");
    assert!(lab.lines(&view).await.unwrap().iter().any(|line| line.contains("tcp 22")));
}

fn rows(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_sweep_that_is_interrupted_goes_on_and_loses_nothing() {
    // Twenty pages; each takes its time, so that the interruption falls between two.
    let shape = Shape { groups: 10_000, open_every: 500, delay: Duration::from_millis(100) };
    let many = Many::serve(shape).await.unwrap();
    let folder = tests::paths::Scratch::new().unwrap();
    let state = folder.path().join("sweep.json");
    let state = state.to_str().unwrap();
    let args = ["sweep", "--kind", "security-group", "--format", "jsonl", "--state", state];
    let mut first = command(&many.url(), &args).unwrap();
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !std::path::Path::new(state).exists() {
        assert!(first.try_wait().unwrap().is_none(), "it was over before it was interrupted");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    first.kill().await.unwrap();
    let _ = many.take_pages();
    let second = parapet(&many.url(), &args).await.unwrap();
    assert_eq!(second.status, 1, "{}", second.err);
    let found = rows(&second.out);
    for at in (0..shape.groups).filter(|at| shape.is_open(*at)) {
        let about = |row: &&Value| row["resource"].as_str().unwrap().ends_with(&id(at));
        assert_eq!(found.iter().filter(about).count(), 1, "{}", id(at));
    }
    assert_eq!(found.len(), 20);
    assert!(!std::path::Path::new(state).exists(), "it is over");
    // Fewer pages than a whole sweep, which the next one is.
    let resumed = many.take_pages();
    parapet(&many.url(), &args).await.unwrap();
    let whole = many.take_pages();
    assert!(resumed < whole, "{resumed} {whole}");
}

/// A page says where the next begins, and the chain ends at the last.
#[tokio::test]
async fn a_function_walks_ten_thousand_groups_message_by_message() {
    let many = Many::serve(Shape { groups: 10_000, open_every: 500, delay: Duration::ZERO }).await.unwrap();
    let lab = Lab::new("sweep-pages").await.unwrap();
    let queue = lab.queue("sweep-pages-queue").await.unwrap();
    let more = [("PARAPET_QUEUE_URL", queue.clone()), ("AWS_ENDPOINT_URL_EC2", many.url())];
    let settings = Settings { topic: None, mode: Some("notify".to_owned()), more: more.into(), ..lab.settings() };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let mut message = json!({"parapet": {"task": "page", "kind": "security-group", "number": 1, "from": null,
        "place": {"partition": "aws", "account": ACCOUNT, "region": REGION}}});
    let (mut seen, mut violations, mut pages) = (0, 0, 0);
    loop {
        let swept = function.send(&message).await.unwrap();
        let report = swept.report().unwrap();
        seen += report["seen"].as_u64().unwrap();
        violations += report["violations"].as_u64().unwrap();
        pages += 1;
        let next = lab.take(&queue).await.unwrap();
        assert_eq!(next.is_empty(), report["is_last"].as_bool().unwrap(), "{report}");
        match next.into_iter().next() {
            Some(next) => message = next,
            None => break,
        }
    }
    assert_eq!((seen, pages), (10_000, 20));
    assert!(violations >= 20, "{violations}");
}

#[tokio::test]
async fn a_kind_or_a_state_that_does_not_fit_is_named() {
    let _alone = ALONE.lock().await;
    let lab = Lab::new("sweep-bad").await.unwrap();
    let url = lab.proxy.url();
    let ran = parapet(&url, &["sweep", "--kind", "security-groups"]).await.unwrap();
    assert!(ran.status == 2 && ran.err.contains("security-groups") && ran.err.contains("security-group,"), "{ran:?}");
    let folder = tests::paths::Scratch::new().unwrap();
    let state = folder.path().join("state.json");
    std::fs::write(&state, "no json").unwrap();
    let ran = parapet(&url, &["sweep", "--state", state.to_str().unwrap()]).await.unwrap();
    assert!(ran.status == 2 && ran.err.contains("is not the state of a sweep"), "{ran:?}");
}

/// The row of the group's open port.
fn row_of(rows: &[Value], group: &str) -> Value {
    let is_it = |row: &&Value| {
        row["guardrail"] == "security-group-admin-port-open" && row["resource"].as_str().unwrap().ends_with(group)
    };
    rows.iter().find(is_it).unwrap_or_else(|| panic!("no row of {group}: {rows:#?}")).clone()
}

#[tokio::test]
async fn a_wrong_topic_hides_nothing_and_what_was_undone_stays_undone_until_it_is_lifted() {
    let _alone = ALONE.lock().await;
    let lab = Lab::new("sweep-topic").await.unwrap();
    let table = lab.ledger().await.unwrap();
    let url = lab.proxy.url();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let open = lab.lines(&view).await.unwrap();
    let folder = tests::paths::Scratch::new().unwrap();
    let policy = folder.path().join("policy.yaml");
    std::fs::write(&policy, "version: 1\ndefaults: { mode: enforce }\n").unwrap();
    let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:no-such-topic");
    let args = ["sweep", "--kind", "security-group", "--enforce", "--yes", "--policy", policy.to_str().unwrap()];
    let args = [&args[..], &["--table", &table, "--format", "jsonl"]].concat();

    let ran = parapet(&url, &[&args[..], &["--topic", &topic]].concat()).await.unwrap();
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(ran.err.contains("nobody was notified"), "{}", ran.err);
    let row = row_of(&rows(&ran.out), &group);
    assert_eq!((&row["result"], &row["is_recorded"]), (&json!("remediated"), &json!(true)), "{row}");
    assert!(row["undo"][0].as_str().unwrap().contains("authorize-security-group-ingress"), "{row}");
    assert_eq!(lab.lines(&view).await.unwrap(), closed);

    let undone =
        parapet(&url, &["undo", row["finding_id"].as_str().unwrap(), "--table", &table, "--yes"]).await.unwrap();
    assert_eq!(undone.status, 0, "{undone:?}");
    let ran = parapet(&url, &args).await.unwrap();
    assert_eq!(row_of(&rows(&ran.out), &group)["result"], "exempt", "{ran:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), open, "what was just restored is not closed");

    let listed = parapet(&url, &["stops", "list", "--table", &table, "--format", "json"]).await.unwrap();
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    let ids: Vec<&str> =
        listed["exemptions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert!(!ids.is_empty(), "{listed}");
    let lifted = parapet(&url, &[&["stops", "lift", "--table", &table], &ids[..]].concat()).await.unwrap();
    assert_eq!(lifted.status, 0, "{lifted:?}");
    let ran = parapet(&url, &args).await.unwrap();
    assert_eq!(row_of(&rows(&ran.out), &group)["result"], "remediated", "{ran:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), closed);
}

#[tokio::test]
async fn an_odd_error_of_one_kind_ends_no_other_and_says_what_failed() {
    let _alone = ALONE.lock().await;
    let lab = Lab::new("sweep-odd").await.unwrap();
    let group = lab.group().await.unwrap();
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let page = Fault::Answer(Message::answer(500, "text/html", "<html>an odd page</html>"));
    lab.proxy.fault("DescribeNetworkAcls", page, 1_000);
    let folder = tests::paths::Scratch::new().unwrap();
    let state = folder.path().join("state.json");
    let args = ["sweep", "--kind", "network-acl", "--kind", "security-group", "--kind", "subnet"];
    let args = [&args[..], &["--format", "jsonl", "--state", state.to_str().unwrap()]].concat();
    let ran = parapet(&lab.proxy.url(), &args).await.unwrap();
    assert_eq!(ran.status, 2, "{}", ran.err);
    for part in ["network-acl in", "ec2:DescribeNetworkAcls", "HTTP 500", "an odd page"] {
        assert!(ran.err.contains(part), "no `{part}` in {}", ran.err);
    }
    assert!(!ran.err.contains("unnamed"), "{}", ran.err);
    row_of(&rows(&ran.out), &group);
    // The same command does what could not be done, and only that.
    lab.proxy.mend();
    drop(lab.proxy.take_calls());
    let again = parapet(&lab.proxy.url(), &args).await.unwrap();
    assert_eq!(again.status, 1, "{}", again.err);
    row_of(&rows(&again.out), &group);
    let calls = lab.proxy.take_actions();
    assert!(calls.iter().any(|call| call == "DescribeNetworkAcls"), "{calls:?}");
    assert!(!calls.iter().any(|call| call == "DescribeSecurityGroups"), "{calls:?}");
    assert!(!state.exists(), "it is over");
}

#[tokio::test]
async fn without_its_ledger_a_sweep_that_enforces_changes_nothing() {
    let _alone = ALONE.lock().await;
    let lab = Lab::new("sweep-no-ledger").await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let open = lab.lines(&view).await.unwrap();
    let folder = tests::paths::Scratch::new().unwrap();
    let policy = folder.path().join("policy.yaml");
    std::fs::write(&policy, "version: 1\ndefaults: { mode: enforce }\n").unwrap();
    let args = ["sweep", "--enforce", "--yes", "--policy", policy.to_str().unwrap(), "--table", "no-such-table"];
    let ran = parapet(&lab.proxy.url(), &args).await.unwrap();
    assert!(ran.status == 2 && ran.err.contains("nothing was changed") && ran.err.contains("no-such-table"), "{ran:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), open);
}
