//! Databases and load balancers: DB-01, DB-02, DB-03. One function, a family for each kind of resource.

#[cfg(feature = "rds")]
pub mod client;
pub mod cluster;
pub mod deletion_protection;
pub mod described;
pub mod instance;
pub mod load_balancer;
pub mod names;
pub mod protection;
mod record;
pub mod snapshot;
pub mod table;

pub use cluster::DbClusters;
pub use instance::DbInstances;
pub use load_balancer::LoadBalancers;
pub use snapshot::DbSnapshots;
pub use table::DynamodbTables;
