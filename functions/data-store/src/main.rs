//! Evaluates the policies of streams, catalogs, file systems, vaults, clusters, search domains and tables, locks of vaults, and EMR's block of public access, and remediates violations. `make generate` writes this file from the registry.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::serve!("data-store").await
}
