//! DynamoDB's tables, as something to guard: their deletion protection. The ledger is a module of its own.

use super::{DESCRIBE_TABLE, DynamodbTables, LIST_TABLES, TableRef};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::Set;
use crate::resources::database::protection::Protected;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::RequestId;
use aws_sdk_dynamodb::types::{TableDescription, TableStatus};
use futures_util::{StreamExt, TryStreamExt, stream};

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all of its other callers.
pub(in crate::resources::database) const AT_ONCE: usize = 8;

/// The DynamoDB API of one account and region.
#[derive(Clone, Debug)]
pub struct DynamoDb {
    pub(in crate::resources::database) client: Client,
}

impl DynamoDb {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}

impl Observe<DynamodbTables> for DynamoDb {
    async fn observe(&self, key: &TableRef, _: ReadDepth) -> Result<Observed<Protected<TableRef>>, ReadError> {
        match self.client.describe_table().table_name(&key.name).send().await {
            Ok(answer) => Ok(answer.table.map_or(Observed::Absent, |table| protected(key, &table))),
            Err(error) => failure(&error).of_read(DESCRIBE_TABLE.action),
        }
    }
}

fn protected(key: &TableRef, table: &TableDescription) -> Observed<Protected<TableRef>> {
    match table.deletion_protection_enabled() {
        Some(is_on) => Observed::Known(Protected {
            is_being_deleted: table.table_status() == Some(&TableStatus::Deleting),
            ..Protected::switched(key.clone(), is_on)
        }),
        None => Observed::Unknown { why: format!("the response about {key} does not show whether it is protected") },
    }
}

impl Apply<Set<DynamodbTables>> for DynamoDb {
    async fn apply(&self, action: &Set<DynamodbTables>) -> Result<Applied, ApplyError> {
        let call = self.client.update_table().table_name(&action.subject().name);
        match call.deletion_protection_enabled(action.value()).send().await {
            Ok(answer) => Ok(Applied { request_id: answer.request_id().map(str::to_owned), ..Applied::default() }),
            Err(error) => Err(failure(&error).of_action(action.permission())),
        }
    }
}

impl List<DynamodbTables> for DynamoDb {
    /// The listing shows names alone: one read each.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<DynamodbTables>>, ReadError> {
        let call = self.client.list_tables().set_exclusive_start_table_name(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_TABLES.action),
        };
        let names = answer.table_names.unwrap_or_default();
        let read = |name: String| async move {
            let key = TableRef { name };
            let seen = Observe::<DynamodbTables>::observe(self, &key, ReadDepth::Full).await?;
            Ok::<_, ReadError>((key, seen))
        };
        let found = stream::iter(names).map(read).buffered(AT_ONCE).try_collect().await?;
        Ok(Observed::Known(Page { found, next: answer.last_evaluated_table_name }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_as_it_is_described() {
        let key = TableRef { name: "orders".to_owned() };
        let table = TableDescription::builder().table_status(TableStatus::Deleting);
        let seen = protected(&key, &table.clone().deletion_protection_enabled(false).build());
        assert!(seen.known().is_some_and(|seen| !seen.is_on && seen.is_being_deleted));
        assert!(matches!(protected(&key, &table.build()), Observed::Unknown { .. }), "nothing said is not `no`");
    }
}
