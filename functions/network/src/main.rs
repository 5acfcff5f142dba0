//! The function of the families of a VPC's network: names them and their client.

use shared::aws::ec2::Ec2;
use shared::families::flow_log::FlowLogs;
use shared::families::network_acl::NetworkAcls;
use shared::families::subnet::SubnetFamily;
use shared::families::transit_gateway::TransitGateways;
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::serve(vec![
        served(NetworkAcls, Ec2::new),
        served(FlowLogs, Ec2::new),
        served(SubnetFamily, Ec2::new),
        served(TransitGateways, Ec2::new),
    ])
    .await
}
