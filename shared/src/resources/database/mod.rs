//! Databases and load balancers: DB-01 to DB-06, DB-09, RES-14. One function, a family for each kind of resource.

pub mod activity_stream;
pub mod backup;
#[cfg(feature = "rds")]
pub mod client;
pub mod cluster;
pub mod deleted_backup;
pub mod described;
pub mod export_task;
pub mod instance;
pub mod listener;
pub mod load_balancer;
pub mod names;
pub mod protection;
mod record;
pub mod snapshot;
pub mod table;
pub mod table_export;
pub mod table_policy;
pub mod table_recovery;

pub use activity_stream::ActivityStreams;
pub use backup::DbBackups;
pub use cluster::DbClusters;
pub use deleted_backup::DeletedBackups;
pub use export_task::ExportTasks;
pub use instance::DbInstances;
pub use listener::Listeners;
pub use load_balancer::LoadBalancers;
pub use snapshot::DbSnapshots;
pub use table::DynamodbTables;
pub use table_export::TableExports;
pub use table_policy::TablePolicies;
pub use table_recovery::TableRecoveries;
