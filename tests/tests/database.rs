//! The families of the function `database` against the local AWS with the real binary: somebody shares a snapshot, opens an
//! instance, turns deletion protection off; the function takes that back and nothing else, a second delivery changes
//! nothing, the way back that was told restores what stood.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails says so by panicking")]

use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};
use tests::aws::{Clients, Keys};
use tests::host::{Answer, Host, Settings};
use tests::http::Message;
use tests::lab::Lab;
use tests::moto::ACCOUNT;
use tests::proxy::Fault;
use tests::records::{self, Caller};
use tests::undo;

const FUNCTION: &str = "database";
const RDS: &str = "rds.amazonaws.com";
const SWITCH: &str = "deletion_protection.enabled";
const UNTRUSTED: &str = "444455556666";
const TRUSTED: &str = "222233334444";
const R2: &str = "{version: 1, defaults: {mode: enforce, max_class: R2}}";
const TRUSTS: &str = "{version: 1, defaults: {mode: enforce}, trusted_accounts: ['222233334444']}";

fn rds(clients: &Clients) -> aws_sdk_rds::Client {
    aws_sdk_rds::Client::new(&clients.config)
}

fn elb(clients: &Clients) -> aws_sdk_elasticloadbalancingv2::Client {
    aws_sdk_elasticloadbalancingv2::Client::new(&clients.config)
}

/// What a story is about, by its name.
enum Subject {
    Snapshot(String),
    ClusterSnapshot(String),
    Instance(String),
    Cluster(String),
    Table(String),
    LoadBalancer(String),
}

impl Subject {
    /// All that a function could have changed about it, one line each.
    async fn lines(&self, lab: &Lab) -> Vec<String> {
        let (clients, rds) = (&lab.clients, rds(&lab.clients));
        match self {
            Self::Snapshot(id) => {
                let answer = rds.describe_db_snapshot_attributes().db_snapshot_identifier(id).send().await.unwrap();
                let result = answer.db_snapshot_attributes_result.unwrap();
                let values = result.db_snapshot_attributes().iter().flat_map(|one| one.attribute_values().to_vec());
                sorted(values.collect())
            }
            Self::ClusterSnapshot(id) => {
                let call = rds.describe_db_cluster_snapshot_attributes().db_cluster_snapshot_identifier(id);
                let result = call.send().await.unwrap().db_cluster_snapshot_attributes_result.unwrap();
                let listed = result.db_cluster_snapshot_attributes().iter();
                sorted(listed.flat_map(|one| one.attribute_values().to_vec()).collect())
            }
            Self::Instance(id) => {
                let answer = rds.describe_db_instances().db_instance_identifier(id).send().await.unwrap();
                let it = &answer.db_instances()[0];
                vec![
                    format!("public {}", it.publicly_accessible().unwrap()),
                    format!("protected {}", it.deletion_protection().unwrap()),
                    format!("class {}", it.db_instance_class().unwrap()),
                    format!("backups kept {}", it.backup_retention_period().unwrap()),
                ]
            }
            Self::Cluster(id) => {
                let answer = rds.describe_db_clusters().db_cluster_identifier(id).send().await.unwrap();
                let it = &answer.db_clusters()[0];
                let backups = it.backup_retention_period().unwrap();
                vec![format!("protected {}", it.deletion_protection().unwrap()), format!("backups kept {backups}")]
            }
            Self::Table(name) => {
                let answer = clients.dynamodb.describe_table().table_name(name).send().await.unwrap();
                let it = answer.table.unwrap();
                let billing = it.billing_mode_summary().and_then(|billing| billing.billing_mode().cloned());
                vec![format!("protected {}", it.deletion_protection_enabled().unwrap()), format!("billing {billing:?}")]
            }
            Self::LoadBalancer(arn) => {
                let call = elb(clients).describe_load_balancer_attributes().load_balancer_arn(arn);
                let answer = call.send().await.unwrap();
                let line = |it: &LoadBalancerAttribute| format!("{:?} {:?}", it.key(), it.value());
                sorted(answer.attributes().iter().map(line).collect())
            }
        }
    }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

fn ben() -> Caller {
    Caller::user("ben")
}

/// An instance that is private and protected.
async fn instance(lab: &Lab, id: &str) -> Subject {
    let call = rds(&lab.clients).create_db_instance().db_instance_identifier(id).db_instance_class("db.t3.medium");
    let call = call.engine("postgres").master_username("admin1").master_user_password("secret-of-a-test");
    let call = call.allocated_storage(20).publicly_accessible(false).deletion_protection(true);
    call.send().await.unwrap();
    Subject::Instance(id.to_owned())
}

async fn cluster(lab: &Lab, id: &str) -> Subject {
    let call = rds(&lab.clients).create_db_cluster().db_cluster_identifier(id).engine("aurora-postgresql");
    let call = call.master_username("admin1").master_user_password("secret-of-a-test").deletion_protection(true);
    call.send().await.unwrap();
    Subject::Cluster(id.to_owned())
}

async fn table(lab: &Lab, name: &str) -> Subject {
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    let attribute = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    let call = lab.clients.dynamodb.create_table().table_name(name).key_schema(key);
    let call = call.attribute_definitions(attribute.build().unwrap()).billing_mode(BillingMode::PayPerRequest);
    call.deletion_protection_enabled(true).send().await.unwrap();
    Subject::Table(name.to_owned())
}

async fn load_balancer(lab: &Lab, name: &str) -> (String, Subject) {
    let vpc = lab.vpc().await.unwrap();
    let mut subnets = Vec::new();
    for (zone, cidr) in [("a", "10.9.1.0/24"), ("b", "10.9.2.0/24")] {
        let region = lab.clients.config.region().unwrap();
        let call = lab.clients.ec2.create_subnet().vpc_id(&vpc).cidr_block(cidr);
        let made = call.availability_zone(format!("{region}{zone}")).send().await.unwrap();
        subnets.push(made.subnet.unwrap().subnet_id.unwrap());
    }
    let call = elb(&lab.clients).create_load_balancer().name(name).set_subnets(Some(subnets));
    let made = call.send().await.unwrap().load_balancers.unwrap();
    let arn = made[0].load_balancer_arn.clone().unwrap();
    turn(lab, &arn, true).await;
    (arn.clone(), Subject::LoadBalancer(arn))
}

async fn turn(lab: &Lab, arn: &str, is_on: bool) {
    let switch = LoadBalancerAttribute::builder().key(SWITCH).value(is_on.to_string()).build();
    elb(&lab.clients).modify_load_balancer_attributes().load_balancer_arn(arn).attributes(switch).send().await.unwrap();
}

/// A snapshot that is shared with the trusted account.
async fn snapshot(lab: &Lab, id: &str) -> Subject {
    instance(lab, &format!("{id}-db")).await;
    let call = rds(&lab.clients).create_db_snapshot().db_instance_identifier(format!("{id}-db"));
    call.db_snapshot_identifier(id).send().await.unwrap();
    share(lab, id, &[TRUSTED]).await;
    Subject::Snapshot(id.to_owned())
}

/// Shares a snapshot; the event of it, whose response lists what stands.
async fn share(lab: &Lab, id: &str, with: &[&str]) -> Value {
    let values: Vec<String> = with.iter().map(|with| (*with).to_owned()).collect();
    let call = rds(&lab.clients).modify_db_snapshot_attribute().db_snapshot_identifier(id).attribute_name("restore");
    let made = call.set_values_to_add(Some(values)).send().await.unwrap().db_snapshot_attributes_result.unwrap();
    let standing = made.db_snapshot_attributes()[0].attribute_values();
    let request = json!({"dBSnapshotIdentifier": id, "attributeName": "restore", "valuesToAdd": with});
    let attribute = json!({"attributeName": "restore", "attributeValues": standing});
    let response = json!({"dBSnapshotIdentifier": id, "dBSnapshotAttributes": [attribute]});
    records::event(&ben(), RDS, "ModifyDBSnapshotAttribute", request, response)
}

/// The event of a change of an instance; its response shows what was before, as RDS's does.
fn modified(id: &str, changes: &Value) -> Value {
    let mut request = json!({"dBInstanceIdentifier": id, "applyImmediately": true});
    request.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let response = json!({
        "dBInstanceIdentifier": id, "dBInstanceStatus": "modifying", "engine": "postgres", "publiclyAccessible": false,
        "deletionProtection": true, "pendingModifiedValues": {},
    });
    records::event(&ben(), RDS, "ModifyDBInstance", request, response)
}

/// As RDS refuses.
fn refusal(status: u16, code: &str) -> Fault {
    let body = format!(
        "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>made up</Message></Error><RequestId>x</RequestId></ErrorResponse>"
    );
    Fault::Answer(Message::answer(status, "text/xml", &body))
}

/// The one notification that was heard: the finding in it.
async fn told(lab: &Lab) -> Value {
    let heard = lab.channel.hear().await.unwrap();
    assert_eq!(heard.len(), 1, "told once: {heard:#?}");
    serde_json::from_str(heard[0]["Message"].as_str().unwrap()).unwrap()
}

fn undo_of(finding: &Value) -> String {
    let steps = finding["unmapped"]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["undo_command"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Broken, closed by the first call, closed still, taken back.
async fn tell(
    lab: &Lab,
    guardrail: &str,
    policy: &str,
    subject: &Subject,
    event: &Value,
    closed: &[String],
    first: &str,
) {
    let mut function = lab.function(FUNCTION, Some(policy)).await.unwrap();
    let open = subject.lines(lab).await;
    assert_ne!(open, closed, "nothing was broken");
    let answer = function.send(event).await.unwrap();
    assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    assert_eq!(lab.proxy.take_actions()[0], first, "the record proves it");
    assert_eq!(subject.lines(lab).await, closed);
    let finding = told(lab).await;
    assert_eq!(finding["unmapped"]["result"], "remediated");

    function.send(event).await.unwrap();
    assert_eq!(subject.lines(lab).await, closed, "a second delivery changed something");
    assert!(lab.channel.hear().await.unwrap().is_empty(), "a second delivery was told");

    undo::run(&lab.clients, &undo_of(&finding)).await.unwrap();
    assert_eq!(subject.lines(lab).await, open, "not as it was");
}

#[tokio::test]
async fn a_snapshot_for_everybody() {
    let lab = Lab::new("snapshot-public").await.unwrap();
    let subject = snapshot(&lab, "snapshot-public").await;
    let closed = subject.lines(&lab).await;
    assert_eq!(closed, [TRUSTED]);
    let event = share(&lab, "snapshot-public", &["all"]).await;
    tell(&lab, "db-snapshot-public", TRUSTS, &subject, &event, &closed, "ModifyDBSnapshotAttribute").await;
}

#[tokio::test]
async fn a_snapshot_for_everybody_and_for_a_stranger_is_one_call() {
    let lab = Lab::new("snapshot-both").await.unwrap();
    let subject = snapshot(&lab, "snapshot-both").await;
    let event = share(&lab, "snapshot-both", &["all", UNTRUSTED]).await;
    let mut function = lab.function(FUNCTION, Some(TRUSTS)).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    for guardrail in ["db-snapshot-public", "db-snapshot-shared-with-untrusted"] {
        assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    }
    let calls = lab.proxy.take_actions();
    assert_eq!(calls.iter().filter(|call| *call == "ModifyDBSnapshotAttribute").count(), 1, "{calls:?}");
    assert_eq!(subject.lines(&lab).await, [TRUSTED]);
}

#[tokio::test]
async fn a_cluster_snapshot_for_a_stranger() {
    let lab = Lab::new("cluster-snapshot").await.unwrap();
    cluster(&lab, "cluster-snapshot-of").await;
    let rds = rds(&lab.clients);
    let call = rds.create_db_cluster_snapshot().db_cluster_identifier("cluster-snapshot-of");
    call.db_cluster_snapshot_identifier("cluster-snapshot").send().await.unwrap();
    let call = rds.modify_db_cluster_snapshot_attribute().db_cluster_snapshot_identifier("cluster-snapshot");
    call.attribute_name("restore").values_to_add(UNTRUSTED).send().await.unwrap();
    let subject = Subject::ClusterSnapshot("cluster-snapshot".to_owned());
    let request = json!({"dBClusterSnapshotIdentifier": "cluster-snapshot", "attributeName": "restore",
        "valuesToAdd": [UNTRUSTED]});
    let attribute = json!({"attributeName": "restore", "attributeValues": [UNTRUSTED]});
    let response =
        json!({"dBClusterSnapshotIdentifier": "cluster-snapshot", "dBClusterSnapshotAttributes": [attribute]});
    let event = records::event(&ben(), RDS, "ModifyDBClusterSnapshotAttribute", request, response);
    let first = "ModifyDBClusterSnapshotAttribute";
    tell(&lab, "db-snapshot-shared-with-untrusted", TRUSTS, &subject, &event, &[], first).await;
}

#[tokio::test]
async fn a_public_instance() {
    let lab = Lab::new("public-instance").await.unwrap();
    let subject = instance(&lab, "public-instance").await;
    let closed = subject.lines(&lab).await;
    let call = rds(&lab.clients).modify_db_instance().db_instance_identifier("public-instance");
    call.publicly_accessible(true).send().await.unwrap();
    let event = modified("public-instance", &json!({"publiclyAccessible": true}));
    tell(&lab, "db-instance-publicly-accessible", R2, &subject, &event, &closed, "ModifyDBInstance").await;
}

#[tokio::test]
async fn public_and_unprotected_are_put_right_by_one_call() {
    let lab = Lab::new("both-settings").await.unwrap();
    let subject = instance(&lab, "both-settings").await;
    let closed = subject.lines(&lab).await;
    let call = rds(&lab.clients).modify_db_instance().db_instance_identifier("both-settings");
    call.publicly_accessible(true).deletion_protection(false).send().await.unwrap();
    let event = modified("both-settings", &json!({"publiclyAccessible": true, "deletionProtection": false}));
    let mut function = lab.function(FUNCTION, Some(R2)).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    for guardrail in ["db-instance-publicly-accessible", "db-instance-deletion-protection-off"] {
        assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    }
    let calls = lab.proxy.take_actions();
    assert_eq!(calls.iter().filter(|call| *call == "ModifyDBInstance").count(), 1, "{calls:?}");
    assert_eq!(subject.lines(&lab).await, closed);
}

#[tokio::test]
async fn without_the_word_of_policy_a_public_instance_is_told_only() {
    let lab = Lab::new("public-told").await.unwrap();
    let subject = instance(&lab, "public-told").await;
    let call = rds(&lab.clients).modify_db_instance().db_instance_identifier("public-told");
    call.publicly_accessible(true).send().await.unwrap();
    let open = subject.lines(&lab).await;
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    let answer = function.send(&modified("public-told", &json!({"publiclyAccessible": true}))).await.unwrap();
    assert_eq!(answer.result("db-instance-publicly-accessible").unwrap(), "notified");
    assert_eq!(subject.lines(&lab).await, open);
    let command = told(&lab).await["unmapped"]["steps"][0]["command"].clone();
    assert!(command.as_str().unwrap().contains("--no-publicly-accessible"), "{command}");
}

/// RDS changes an instance only when it is available: the event comes back through the queue, nobody sleeps.
#[tokio::test]
async fn an_instance_that_is_still_being_made_is_closed_when_it_is_ready() {
    let lab = Lab::new("still-made").await.unwrap();
    let subject = instance(&lab, "still-made").await;
    let closed = subject.lines(&lab).await;
    let call = rds(&lab.clients).modify_db_instance().db_instance_identifier("still-made");
    call.publicly_accessible(true).send().await.unwrap();
    let queue = lab.clients.sqs.create_queue().queue_name("still-made-work").send().await.unwrap().queue_url;
    let settings = Settings { queue: queue.clone(), policy: Some(R2.to_owned()), ..lab.settings() };
    let mut function = Host::start(FUNCTION, &settings).await.unwrap();
    lab.proxy.fault("ModifyDBInstance", refusal(400, "InvalidDBInstanceState"), 1);

    let request = json!({"dBInstanceIdentifier": "still-made", "engine": "postgres"});
    let response = json!({"dBInstanceIdentifier": "still-made", "dBInstanceStatus": "creating",
        "publiclyAccessible": true, "pendingModifiedValues": {"masterUserPassword": "****"}});
    let event = records::event(&ben(), RDS, "CreateDBInstance", request, response);
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("db-instance-publicly-accessible").unwrap(), "failed", "{answer:?}");
    let reasons = &answer.outcome("db-instance-publicly-accessible").unwrap()["reasons"];
    assert!(reasons.to_string().contains("not possible yet (`InvalidDBInstanceState`)"), "{reasons}");
    let call = lab.clients.sqs.get_queue_attributes().queue_url(queue.unwrap());
    let delayed = QueueAttributeName::ApproximateNumberOfMessagesDelayed;
    let counted = call.attribute_names(delayed.clone()).send().await.unwrap().attributes.unwrap();
    assert_eq!(counted[&delayed], "1", "the event waits in the queue");
    told(&lab).await;

    let later = json!({"parapet": {"task": "later", "event": event, "why": "not possible yet", "attempt": 1}});
    drop(lab.proxy.take_actions());
    let answer = function.send(&later).await.unwrap();
    assert_eq!(answer.result("db-instance-publicly-accessible").unwrap(), "remediated", "{answer:?}");
    assert_eq!(lab.proxy.take_actions()[..2], ["DescribeDBInstances", "ModifyDBInstance"], "what waited is read again");
    assert_eq!(subject.lines(&lab).await, closed);
}

#[tokio::test]
async fn an_instance_without_protection() {
    let lab = Lab::new("instance-off").await.unwrap();
    let subject = instance(&lab, "instance-off").await;
    let closed = subject.lines(&lab).await;
    let call = rds(&lab.clients).modify_db_instance().db_instance_identifier("instance-off");
    call.deletion_protection(false).send().await.unwrap();
    let event = modified("instance-off", &json!({"deletionProtection": false}));
    let guardrail = "db-instance-deletion-protection-off";
    tell(&lab, guardrail, "{version: 1}", &subject, &event, &closed, "ModifyDBInstance").await;
}

#[tokio::test]
async fn a_cluster_without_protection() {
    let lab = Lab::new("cluster-off").await.unwrap();
    let subject = cluster(&lab, "cluster-off").await;
    let closed = subject.lines(&lab).await;
    let call = rds(&lab.clients).modify_db_cluster().db_cluster_identifier("cluster-off");
    call.deletion_protection(false).send().await.unwrap();
    let request = json!({"dBClusterIdentifier": "cluster-off", "deletionProtection": false});
    let response = json!({"dBClusterIdentifier": "cluster-off", "status": "available", "deletionProtection": false});
    let event = records::event(&ben(), RDS, "ModifyDBCluster", request, response);
    let guardrail = "db-cluster-deletion-protection-off";
    tell(&lab, guardrail, "{version: 1}", &subject, &event, &closed, "ModifyDBCluster").await;
}

#[tokio::test]
async fn a_table_without_protection() {
    let lab = Lab::new("table-off").await.unwrap();
    let subject = table(&lab, "table-off").await;
    let closed = subject.lines(&lab).await;
    let call = lab.clients.dynamodb.update_table().table_name("table-off").deletion_protection_enabled(false);
    call.send().await.unwrap();
    let request = json!({"tableName": "table-off", "deletionProtectionEnabled": false});
    let response = json!({"tableDescription": {"tableName": "table-off", "tableStatus": "UPDATING",
        "deletionProtectionEnabled": false}});
    let event = records::event(&ben(), "dynamodb.amazonaws.com", "UpdateTable", request, response);
    let guardrail = "dynamodb-table-deletion-protection-off";
    tell(&lab, guardrail, "{version: 1}", &subject, &event, &closed, "UpdateTable").await;
}

/// The event of a load balancer whose switch was turned off.
fn turned_off(arn: &str) -> Value {
    let attributes = json!([{"key": SWITCH, "value": "false"}]);
    let request = json!({"loadBalancerArn": arn, "attributes": attributes});
    let response = json!({"attributes": attributes});
    records::event(&ben(), "elasticloadbalancing.amazonaws.com", "ModifyLoadBalancerAttributes", request, response)
}

#[tokio::test]
async fn a_load_balancer_without_protection() {
    let lab = Lab::new("balancer-off").await.unwrap();
    let (arn, subject) = load_balancer(&lab, "balancer-off").await;
    let closed = subject.lines(&lab).await;
    turn(&lab, &arn, false).await;
    let first = "ModifyLoadBalancerAttributes";
    let guardrail = "load-balancer-deletion-protection-off";
    tell(&lab, guardrail, "{version: 1}", &subject, &turned_off(&arn), &closed, first).await;
}

#[tokio::test]
async fn what_is_gone_is_not_brought_back_and_no_error() {
    let lab = Lab::new("gone").await.unwrap();
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
    let record = |source: &str, name: &str, request: Value| records::event(&ben(), source, name, request, Value::Null);
    for (guardrail, event) in [
        ("db-snapshot-public", record(RDS, "ModifyDBSnapshotAttribute", snapshot)),
        ("db-snapshot-public", record(RDS, "ModifyDBClusterSnapshotAttribute", cluster_snapshot)),
        ("db-instance-publicly-accessible", modified("gone", &json!({"publiclyAccessible": true}))),
        ("db-cluster-deletion-protection-off", record(RDS, "ModifyDBCluster", cluster)),
        ("dynamodb-table-deletion-protection-off", record("dynamodb.amazonaws.com", "UpdateTable", table)),
        ("load-balancer-deletion-protection-off", turned_off(&arn)),
    ] {
        let answer = function.send(&event).await.unwrap();
        assert_eq!(answer.result(guardrail).unwrap(), "already-compliant", "{answer:?}");
    }
}

/// A region of its own, where nothing else is.
#[tokio::test]
async fn the_sweep_finds_what_no_event_told_of() {
    let region = "eu-west-3";
    let mut lab = Lab::new("sweep").await.unwrap();
    let url = Lab::moto().await.unwrap().url();
    lab.clients = Clients::in_region(&url, &Keys::default(), region).await;
    snapshot(&lab, "swept").await;
    share(&lab, "swept", &["all"]).await;
    cluster(&lab, "swept-cluster").await;
    let call = rds(&lab.clients).modify_db_cluster().db_cluster_identifier("swept-cluster");
    call.deletion_protection(false).send().await.unwrap();
    let call = rds(&lab.clients).modify_db_instance().db_instance_identifier("swept-db");
    call.publicly_accessible(true).deletion_protection(false).send().await.unwrap();
    table(&lab, "swept").await;
    let call = lab.clients.dynamodb.update_table().table_name("swept").deletion_protection_enabled(false);
    call.send().await.unwrap();
    let (arn, balancer) = load_balancer(&lab, "swept").await;
    let protected = balancer.lines(&lab).await;
    turn(&lab, &arn, false).await;

    let settings =
        Settings { region: Some(region.to_owned()), topic: None, policy: Some(TRUSTS.to_owned()), ..lab.settings() };
    let mut function = Host::start(FUNCTION, &settings).await.unwrap();
    let place = json!({"partition": "aws", "account": ACCOUNT, "region": region});
    let mut sweep = async |kind: &str, from: Option<&str>| {
        let order = json!({"parapet": {"task": "page", "kind": kind, "place": place, "from": from, "number": 1}});
        let Answer::Report(answer) = function.send(&order).await.unwrap() else { panic!("an error") };
        (answer["seen"].as_u64().unwrap(), answer["violations"].as_u64().unwrap(), answer["is_last"].clone())
    };
    assert_eq!(sweep("db-snapshot", None).await, (1, 1, json!(false)), "instances' first");
    assert_eq!(sweep("db-snapshot", Some("second ")).await, (0, 0, json!(true)), "then clusters'");
    assert_eq!(sweep("db-instance", None).await, (1, 2, json!(true)));
    assert_eq!(sweep("db-cluster", None).await, (1, 1, json!(true)));
    assert_eq!(sweep("dynamodb-table", None).await, (1, 1, json!(true)));
    assert_eq!(sweep("load-balancer", None).await, (1, 1, json!(true)));

    assert_eq!(Subject::Snapshot("swept".to_owned()).lines(&lab).await, [TRUSTED]);
    let instance = Subject::Instance("swept-db".to_owned()).lines(&lab).await;
    assert_eq!(instance[..2], ["public true", "protected true"], "R2 was not asked for");
    assert_eq!(balancer.lines(&lab).await, protected);
}
