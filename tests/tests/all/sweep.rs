//! Sweeps that change something or see everything: in a local AWS of their own, where no other test's groups are.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;
use tests::command::{command, parapet};
use tests::host::{Answer, Host, LONGEST_CHAIN, Settings};
use tests::http::Message;
use tests::lab::{Lab, on_port};
use tests::many::{Many, Shape, id};
use tests::moto::{ACCOUNT, REGION};
use tests::proxy::Fault;
use tests::schedules::Schedules;
use tests::view::View;
use tests::world::World;
use tokio::sync::Mutex;

static WORLD: World = World::new();

const ROLE: &str = "arn:aws:iam::123456789012:role/parapet-security-group";

/// What the schedule's rule hands over.
fn sweep() -> Value {
    json!({"parapet": {"task": "sweep"}})
}

/// One at a time: each sees the whole account.
static ALONE: Mutex<()> = Mutex::const_new(());

#[tokio::test]
async fn a_page_that_enforces_reads_before_it_closes_so_that_the_undo_is_whole() {
    let _alone = ALONE.lock().await;
    let lab = WORLD.lab("sweep-enforce").await.unwrap();
    let table = lab.ledger().await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "kept")]).await.unwrap();
    let settings = Settings { ledger: Some(table.clone()), own_role: Some(ROLE.to_owned()), ..lab.settings() };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let order = sweep();
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

#[tokio::test]
async fn the_table_says_what_is_open_and_counts_it() {
    let _alone = ALONE.lock().await;
    let lab = WORLD.lab("sweep-table").await.unwrap();
    let group = lab.group().await.unwrap();
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let ran = parapet(&lab.proxy.url(), &["sweep", "--kind", "security-group"]).await.unwrap();
    let row = ran.out.lines().find(|line| line.contains(&group) && line.contains("security-group-admin-port-open"));
    let row = row.unwrap_or_else(|| panic!("{ran:?}"));
    let arn = format!("arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}");
    assert!(row.contains(&arn) && row.contains("violation") && row.contains("open"), "{row}");
    assert!(!ran.out.contains("notified"), "no notification was sent: {}", ran.out);
    let last = ran.out.lines().last().unwrap();
    assert!(last.contains(" undetermined, ") && last.contains(" judged"), "{last}");
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
    while !has_a_page(state) {
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
    // Fewer pages than a whole sweep, which the next one is: how far the first came depends on the machine.
    let resumed = many.take_pages();
    parapet(&many.url(), &args).await.unwrap();
    let whole = many.take_pages();
    assert!(resumed < whole, "{resumed} {whole}");
}

/// Whether a sweep has finished a page, by what it has written down.
fn has_a_page(state: &str) -> bool {
    let text = std::fs::read_to_string(state).unwrap_or_default();
    let state: Value = serde_json::from_str(&text).unwrap_or_default();
    state["at"].as_object().is_some_and(|at| !at.is_empty())
}

/// A function that sweeps what `many` serves, with a ledger.
async fn sweeper(lab: &Lab, many: &Many, schedules: &Schedules) -> Host {
    let mut more = BTreeMap::from(schedules.variables());
    more.insert("AWS_ENDPOINT_URL_EC2", many.url());
    let settings = Settings {
        topic: None,
        mode: Some("notify".to_owned()),
        own_role: Some(ROLE.to_owned()),
        ledger: Some(lab.ledger().await.unwrap()),
        more,
        ..lab.settings()
    };
    Host::start("security-group", &settings).await.unwrap()
}

fn number(report: &Value, key: &str) -> u64 {
    report[key].as_u64().unwrap()
}

#[tokio::test]
async fn one_run_walks_on_while_it_has_time() {
    let many = Many::serve(Shape { groups: 10_000, open_every: 500, delay: Duration::ZERO }).await.unwrap();
    let lab = WORLD.lab("sweep-pages").await.unwrap();
    let schedules = Schedules::open(&lab.clients, "sweep-pages").await.unwrap();
    let mut function = sweeper(&lab, &many, &schedules).await;
    // In a debug build a page takes its time.
    function.set_timeout(Duration::from_secs(300));
    let swept = function.send(&sweep()).await.unwrap();
    let report = swept.report().unwrap();
    assert_eq!(report["sweep"], "complete", "{report}");
    assert_eq!((number(report, "seen"), number(report, "pages")), (10_000, 20));
    assert!(number(report, "violations") >= 20, "{report}");
    assert_eq!(schedules.take().await.unwrap(), []);
}

/// More pages than Lambda lets a chain of a function and itself have rounds, in runs that are too short for all of them: each
/// hands the rest on, each step is done once, and the last one is the end.
#[tokio::test]
async fn what_does_not_fit_one_run_is_handed_on_to_the_end() {
    let shape = Shape { groups: 12_000, open_every: 500, delay: Duration::from_millis(200) };
    let many = Many::serve(shape).await.unwrap();
    let lab = WORLD.lab("sweep-steps").await.unwrap();
    let schedules = Schedules::open(&lab.clients, "sweep-steps").await.unwrap();
    let mut function = sweeper(&lab, &many, &schedules).await;
    function.set_timeout(Duration::from_secs(4));
    let mut order = json!({"parapet": {"task": "sweep", "time": "TIME"}});
    order["parapet"]["time"] = jiff::Timestamp::now().to_string().into();
    let (mut seen, mut pages, mut steps) = (0, 0, 0);
    loop {
        let swept = function.send(&order).await.unwrap();
        let report = swept.report().unwrap();
        seen += number(report, "seen");
        pages += number(report, "pages");
        steps += 1;
        assert_eq!(number(report, "step"), steps);
        // A schedule may fire twice, and a rule too: the step is taken.
        let twice = function.send(&order).await.unwrap();
        assert_eq!(twice.report().unwrap()["sweep"], "taken", "{twice:?}");
        let due = schedules.take().await.unwrap();
        match (report["sweep"].as_str().unwrap(), due.as_slice()) {
            ("complete", []) => break,
            ("handed-on", [next]) => order = next.input.clone(),
            (ended, due) => panic!("{ended}, and then {due:#?}"),
        }
    }
    assert_eq!(seen, 12_000);
    assert!(steps >= 2 && pages >= 24, "{steps} steps, {pages} pages");
}

/// The test's Lambda passes the trace on as Lambda does, and ends a chain of a function and itself: what a queue of its own
/// would have run into.
#[tokio::test]
async fn a_chain_of_a_function_and_itself_is_ended() {
    let lab = WORLD.lab("chain").await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    drop(lab.proxy.take_calls());
    function.send(&event).await.unwrap();
    let publish = lab.proxy.take_calls().into_iter().find(|call| call.action == "Publish").unwrap();
    let trace = publish.trace.expect("the SDK passes the trace on");
    assert!(trace.starts_with("Root=1-"), "{trace}");
    for _ in 2..=LONGEST_CHAIN {
        assert!(matches!(function.send_on(&event, &trace).await.unwrap(), Answer::Report(_)));
    }
    let Answer::Error { kind, .. } = function.send_on(&event, &trace).await.unwrap() else { panic!("it went on") };
    assert_eq!(kind, "RecursiveInvocationException");
    assert!(matches!(function.send(&event).await.unwrap(), Answer::Report(_)), "another chain is not ended");
}

#[tokio::test]
async fn a_kind_or_a_state_that_does_not_fit_is_named() {
    let _alone = ALONE.lock().await;
    let lab = WORLD.lab("sweep-bad").await.unwrap();
    let url = lab.proxy.url();
    let ran = parapet(&url, &["sweep", "--kind", "security-groups"]).await.unwrap();
    assert!(ran.status == 2 && ran.err.contains("`security-groups` (did you mean `security-group`"), "{ran:?}");
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
    let lab = WORLD.lab("sweep-topic").await.unwrap();
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
    assert!(ran.err.contains("no notification was sent"), "{}", ran.err);
    let row = row_of(&rows(&ran.out), &group);
    assert_eq!((&row["result"], &row["is_recorded"]), (&json!("remediated"), &json!(true)), "{row}");
    assert!(row["undo"][0].as_str().unwrap().contains("authorize-security-group-ingress"), "{row}");
    assert_eq!(lab.lines(&view).await.unwrap(), closed);

    // The same topic does not make an undo one that could not run.
    let id = row["finding_id"].as_str().unwrap();
    let undone = parapet(&url, &["undo", id, "--table", &table, "--yes", "--topic", &topic]).await.unwrap();
    assert!(undone.status == 1 && undone.err.contains("undone, but no notification was sent"), "{undone:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), open);
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
    let lab = WORLD.lab("sweep-odd").await.unwrap();
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
    let lab = WORLD.lab("sweep-no-ledger").await.unwrap();
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
