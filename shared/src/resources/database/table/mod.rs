//! DB-03: DynamoDB tables are protected from deletion.
//!
//! `UpdateTable` (DynamoDB API reference): `tableName` is a name or an ARN, `deletionProtectionEnabled` stands beside
//! everything else that the call may change; auto scaling changes throughput many times a day and leaves it out.

#[cfg(feature = "dynamodb")]
pub mod client;

use super::protection::{Protected, Protection, changed};
use super::record::{field, field_of, flag, is_being_set_up, text, unlocatable};
use crate::engine::event::Body;
use crate::engine::setting::Subject;
use crate::engine::setting::prelude::*;
use crate::resources::database::protection::NOT_WATCHED;
use std::fmt::{self, Display};

pub(crate) const DESCRIBE_TABLE: Permission =
    Permission::on("dynamodb:DescribeTable", &["dynamodb:${Region}:${Account}:table/*"]);
pub(crate) const LIST_TABLES: Permission = Permission::read("dynamodb:ListTables");
const UPDATE: Permission = Permission::on("dynamodb:UpdateTable", &["dynamodb:${Region}:${Account}:table/*"]);

/// Deletion protection of DynamoDB tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DynamodbTables;

/// A DynamoDB table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRef {
    /// Its name.
    pub name: String,
}

impl Display for TableRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table {}", self.name)
    }
}

impl Subject for TableRef {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Protection for DynamodbTables {
    type Key = TableRef;

    const KIND: &'static str = "dynamodb-table";
    const READS: &'static [Permission] = &[DESCRIBE_TABLE];
    const LISTS: &'static [Permission] = &[LIST_TABLES];
    // Security Hub user guide, "Amazon DynamoDB controls".
    const ABOUT: &'static About = &About {
        name: "dynamodb-table-deletion-protection-off",
        catalogue_id: "DB-03",
        title: "Deletion protection of a DynamoDB table is off",
        description: "Deletion protection of a DynamoDB table was turned off; `only` names the tables that it applies to, all \
            without it. A call that sets other things of a table that was created within the hour configured it, and removed no \
            protection. The sweep also finds tables that never had it.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &["DynamoDB.6"],
        technique: "T1485",
        triggers: &["UpdateTable"],
        remediation: "Turns deletion protection on again, which affects nothing but a deletion. A resource that is being deleted is \
            notified only.",
        actions: &[UPDATE],
        ids: &["arn:%:dynamodb:%:%:table/%"],
        not_watched: NOT_WATCHED,
    };
    const CALLS: &'static [Call<bool>] = &[
        Call {
            sets: true,
            stored: &["on"],
            permission: UPDATE,
            says: "turn deletion protection on for table {}",
            line: "aws dynamodb update-table --table-name {} --deletion-protection-enabled",
        },
        Call {
            sets: false,
            stored: &["off"],
            permission: UPDATE,
            says: "turn deletion protection off for table {}",
            line: "aws dynamodb update-table --table-name {} --no-deletion-protection-enabled",
        },
    ];

    const PLANNED: &'static [PlannedForm<Protected<TableRef>>] = &[
        PlannedForm::one("AWS::DynamoDB::Table", |it| planned(it, "DeletionProtectionEnabled")),
        PlannedForm::each("AWS::DynamoDB::GlobalTable", replicas),
        PlannedForm::one("AWS::Serverless::SimpleTable", |it| planned(it, NONE)),
        PlannedForm::one("aws_dynamodb_table", |it| planned(it, "deletion_protection_enabled")),
        PlannedForm::one("aws_dynamodb_table_replica", |it| {
            let property = "deletion_protection_enabled";
            planned(it, if it.is_left_out(property) { NONE } else { property })
        }),
    ];

    fn changed_by(event: &Event) -> Result<Vec<Target<TableRef, Protected<TableRef>>>, Unlocatable> {
        if !event.is_one_of("dynamodb.amazonaws.com", <Self as Protection>::ABOUT.triggers) {
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
        let key = TableRef { name: table_name(name).to_owned() };
        let is_being_deleted = described("tableStatus") == Some("DELETING");
        let state = |is_on| Protected { is_being_deleted, ..Protected::switched(key.clone(), is_on) };
        let made = field(&event.response, "tableDescription").and_then(|table| field_of(table, "creationDateTime"));
        if is_being_set_up(event, "deletionProtectionEnabled", &["tableName"], made) {
            return Ok(Vec::new());
        }
        let proven = flag(&event.request, "deletionProtectionEnabled").map(state);
        Ok(vec![Target { proven, changed: changed(false), key }])
    }

    fn named(key: &TableRef, place: &Place) -> Resource {
        table_resource(&key.name, place)
    }
}

/// A resource that cannot say it: SAM's table is never protected.
const NONE: &str = "-";

fn planned(it: &PlannedResource<'_>, property: &str) -> Result<Option<Protected<TableRef>>, Unreadable> {
    Protected::planned(it, planned_table(it), property)
}

/// Each replica of a global table is a table with protection of its own.
fn replicas(it: &PlannedResource<'_>) -> Vec<Result<Protected<TableRef>, Unreadable>> {
    let read = |replica: &PlannedResource<'_>| {
        let is_on = replica.flag("DeletionProtectionEnabled")?.unwrap_or_default();
        Ok(Protected::switched(planned_table(it), is_on))
    };
    it.parts("Replicas").map_or_else(|why| vec![Err(why)], |replicas| replicas.iter().map(read).collect())
}

/// The table of a file, by its name where that is known.
pub(super) fn planned_table(it: &PlannedResource<'_>) -> TableRef {
    TableRef { name: it.named(&["TableName", "name"]) }
}

/// The name of a table that a request names by it, or by its ARN: `arn:aws:dynamodb:eu-west-1:111122223333:table/name`.
pub(super) fn table_name(named: &str) -> &str {
    if named.starts_with("arn:") { named.split('/').nth(1).unwrap_or(named) } else { named }
}

/// How findings name a table.
pub(super) fn table_resource(name: &str, place: &Place) -> Resource {
    let Place { partition, account, region } = place;
    let id = format!("arn:{partition}:dynamodb:{region}:{account}:table/{name}");
    Resource { id, kind: "AwsDynamoDbTable", name: name.to_owned() }
}
