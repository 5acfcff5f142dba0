//! The live lens over a file: answers of the APIs as the AWS command line prints them (`describe-db-snapshot-attributes`,
//! `describe-db-instances`, `describe-db-clusters`, `describe-table`, `describe-load-balancer-attributes`).

use super::cluster::ClusterRef;
use super::instance::state::{DbInstance, Questions};
use super::load_balancer::{ATTRIBUTE, LoadBalancerRef};
use super::protection::Protected;
use super::record::{as_flag, field_of, list};
use super::snapshot::RESTORE;
use super::snapshot::state::{DbSnapshot, SnapshotOf, SnapshotRef};
use super::table::TableRef;
use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use serde_json::Value;

/// An answer about the attributes of a snapshot; none when it is something else.
///
/// # Errors
/// What cannot be read.
#[must_use]
pub fn snapshot(answer: &Value) -> Option<Result<DbSnapshot, Unreadable>> {
    let instance = answer.get("DBSnapshotAttributesResult").map(|result| (SnapshotOf::Instance, "DBSnapshot", result));
    let cluster =
        || answer.get("DBClusterSnapshotAttributesResult").map(|it| (SnapshotOf::Cluster, "DBClusterSnapshot", it));
    let (of, prefix, result) = instance.or_else(cluster)?;
    let read = || {
        let id = text(result, &format!("{prefix}Identifier"))?.to_owned();
        let attributes = list(result.get(format!("{prefix}Attributes")).unwrap_or(&Value::Null));
        let is_restore = |attribute: &&&Value| attribute.get("AttributeName").is_some_and(|name| name == RESTORE);
        let values = attributes.iter().find(is_restore).and_then(|attribute| attribute.get("AttributeValues"));
        let values = list(values.unwrap_or(&Value::Null)).into_iter().filter_map(Value::as_str);
        Ok(DbSnapshot::shared_with(SnapshotRef { of, id }, values))
    };
    Some(read())
}

/// An element of `DBInstances`.
///
/// # Errors
/// What cannot be read.
pub fn instance(described: &Value) -> Result<DbInstance, Unreadable> {
    let id = text(described, "DBInstanceIdentifier")?;
    let seen = |key: &str| match field_of(described, key).and_then(as_flag) {
        Some(is_on) => Observed::Known(is_on),
        None => Observed::Unknown { why: format!("the answer about `{id}` has no `{key}`") },
    };
    let cluster = described.get("DBClusterIdentifier").and_then(Value::as_str);
    Ok(DbInstance {
        is_cluster: false,
        id: id.to_owned(),
        is_public: seen("PubliclyAccessible"),
        is_protected: seen("DeletionProtection"),
        cluster: cluster.map_or(Observed::Absent, |id| Observed::Known(id.to_owned())),
        is_being_deleted: described.get("DBInstanceStatus").is_some_and(|status| status == "deleting"),
        in_question: Questions::ALL,
    })
}

/// An element of `DBClusters`.
///
/// # Errors
/// What cannot be read.
pub fn cluster(described: &Value) -> Result<Protected<ClusterRef>, Unreadable> {
    let key = ClusterRef { id: text(described, "DBClusterIdentifier")?.to_owned() };
    let is_being_deleted = described.get("Status").is_some_and(|status| status == "deleting");
    Ok(Protected { is_being_deleted, ..Protected::switched(key, flag(described, "DeletionProtection")?) })
}

/// The `Table` of an answer.
///
/// # Errors
/// What cannot be read.
pub fn table(described: &Value) -> Result<Protected<TableRef>, Unreadable> {
    let key = TableRef { name: text(described, "TableName")?.to_owned() };
    let is_being_deleted = described.get("TableStatus").is_some_and(|status| status == "DELETING");
    Ok(Protected { is_being_deleted, ..Protected::switched(key, flag(described, "DeletionProtectionEnabled")?) })
}

/// The `Attributes` of a load balancer; they do not say whose they are.
///
/// # Errors
/// What cannot be read.
pub fn load_balancer(arn: &str, attributes: &Value) -> Result<Protected<LoadBalancerRef>, Unreadable> {
    let is_switch = |attribute: &&Value| attribute.get("Key").is_some_and(|key| key == ATTRIBUTE);
    let found = list(attributes).into_iter().find(is_switch).ok_or(format!("no `{ATTRIBUTE}`"))?;
    let key = LoadBalancerRef { arn: arn.to_owned() };
    Ok(Protected::switched(key, flag(found, "Value")?))
}

fn text<'a>(described: &'a Value, key: &str) -> Result<&'a str, Unreadable> {
    described.get(key).and_then(Value::as_str).ok_or_else(|| format!("an answer without `{key}`").into())
}

fn flag(described: &Value, key: &str) -> Result<bool, Unreadable> {
    described.get(key).and_then(as_flag).ok_or_else(|| format!("an answer without `{key}`").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_command_line_prints() {
        let attributes = json!([{"AttributeName": "restore", "AttributeValues": ["all"]}]);
        let answer = json!({"DBClusterSnapshotAttributesResult":
            {"DBClusterSnapshotIdentifier": "orders", "DBClusterSnapshotAttributes": attributes}});
        let seen = snapshot(&answer).unwrap().unwrap();
        assert_eq!((seen.snapshot.of, seen.shares.len()), (SnapshotOf::Cluster, 1));
        assert!(snapshot(&json!({"DBInstances": []})).is_none());

        let seen = instance(&json!({"DBInstanceIdentifier": "orders", "PubliclyAccessible": true})).unwrap();
        assert_eq!(seen.is_public, Observed::Known(true));
        assert!(matches!(seen.is_protected, Observed::Unknown { .. }));

        let name = json!({"TableName": "orders"});
        assert_eq!(table(&name).unwrap_err().to_string(), "an answer without `DeletionProtectionEnabled`");
        let off = json!([{"Key": "deletion_protection.enabled", "Value": "false"}]);
        assert!(!load_balancer("arn", &off).unwrap().is_on);
        assert!(cluster(&json!({"DBClusterIdentifier": "c", "DeletionProtection": true})).unwrap().is_on);
    }
}
