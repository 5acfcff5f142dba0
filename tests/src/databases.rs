//! Databases and load balancers of the local AWS, and the records of what people do to them.
//!
//! moto applies every change at once and refuses none for an instance that is not available: stories that need a refusal
//! have the proxy give it.

use crate::Result;
use crate::aws::Clients;
use crate::lab::vpc;
use crate::moto::ACCOUNT;
use crate::records::{self, Caller};
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate, FixedResponseActionConfig, LoadBalancerAttribute, LoadBalancerTypeEnum,
    ProtocolEnum,
};
use serde_json::{Value, json};

/// The event source of RDS, DocumentDB and Neptune.
pub const RDS: &str = "rds.amazonaws.com";
/// An account that a snapshot of [`snapshot`] is shared with from the start.
pub const PARTNER: &str = "222233334444";

const SWITCH: &str = "deletion_protection.enabled";

/// Something that a function may change, by the name that AWS knows it by.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A snapshot of an instance.
    Snapshot(String),
    /// A snapshot of a cluster.
    ClusterSnapshot(String),
    /// A DB instance.
    Instance(String),
    /// A DB cluster.
    Cluster(String),
    /// A DynamoDB table.
    Table(String),
    /// A load balancer, by its ARN.
    LoadBalancer(String),
}

fn rds(clients: &Clients) -> aws_sdk_rds::Client {
    aws_sdk_rds::Client::new(&clients.config)
}

fn elb(clients: &Clients) -> aws_sdk_elasticloadbalancingv2::Client {
    aws_sdk_elasticloadbalancingv2::Client::new(&clients.config)
}

fn said<T: std::fmt::Debug>(what: &str, value: Option<T>) -> String {
    value.map_or_else(|| format!("{what} unsaid"), |value| format!("{what} {value:?}"))
}

impl Subject {
    /// All that a function could have changed about it, one line each.
    ///
    /// # Errors
    /// AWS's.
    pub async fn lines(&self, clients: &Clients) -> Result<Vec<String>> {
        let rds = rds(clients);
        let mut lines = match self {
            Self::Snapshot(id) => {
                let answer = rds.describe_db_snapshot_attributes().db_snapshot_identifier(id).send().await?;
                let listed = answer.db_snapshot_attributes_result.and_then(|result| result.db_snapshot_attributes);
                let listed = listed.unwrap_or_default().into_iter();
                listed.flat_map(|attribute| attribute.attribute_values.unwrap_or_default()).collect()
            }
            Self::ClusterSnapshot(id) => {
                let call = rds.describe_db_cluster_snapshot_attributes().db_cluster_snapshot_identifier(id);
                let result = call.send().await?.db_cluster_snapshot_attributes_result;
                let listed = result.and_then(|result| result.db_cluster_snapshot_attributes).unwrap_or_default();
                listed.into_iter().flat_map(|attribute| attribute.attribute_values.unwrap_or_default()).collect()
            }
            Self::Instance(id) => {
                let answer = rds.describe_db_instances().db_instance_identifier(id).send().await?;
                let it = answer.db_instances().first().ok_or("no such instance")?;
                vec![
                    said("backups kept", it.backup_retention_period()),
                    said("class", it.db_instance_class()),
                    said("protected", it.deletion_protection()),
                    said("public", it.publicly_accessible()),
                ]
            }
            Self::Cluster(id) => {
                let answer = rds.describe_db_clusters().db_cluster_identifier(id).send().await?;
                let it = answer.db_clusters().first().ok_or("no such cluster")?;
                vec![said("backups kept", it.backup_retention_period()), said("protected", it.deletion_protection())]
            }
            Self::Table(name) => {
                let it =
                    clients.dynamodb.describe_table().table_name(name).send().await?.table.ok_or("no such table")?;
                let billing = it.billing_mode_summary().and_then(|billing| billing.billing_mode().cloned());
                vec![said("billing", billing), said("protected", it.deletion_protection_enabled())]
            }
            Self::LoadBalancer(arn) => {
                let answer = elb(clients).describe_load_balancer_attributes().load_balancer_arn(arn).send().await?;
                let line = |it: &LoadBalancerAttribute| said(it.key().unwrap_or_default(), it.value());
                answer.attributes().iter().map(line).collect()
            }
        };
        lines.sort();
        Ok(lines)
    }
}

/// An instance that is private and protected.
///
/// # Errors
/// AWS's.
pub async fn instance(clients: &Clients, id: &str) -> Result<Subject> {
    let call = rds(clients).create_db_instance().db_instance_identifier(id).db_instance_class("db.t3.medium");
    let call = call.engine("postgres").master_username("admin1").master_user_password("secret-of-a-test");
    let call = call.allocated_storage(20).publicly_accessible(false).deletion_protection(true);
    call.send().await?;
    Ok(Subject::Instance(id.to_owned()))
}

/// A principal changes an instance; the event of it, whose response shows what was before, as RDS's does.
///
/// # Errors
/// AWS's.
pub async fn modify(clients: &Clients, id: &str, is_public: Option<bool>, is_protected: Option<bool>) -> Result<Value> {
    let call = rds(clients).modify_db_instance().db_instance_identifier(id);
    call.set_publicly_accessible(is_public).set_deletion_protection(is_protected).send().await?;
    Ok(modified(id, is_public, is_protected))
}

/// The event of a change of an instance.
#[must_use]
pub fn modified(id: &str, is_public: Option<bool>, is_protected: Option<bool>) -> Value {
    let mut request = json!({"dBInstanceIdentifier": id, "applyImmediately": true});
    for (key, value) in [("publiclyAccessible", is_public), ("deletionProtection", is_protected)] {
        if let (Some(value), Some(map)) = (value, request.as_object_mut()) {
            map.insert(key.to_owned(), value.into());
        }
    }
    let response = json!({
        "dBInstanceIdentifier": id, "dBInstanceStatus": "modifying", "engine": "postgres", "publiclyAccessible": false,
        "deletionProtection": true, "pendingModifiedValues": {},
    });
    event(RDS, "ModifyDBInstance", request, response)
}

/// A snapshot of an instance of its own, `<id>-db`, that is shared with the partner.
///
/// # Errors
/// AWS's.
pub async fn snapshot(clients: &Clients, id: &str) -> Result<Subject> {
    let subject = unshared(clients, id).await?;
    share(clients, id, &[PARTNER]).await?;
    Ok(subject)
}

/// A snapshot of an instance of its own, `<id>-db`, that no other account may restore.
///
/// # Errors
/// AWS's.
pub async fn unshared(clients: &Clients, id: &str) -> Result<Subject> {
    instance(clients, &format!("{id}-db")).await?;
    let call = rds(clients).create_db_snapshot().db_instance_identifier(format!("{id}-db"));
    call.db_snapshot_identifier(id).send().await?;
    Ok(Subject::Snapshot(id.to_owned()))
}

/// A principal shares a snapshot; the event of it, whose response lists what stands.
///
/// # Errors
/// AWS's.
pub async fn share(clients: &Clients, id: &str, with: &[&str]) -> Result<Value> {
    let values: Vec<String> = with.iter().map(|with| (*with).to_owned()).collect();
    let call = rds(clients).modify_db_snapshot_attribute().db_snapshot_identifier(id).attribute_name("restore");
    let result = call.set_values_to_add(Some(values)).send().await?.db_snapshot_attributes_result;
    let listed = result.and_then(|result| result.db_snapshot_attributes).unwrap_or_default().into_iter();
    let standing: Vec<String> = listed.flat_map(|one| one.attribute_values.unwrap_or_default()).collect();
    let request = json!({"dBSnapshotIdentifier": id, "attributeName": "restore", "valuesToAdd": with});
    let attribute = json!({"attributeName": "restore", "attributeValues": standing});
    let response = json!({"dBSnapshotIdentifier": id, "dBSnapshotAttributes": [attribute]});
    Ok(event(RDS, "ModifyDBSnapshotAttribute", request, response))
}

/// A snapshot of a cluster of its own, `<id>-db`, that no other account may restore.
///
/// # Errors
/// AWS's.
pub async fn cluster_snapshot(clients: &Clients, id: &str) -> Result<Subject> {
    cluster(clients, &format!("{id}-db")).await?;
    let call = rds(clients).create_db_cluster_snapshot().db_cluster_identifier(format!("{id}-db"));
    call.db_cluster_snapshot_identifier(id).send().await?;
    Ok(Subject::ClusterSnapshot(id.to_owned()))
}

/// A principal shares a snapshot of a cluster; the event of it.
///
/// # Errors
/// AWS's.
pub async fn share_cluster(clients: &Clients, id: &str, with: &str) -> Result<Value> {
    let call = rds(clients).modify_db_cluster_snapshot_attribute().db_cluster_snapshot_identifier(id);
    call.attribute_name("restore").values_to_add(with).send().await?;
    let request = json!({"dBClusterSnapshotIdentifier": id, "attributeName": "restore", "valuesToAdd": [with]});
    let attribute = json!({"attributeName": "restore", "attributeValues": [with]});
    let response = json!({"dBClusterSnapshotIdentifier": id, "dBClusterSnapshotAttributes": [attribute]});
    Ok(event(RDS, "ModifyDBClusterSnapshotAttribute", request, response))
}

/// A protected cluster.
///
/// # Errors
/// AWS's.
pub async fn cluster(clients: &Clients, id: &str) -> Result<Subject> {
    let call = rds(clients).create_db_cluster().db_cluster_identifier(id).engine("aurora-postgresql");
    let call = call.master_username("admin1").master_user_password("secret-of-a-test").deletion_protection(true);
    call.send().await?;
    Ok(Subject::Cluster(id.to_owned()))
}

/// A principal turns a cluster's protection off; the event of it.
///
/// # Errors
/// AWS's.
pub async fn unprotect_cluster(clients: &Clients, id: &str) -> Result<Value> {
    rds(clients).modify_db_cluster().db_cluster_identifier(id).deletion_protection(false).send().await?;
    let request = json!({"dBClusterIdentifier": id, "deletionProtection": false});
    let response = json!({"dBClusterIdentifier": id, "status": "available", "deletionProtection": false});
    Ok(event(RDS, "ModifyDBCluster", request, response))
}

/// A protected table.
///
/// # Errors
/// AWS's.
pub async fn table(clients: &Clients, name: &str) -> Result<Subject> {
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build()?;
    let attribute = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    let call = clients.dynamodb.create_table().table_name(name).key_schema(key);
    let call = call.attribute_definitions(attribute.build()?).billing_mode(BillingMode::PayPerRequest);
    call.deletion_protection_enabled(true).send().await?;
    Ok(Subject::Table(name.to_owned()))
}

/// A principal turns a table's protection off; the event of it.
///
/// # Errors
/// AWS's.
pub async fn unprotect_table(clients: &Clients, name: &str) -> Result<Value> {
    clients.dynamodb.update_table().table_name(name).deletion_protection_enabled(false).send().await?;
    let request = json!({"tableName": name, "deletionProtectionEnabled": false});
    let table = json!({"tableName": name, "tableStatus": "UPDATING", "deletionProtectionEnabled": false});
    Ok(event("dynamodb.amazonaws.com", "UpdateTable", request, json!({"tableDescription": table})))
}

/// A protected load balancer: its ARN.
///
/// # Errors
/// AWS's.
pub async fn load_balancer(clients: &Clients, name: &str) -> Result<String> {
    let arn = load_balancer_for(clients, name, "HTTP").await?;
    turn(clients, &arn, true).await?;
    Ok(arn)
}

/// A load balancer that can have listeners of this protocol: its ARN.
///
/// # Errors
/// AWS's.
pub async fn load_balancer_for(clients: &Clients, name: &str, protocol: &str) -> Result<String> {
    let vpc = vpc(clients).await?;
    let region = clients.config.region().ok_or("clients without a region")?;
    let mut subnets = Vec::new();
    for (zone, cidr) in [("a", "10.9.1.0/24"), ("b", "10.9.2.0/24")] {
        let call = clients.ec2.create_subnet().vpc_id(&vpc).cidr_block(cidr);
        let made = call.availability_zone(format!("{region}{zone}")).send().await?;
        subnets.extend(made.subnet.and_then(|subnet| subnet.subnet_id));
    }
    let kind = if protocol.starts_with("HTTP") { "application" } else { "network" };
    let call = elb(clients).create_load_balancer().name(name).set_subnets(Some(subnets));
    let made = call.r#type(LoadBalancerTypeEnum::from(kind)).send().await?;
    let arn = made.load_balancers().first().and_then(|made| made.load_balancer_arn()).ok_or("none was made")?;
    Ok(arn.to_owned())
}

/// A listener that answers every request by itself: its ARN.
///
/// # Errors
/// AWS's.
pub async fn listener(clients: &Clients, load_balancer: &str, protocol: &str, port: i64) -> Result<String> {
    let closed = FixedResponseActionConfig::builder().status_code("404").build();
    let action = Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(closed).build();
    let call = elb(clients).create_listener().load_balancer_arn(load_balancer).default_actions(action);
    let call = call.protocol(ProtocolEnum::from(protocol)).port(port.try_into()?);
    let certificate = format!("arn:aws:iam::{ACCOUNT}:server-certificate/shop");
    let certificates =
        ["HTTPS", "TLS"].contains(&protocol).then(|| Certificate::builder().certificate_arn(certificate).build());
    let made = call.set_certificates(certificates.map(|one| vec![one])).send().await?;
    Ok(made.listeners().first().and_then(|made| made.listener_arn()).ok_or("none was made")?.to_owned())
}

/// A principal turns a load balancer's protection off; the event of it.
///
/// # Errors
/// AWS's.
pub async fn unprotect_load_balancer(clients: &Clients, arn: &str) -> Result<Value> {
    turn(clients, arn, false).await?;
    Ok(turned_off(arn))
}

async fn turn(clients: &Clients, arn: &str, is_on: bool) -> Result<()> {
    let switch = LoadBalancerAttribute::builder().key(SWITCH).value(is_on.to_string()).build();
    elb(clients).modify_load_balancer_attributes().load_balancer_arn(arn).attributes(switch).send().await?;
    Ok(())
}

/// The event of a load balancer whose protection was turned off.
#[must_use]
pub fn turned_off(arn: &str) -> Value {
    let attributes = json!([{"key": SWITCH, "value": "false"}]);
    let request = json!({"loadBalancerArn": arn, "attributes": attributes});
    event(
        "elasticloadbalancing.amazonaws.com",
        "ModifyLoadBalancerAttributes",
        request,
        json!({"attributes": attributes}),
    )
}

/// Ben did it.
#[must_use]
pub fn event(source: &str, name: &str, request: Value, response: Value) -> Value {
    records::event(&Caller::user("ben"), source, name, request, response)
}
