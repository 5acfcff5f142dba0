//! Policies of tables and streams. Each write is under the condition of the revision that was read.

use super::{GET, LIST_TABLES, Tables};
use crate::aws::{done, failure};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::database::table::DESCRIBE_TABLE;
use crate::resources::database::table::client::{AT_ONCE, DynamoDb};
use futures_util::{StreamExt, TryStreamExt, stream};

serves_policies!(DynamoDb: Tables);

/// DynamoDB's word for a table without a policy.
const NO_POLICY: &str = "PolicyNotFoundException";

impl PolicyClient<Tables> for DynamoDb {
    async fn read(&self, arn: &String, _: ReadDepth) -> Result<Observed<Read>, ReadError> {
        match self.client.get_resource_policy().resource_arn(arn).send().await {
            Ok(answer) => Ok(Observed::Known(Read::of(answer.policy).at(answer.revision_id))),
            Err(error) => {
                let failure = failure(&error);
                if failure.code == NO_POLICY {
                    return Ok(Observed::Known(Read::of(None)));
                }
                failure.of_read(GET.action)
            }
        }
    }

    async fn write(
        &self,
        arn: &String,
        document: Option<&str>,
        revision: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        let revision = revision.map(str::to_owned);
        match document {
            Some(document) => {
                let call = self.client.put_resource_policy().resource_arn(arn).policy(document);
                done(call.set_expected_revision_id(revision).send().await, permission)
            }
            None => {
                let call = self.client.delete_resource_policy().resource_arn(arn);
                done(call.set_expected_revision_id(revision).send().await, permission)
            }
        }
    }

    /// The listing shows names alone: one read each shows the ARNs of the table and of its stream.
    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<String>>, ReadError> {
        let call = self.client.list_tables().set_exclusive_start_table_name(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_TABLES.action),
        };
        let read = |name: String| async move {
            match self.client.describe_table().table_name(name).send().await {
                Ok(answer) => {
                    let table = answer.table;
                    Ok(Observed::Known(table.map_or([None, None], |table| [table.table_arn, table.latest_stream_arn])))
                }
                Err(error) => failure(&error).of_read(DESCRIBE_TABLE.action),
            }
        };
        let names = answer.table_names.unwrap_or_default();
        let read: Vec<Observed<[Option<String>; 2]>> =
            stream::iter(names).map(read).buffered(AT_ONCE).try_collect().await?;
        let mut found = Vec::new();
        for seen in read {
            match seen {
                Observed::Known(arns) => found.extend(arns.into_iter().flatten()),
                Observed::Absent => {}
                // What may not be read of one table may not be read of any.
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
            }
        }
        Ok(Observed::Known(Listed { found, next: answer.last_evaluated_table_name }))
    }
}
