//! The audit logs of Redshift clusters: DB-07.
//!
//! Sources: "EnableLogging", "DisableLogging", "DescribeLoggingStatus" (Redshift API reference), "Database audit logging" (management guide).

#[cfg(feature = "redshift")]
pub(crate) mod client;
pub mod off;
pub mod state;

use super::record::{CLUSTERS, DESCRIBE_CLUSTERS, REDSHIFT, cluster, cluster_resource};
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::shell::word;
use crate::resources::s3::document::{Document, document_family};
use off::RedshiftAuditLoggingOff;
use state::AuditLog;

pub(crate) const DESCRIBE_LOGGING: Permission = Permission::on("redshift:DescribeLoggingStatus", CLUSTERS);
pub(crate) const ENABLE: Permission = Permission::on("redshift:EnableLogging", CLUSTERS);
const DISABLE: Permission = Permission::on("redshift:DisableLogging", CLUSTERS);

/// The family of the audit logs of clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RedshiftLoggings;

document_family!(
    RedshiftLoggings,
    "redshift-logging",
    reads: &[DESCRIBE_LOGGING],
    lists: &[DESCRIBE_CLUSTERS],
    undoes: &[ENABLE, DISABLE],
    RedshiftAuditLoggingOff,
);

impl Document for RedshiftLoggings {
    /// None where nothing is logged.
    type Value = Option<AuditLog>;

    const SOURCE: &'static str = REDSHIFT;
    const TRIGGERS: &'static [&'static str] = &["DisableLogging", "EnableLogging"];

    /// What a call that enables leaves to Redshift, only a read shows. One that stops the publishing of system tables leaves the audit logs as they are.
    fn set_by(event: &Event) -> Option<Option<AuditLog>> {
        let is_of_tables = event.request.text(&["logDestinationType"]) == Some("s3table");
        (event.name == "DisableLogging" && event.request.value().is_some() && !is_of_tables).then_some(None)
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        cluster(event)
    }

    fn named(id: &str, place: &Place) -> Resource {
        cluster_resource(id, place)
    }

    /// Where logs belong is the account's to say.
    fn is_strictest(_: &Option<AuditLog>) -> bool {
        false
    }

    fn permission(log: &Option<AuditLog>) -> Permission {
        if log.is_some() { ENABLE } else { DISABLE }
    }

    fn says(id: &str, log: &Option<AuditLog>) -> String {
        match log {
            Some(log) => format!("log Redshift cluster {id} to {log}"),
            None => format!("disable audit logging of Redshift cluster {id}"),
        }
    }

    fn line(id: &str, log: &Option<AuditLog>) -> String {
        let id = word(id);
        match log {
            Some(log) => format!("aws redshift enable-logging --cluster-identifier {id}{}", log.options()),
            None => format!("aws redshift disable-logging --cluster-identifier {id}"),
        }
    }
}
