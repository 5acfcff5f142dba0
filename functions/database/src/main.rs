//! The function of the families of databases and load balancers: names the families and their clients.

use shared::aws::dynamodb_table::DynamoDb;
use shared::aws::elb::Elb;
use shared::aws::rds::Rds;
use shared::families::database::cluster::DbClusters;
use shared::families::database::instance::DbInstances;
use shared::families::database::load_balancer::LoadBalancers;
use shared::families::database::snapshot::DbSnapshots;
use shared::families::database::table::DynamodbTables;
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::serve(vec![
        served(DbSnapshots, Rds::new),
        served(DbInstances, Rds::new),
        served(DbClusters, Rds::new),
        served(DynamodbTables, DynamoDb::new),
        served(LoadBalancers, Elb::new),
    ])
    .await
}
