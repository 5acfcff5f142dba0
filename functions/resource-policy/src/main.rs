//! Evaluates the policies of CloudWatch Logs, CloudTrail, REST APIs, SES identities, CodeArtifact and Bedrock, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("resource-policy").await
}
