//! Evaluates GuardDuty, Security Hub, Macie, Inspector, Access Analyzer, web ACLs, EKS and Bedrock, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("detection").await
}
