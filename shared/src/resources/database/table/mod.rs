//! DynamoDB tables: DB-03.
//!
//! `UpdateTable` (DynamoDB API reference): `tableName` is a name or an ARN, `deletionProtectionEnabled` stands beside
//! everything else that the call may change; auto scaling changes throughput many times a day and leaves it out.

#[cfg(feature = "dynamodb")]
pub mod client;
pub mod deletion_protection_off;

use super::protection::UPDATE_TABLE;
use super::protection::{PROTECTION_OFF, Protected, Protection, TableRef};
use super::record::{field, field_of, flag, is_being_set_up, text, unlocatable};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::Guardrail;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use deletion_protection_off::DynamodbTableUnprotected;
use std::collections::BTreeSet;

pub(crate) const DESCRIBE_TABLE: Permission =
    Permission::on("dynamodb:DescribeTable", &["dynamodb:${Region}:${Account}:table/*"]);
pub(crate) const LIST_TABLES: Permission = Permission::read("dynamodb:ListTables");

/// The family of DynamoDB tables. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct DynamodbTables;

impl Family for DynamodbTables {
    type Key = TableRef;
    type State = Protected<TableRef>;
    type Action = Protection<TableRef>;

    fn kind(&self) -> &'static str {
        "dynamodb-table"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_TABLE]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_TABLES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[UPDATE_TABLE]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Protected<TableRef>, Protection<TableRef>>] {
        &[&DynamodbTableUnprotected]
    }

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of("dynamodb.amazonaws.com", &["UpdateTable"]) {
            return Ok(Vec::new());
        }
        let is_asked = match event.request {
            Body::Present(_) => field(&event.request, "deletionProtectionEnabled").is_some(),
            Body::Null | Body::Omitted => true,
        };
        if !is_asked {
            return Ok(Vec::new());
        }
        let described = field(&event.response, "tableDescription");
        let described = |key: &str| described.and_then(|table| field_of(table, key)).and_then(|value| value.as_str());
        let name = described("tableName").or_else(|| text(&event.request, "tableName"));
        let name = name.ok_or_else(|| unlocatable(event, "table"))?;
        // `arn:aws:dynamodb:eu-west-1:111122223333:table/name`
        let name = if name.starts_with("arn:") { name.rsplit('/').next().unwrap_or(name) } else { name };
        let key = TableRef { name: name.to_owned() };
        let is_being_deleted = described("tableStatus") == Some("DELETING");
        let state = |is_on| Protected { is_being_deleted, ..Protected::switched(key.clone(), is_on) };
        let made = field(&event.response, "tableDescription").and_then(|table| field_of(table, "creationDateTime"));
        if is_being_set_up(event, "deletionProtectionEnabled", &["tableName"], made) {
            return Ok(Vec::new());
        }
        let proven = flag(&event.request, "deletionProtectionEnabled").map(state);
        Ok(vec![Target { proven, changed: Some(BTreeSet::from([PROTECTION_OFF.to_owned()])), key }])
    }

    fn focus(&self, table: &mut Protected<TableRef>, target: &TargetOf<Self>) {
        table.in_question = target.changed.as_ref().is_none_or(|changed| changed.contains(PROTECTION_OFF));
    }

    fn resource(&self, key: &TableRef, _: Option<&Protected<TableRef>>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:dynamodb:{region}:{account}:table/{}", key.name);
        Resource { id, kind: "AwsDynamoDbTable", name: key.name.clone() }
    }
}
