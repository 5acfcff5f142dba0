//! The audit logs of a Redshift cluster. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::redshift::RedshiftLoggings;
use shared::resources::redshift::logging::state::{AuditLog, S3};

holding!(RedshiftLoggings);

impl Fake for RedshiftLoggings {
    /// `DescribeLoggingStatus`
    fn answer(value: &Value) -> Option<AuditLog> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let exports = value["LogExports"].as_array().into_iter().flatten();
        value["LoggingEnabled"].as_bool().unwrap().then(|| AuditLog {
            to: text("LogDestinationType").unwrap_or_else(|| S3.to_owned()),
            bucket: text("BucketName"),
            prefix: text("S3KeyPrefix"),
            exports: exports.map(|export| export.as_str().unwrap().to_owned()).collect(),
        })
    }

    fn line(log: &Option<AuditLog>) -> String {
        log.as_ref().map_or("no audit log".to_owned(), |log| format!("logs to {log}"))
    }

    fn values() -> Vec<Option<AuditLog>> {
        vec![Some(AuditLog::to_bucket("logs", Some("redshift/"))), None]
    }
}
