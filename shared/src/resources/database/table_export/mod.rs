//! DB-09: exports of DynamoDB tables to S3. Only the record shows whose bucket it is, and no call cancels an export.
//!
//! "`S3BucketOwner` is a required parameter when exporting to a S3 bucket in another account" ("ExportTableToPointInTime", DynamoDB API
//! reference): without it, the bucket is the account's own.

pub mod to_untrusted;

use super::record::{field, field_of, text, unlocatable};
use super::table::{table_name, table_resource};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::NoAction;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use to_untrusted::TableExportedToUntrusted;

/// The family of exports of tables.
#[derive(Clone, Copy, Debug, Default)]
pub struct TableExports;

/// An export that was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableExport {
    /// The name of the table.
    pub table: String,
    /// The bucket that it goes to.
    pub bucket: String,
    /// The account that owns the bucket; the table's own without it.
    pub owner: Option<String>,
}

impl Family for TableExports {
    type Key = TableExport;
    type State = TableExport;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        "dynamodb-export"
    }

    fn reads(&self) -> &'static [Permission] {
        &[]
    }

    guardrails![TableExportedToUntrusted];

    /// Where the record leaves the request out, the response describes the export.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of("dynamodb.amazonaws.com", &["ExportTableToPointInTime"]) {
            return Ok(Vec::new());
        }
        let described = field(&event.response, "exportDescription");
        let answered = |key: &str| field_of(described?, key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let said = |key: &str| text(&event.request, key).or_else(|| answered(key));
        let table = said("tableArn").ok_or_else(|| unlocatable(event, "table"))?;
        let bucket = said("s3Bucket").ok_or_else(|| unlocatable(event, "bucket that the table is exported to"))?;
        let export = TableExport {
            table: table_name(table).to_owned(),
            bucket: bucket.to_owned(),
            owner: said("s3BucketOwner").map(str::to_owned),
        };
        Ok(vec![Target { key: export.clone(), proven: Some(export), changed: None }])
    }

    fn focus(&self, _: &mut TableExport, _: &TargetOf<Self>) {}

    fn resource(&self, key: &TableExport, _: Option<&TableExport>, place: &Place) -> Resource {
        table_resource(&key.table, place)
    }
}
