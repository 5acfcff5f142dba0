//! The heartbeat in the ledger.
//!
//! Written as a transaction of one item, which nothing else does: DynamoDB counts successful requests by table and operation
//! (`SuccessfulRequestLatency`, "DynamoDB metrics and dimensions" in the developer guide) without a charge, and the alarm is on that count.

use crate::aws::dynamodb::{Table, text};
use crate::aws::failure;
use crate::operations::ledger::{HEARTBEAT, LedgerError};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::Timestamp;

impl Table {
    /// Writes down that everything on the way was there at this time, with the version of the function and of the policy that it has read: what `parapet doctor`
    /// compares.
    ///
    /// # Errors
    /// [`LedgerError`]
    pub async fn beat(&self, now: Timestamp, function: &str, policy: &str) -> Result<(), LedgerError> {
        let put = Put::builder().table_name(&self.name).item("id", text(HEARTBEAT)).item("written", text(now));
        let put = put.item("version", text(env!("CARGO_PKG_VERSION"))).item("policy", text(policy));
        let invalid = |error: aws_sdk_dynamodb::error::BuildError| LedgerError {
            table: self.name.clone(),
            code: "Unwritable".to_owned(),
            message: error.to_string(),
        };
        let put = put.item("function", text(function)).build().map_err(invalid)?;
        let call = self.client.transact_write_items().transact_items(TransactWriteItem::builder().put(put).build());
        call.send().await.map(|_| ()).map_err(|error| self.error(failure(&error)))
    }
}
