//! Amazon Redshift: provisioned clusters, their snapshots and their audit logs. DB-07.
//!
//! Sources: Redshift API reference; "Logging Amazon Redshift API calls with AWS CloudTrail" (management guide) for the records.

#[cfg(feature = "redshift")]
pub mod client;
pub mod cluster;
pub mod logging;
mod record;
pub mod snapshot;

pub use cluster::RedshiftClusters;
pub use logging::RedshiftLoggings;
pub use snapshot::RedshiftSnapshots;
