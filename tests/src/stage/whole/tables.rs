//! DynamoDB tables.

use super::{rewritten, written};
use crate::stage::{Script, Stage};
use crate::{Result, databases};
use shared::resources::database::table::client::DynamoDb;
use shared::resources::database::table_recovery::TableRecoveries;

/// The table that the event names.
pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    let name = script.target(TableRecoveries)?.key.name;
    databases::table(script.clients, &name).await?;
    written(script, TableRecoveries, DynamoDb::new, rewritten, format!("played by table {name}, made for it")).await
}
