//! The families of the function `database` against the local AWS with the real binary: a principal shares a snapshot,
//! opens an instance, turns deletion protection off; the function takes that back and nothing else, a second delivery
//! changes nothing, the undo command of the notification restores what stood.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::aws::{Clients, Keys};
use tests::databases::{self as db, PARTNER, RDS, Subject};
use tests::host::{Answer, Host, Settings};
use tests::http::Message;
use tests::lab::Lab;
use tests::moto::ACCOUNT;
use tests::proxy::Fault;
use tests::schedules::Schedules;
use tests::story::{notified, run_story};
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

const FUNCTION: &str = "database";
const STRANGER: &str = "444455556666";
const R2: &str = "{version: 1, defaults: {mode: enforce, max_class: R2}}";
const TRUSTS: &str = "{version: 1, defaults: {mode: enforce}, trusted_accounts: ['222233334444']}";

/// As RDS refuses.
fn refusal(status: u16, code: &str) -> Fault {
    let body = format!(
        "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>made up</Message></Error><RequestId>x</RequestId></ErrorResponse>"
    );
    Fault::Answer(Message::answer(status, "text/xml", &body))
}

/// Broken, closed by the first call, closed still, undone.
async fn closes(
    lab: &Lab,
    guardrail: &str,
    policy: &str,
    subject: &Subject,
    event: &Value,
    closed: &[String],
    first: &str,
) {
    let mut function = lab.function(FUNCTION, Some(policy)).await.unwrap();
    let view = View::Database(subject.clone());
    let (called, _) = run_story(lab, &mut function, guardrail, &view, event, closed).await.unwrap();
    assert_eq!(called[0], first, "the record proves it");
}

#[tokio::test]
async fn a_snapshot_for_everybody() {
    let lab = WORLD.lab("snapshot-public").await.unwrap();
    let subject = db::snapshot(&lab.clients, "snapshot-public").await.unwrap();
    let event = db::share(&lab.clients, "snapshot-public", &["all"]).await.unwrap();
    let closed = [PARTNER.to_owned()];
    closes(&lab, "db-snapshot-public", TRUSTS, &subject, &event, &closed, "ModifyDBSnapshotAttribute").await;
}

#[tokio::test]
async fn a_snapshot_for_everybody_and_for_a_stranger_is_one_call() {
    let lab = WORLD.lab("snapshot-both").await.unwrap();
    let subject = db::snapshot(&lab.clients, "snapshot-both").await.unwrap();
    let event = db::share(&lab.clients, "snapshot-both", &["all", STRANGER]).await.unwrap();
    let mut function = lab.function(FUNCTION, Some(TRUSTS)).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    for guardrail in ["db-snapshot-public", "db-snapshot-shared-with-untrusted"] {
        assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    }
    let calls = lab.proxy.take_actions();
    assert_eq!(calls.iter().filter(|call| *call == "ModifyDBSnapshotAttribute").count(), 1, "{calls:?}");
    assert_eq!(subject.lines(&lab.clients).await.unwrap(), [PARTNER]);
}

#[tokio::test]
async fn a_cluster_snapshot_for_a_stranger() {
    let lab = WORLD.lab("cluster-snapshot").await.unwrap();
    let subject = db::cluster_snapshot(&lab.clients, "cluster-snapshot").await.unwrap();
    let event = db::share_cluster(&lab.clients, "cluster-snapshot", STRANGER).await.unwrap();
    let (guardrail, first) = ("db-snapshot-shared-with-untrusted", "ModifyDBClusterSnapshotAttribute");
    closes(&lab, guardrail, TRUSTS, &subject, &event, &[], first).await;
}

#[tokio::test]
async fn a_public_instance() {
    let lab = WORLD.lab("public-instance").await.unwrap();
    let subject = db::instance(&lab.clients, "public-instance").await.unwrap();
    let closed = subject.lines(&lab.clients).await.unwrap();
    let event = db::modify(&lab.clients, "public-instance", Some(true), None).await.unwrap();
    closes(&lab, "db-instance-publicly-accessible", R2, &subject, &event, &closed, "ModifyDBInstance").await;
}

#[tokio::test]
async fn public_and_unprotected_are_put_right_by_one_call() {
    let lab = WORLD.lab("both-settings").await.unwrap();
    let subject = db::instance(&lab.clients, "both-settings").await.unwrap();
    let closed = subject.lines(&lab.clients).await.unwrap();
    let event = db::modify(&lab.clients, "both-settings", Some(true), Some(false)).await.unwrap();
    let mut function = lab.function(FUNCTION, Some(R2)).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    for guardrail in ["db-instance-publicly-accessible", "db-instance-deletion-protection-off"] {
        assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    }
    let calls = lab.proxy.take_actions();
    assert_eq!(calls.iter().filter(|call| *call == "ModifyDBInstance").count(), 1, "{calls:?}");
    assert_eq!(subject.lines(&lab.clients).await.unwrap(), closed);
}

#[tokio::test]
async fn without_the_word_of_policy_a_public_instance_is_only_notified() {
    let lab = WORLD.lab("public-told").await.unwrap();
    let subject = db::instance(&lab.clients, "public-told").await.unwrap();
    let event = db::modify(&lab.clients, "public-told", Some(true), None).await.unwrap();
    let open = subject.lines(&lab.clients).await.unwrap();
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("db-instance-publicly-accessible").unwrap(), "notified");
    assert_eq!(subject.lines(&lab.clients).await.unwrap(), open);
    let command = notified(&lab).await.unwrap()["unmapped"]["steps"][0]["command"].clone();
    assert!(command.as_str().unwrap().contains("--no-publicly-accessible"), "{command}");
}

/// RDS changes an instance only when it is available: the event comes back by a schedule, no function sleeps.
#[tokio::test]
async fn an_instance_that_is_still_being_made_is_closed_when_it_is_ready() {
    let lab = WORLD.lab("still-made").await.unwrap();
    let subject = db::instance(&lab.clients, "still-made").await.unwrap();
    let closed = subject.lines(&lab.clients).await.unwrap();
    db::modify(&lab.clients, "still-made", Some(true), None).await.unwrap();
    let schedules = Schedules::open(&lab.clients, "still-made").await.unwrap();
    let more = BTreeMap::from(schedules.variables());
    // How long its backups are kept is another story.
    let policy =
        "{version: 1, defaults: {mode: enforce, max_class: R2}, guardrails: {db-backup-retention-short: {mode: off}}}";
    let settings = Settings { more, policy: Some(policy.to_owned()), ..lab.settings() };
    let mut function = Host::start(FUNCTION, &settings).await.unwrap();
    lab.proxy.fault("ModifyDBInstance", refusal(400, "InvalidDBInstanceState"), 1);

    let request = json!({"dBInstanceIdentifier": "still-made", "engine": "postgres"});
    let response = json!({"dBInstanceIdentifier": "still-made", "dBInstanceStatus": "creating",
        "publiclyAccessible": true, "pendingModifiedValues": {"masterUserPassword": "****"}});
    let event = db::event(RDS, "CreateDBInstance", request, response);
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("db-instance-publicly-accessible").unwrap(), "failed", "{answer:?}");
    let reasons = &answer.outcome("db-instance-publicly-accessible").unwrap()["reasons"];
    assert!(reasons.to_string().contains("not possible yet (`InvalidDBInstanceState`)"), "{reasons}");
    let due = schedules.take().await.unwrap();
    assert_eq!(due.len(), 1, "the event waits: {due:#?}");
    notified(&lab).await.unwrap();

    drop(lab.proxy.take_actions());
    let answer = function.send(&due[0].input).await.unwrap();
    assert_eq!(answer.result("db-instance-publicly-accessible").unwrap(), "remediated", "{answer:?}");
    assert_eq!(lab.proxy.take_actions()[..2], ["DescribeDBInstances", "ModifyDBInstance"], "what waited is read again");
    assert_eq!(subject.lines(&lab.clients).await.unwrap(), closed);
}

#[tokio::test]
async fn an_instance_without_protection() {
    let lab = WORLD.lab("instance-off").await.unwrap();
    let subject = db::instance(&lab.clients, "instance-off").await.unwrap();
    let closed = subject.lines(&lab.clients).await.unwrap();
    let event = db::modify(&lab.clients, "instance-off", None, Some(false)).await.unwrap();
    let guardrail = "db-instance-deletion-protection-off";
    closes(&lab, guardrail, "{version: 1}", &subject, &event, &closed, "ModifyDBInstance").await;
}

#[tokio::test]
async fn a_cluster_without_protection() {
    let lab = WORLD.lab("cluster-off").await.unwrap();
    let subject = db::cluster(&lab.clients, "cluster-off").await.unwrap();
    let closed = subject.lines(&lab.clients).await.unwrap();
    let event = db::unprotect_cluster(&lab.clients, "cluster-off").await.unwrap();
    let guardrail = "db-cluster-deletion-protection-off";
    closes(&lab, guardrail, "{version: 1}", &subject, &event, &closed, "ModifyDBCluster").await;
}

#[tokio::test]
async fn a_table_without_protection() {
    let lab = WORLD.lab("table-off").await.unwrap();
    let subject = db::table(&lab.clients, "table-off").await.unwrap();
    let closed = subject.lines(&lab.clients).await.unwrap();
    let event = db::unprotect_table(&lab.clients, "table-off").await.unwrap();
    let guardrail = "dynamodb-table-deletion-protection-off";
    closes(&lab, guardrail, "{version: 1}", &subject, &event, &closed, "UpdateTable").await;
}

#[tokio::test]
async fn a_load_balancer_without_protection() {
    let lab = WORLD.lab("balancer-off").await.unwrap();
    let arn = db::load_balancer(&lab.clients, "balancer-off").await.unwrap();
    let subject = Subject::LoadBalancer(arn.clone());
    let closed = subject.lines(&lab.clients).await.unwrap();
    let event = db::unprotect_load_balancer(&lab.clients, &arn).await.unwrap();
    let (guardrail, first) = ("load-balancer-deletion-protection-off", "ModifyLoadBalancerAttributes");
    closes(&lab, guardrail, "{version: 1}", &subject, &event, &closed, first).await;
}

#[tokio::test]
async fn what_is_gone_is_not_brought_back_and_no_error() {
    let lab = WORLD.lab("gone").await.unwrap();
    let mut function = lab.function(FUNCTION, Some(R2)).await.unwrap();
    // moto fails over a cluster that is not there.
    lab.proxy.fault("ModifyDBCluster", refusal(404, "DBClusterNotFoundFault"), 1);
    let region = lab.clients.config.region().unwrap();
    let arn = format!("arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:loadbalancer/app/gone/50dc6c495c0c9188");
    let table = json!({"tableName": "gone", "deletionProtectionEnabled": false});
    let cluster = json!({"dBClusterIdentifier": "gone", "deletionProtection": false});
    let snapshot = json!({"dBSnapshotIdentifier": "gone", "attributeName": "restore", "valuesToAdd": ["all"]});
    let cluster_snapshot =
        json!({"dBClusterSnapshotIdentifier": "gone", "attributeName": "restore", "valuesToAdd": ["all"]});
    for (guardrail, event) in [
        ("db-snapshot-public", db::event(RDS, "ModifyDBSnapshotAttribute", snapshot, Value::Null)),
        ("db-snapshot-public", db::event(RDS, "ModifyDBClusterSnapshotAttribute", cluster_snapshot, Value::Null)),
        ("db-instance-publicly-accessible", db::modified("gone", Some(true), None)),
        ("db-cluster-deletion-protection-off", db::event(RDS, "ModifyDBCluster", cluster, Value::Null)),
        (
            "dynamodb-table-deletion-protection-off",
            db::event("dynamodb.amazonaws.com", "UpdateTable", table, Value::Null),
        ),
        ("load-balancer-deletion-protection-off", db::turned_off(&arn)),
    ] {
        let answer = function.send(&event).await.unwrap();
        assert_eq!(answer.result(guardrail).unwrap(), "gone", "{answer:?}");
    }
}

/// In a region of its own, where nothing else is.
#[tokio::test]
async fn the_sweep_finds_what_no_event_showed() {
    let region = "eu-west-3";
    let mut lab = WORLD.lab("sweep").await.unwrap();
    let url = WORLD.moto().await.unwrap().url();
    lab.clients = Clients::in_region(&url, &Keys::default(), region).await;
    let snapshot = db::snapshot(&lab.clients, "swept").await.unwrap();
    db::share(&lab.clients, "swept", &["all"]).await.unwrap();
    db::modify(&lab.clients, "swept-db", Some(true), Some(false)).await.unwrap();
    db::cluster(&lab.clients, "swept-cluster").await.unwrap();
    db::unprotect_cluster(&lab.clients, "swept-cluster").await.unwrap();
    db::table(&lab.clients, "swept").await.unwrap();
    db::unprotect_table(&lab.clients, "swept").await.unwrap();
    let arn = db::load_balancer(&lab.clients, "swept").await.unwrap();
    let balancer = Subject::LoadBalancer(arn.clone());
    let protected = balancer.lines(&lab.clients).await.unwrap();
    db::unprotect_load_balancer(&lab.clients, &arn).await.unwrap();

    let settings =
        Settings { region: Some(region.to_owned()), topic: None, policy: Some(TRUSTS.to_owned()), ..lab.settings() };
    let mut function = Host::start(FUNCTION, &settings).await.unwrap();
    let place = json!({"partition": "aws", "account": ACCOUNT, "region": region});
    let mut sweep = async |kind: &str| {
        let order = json!({"parapet": {"task": "sweep", "only": {"kind": kind, "place": place}}});
        let Answer::Report(answer) = function.send(&order).await.unwrap() else { panic!("an error") };
        assert_eq!(answer["sweep"], "complete", "{answer}");
        (answer["seen"].as_u64().unwrap(), answer["violations"].as_u64().unwrap(), answer["pages"].as_u64().unwrap())
    };
    assert_eq!(sweep("db-snapshot").await, (1, 1, 2), "instances' first, then clusters'");
    assert_eq!(sweep("db-instance").await, (1, 2, 1));
    assert_eq!(sweep("db-cluster").await, (1, 1, 1));
    assert_eq!(sweep("dynamodb-table").await, (1, 1, 1));
    assert_eq!(sweep("load-balancer").await, (1, 1, 1));

    assert_eq!(snapshot.lines(&lab.clients).await.unwrap(), [PARTNER]);
    let instance = Subject::Instance("swept-db".to_owned()).lines(&lab.clients).await.unwrap();
    assert_eq!(instance[2..], ["protected true", "public true"], "R2 was not asked for");
    assert_eq!(balancer.lines(&lab.clients).await.unwrap(), protected);
}
