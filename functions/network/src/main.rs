//! Evaluates changes to network ACLs, flow logs, subnets and transit gateways, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("network").await
}
