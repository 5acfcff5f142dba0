//! The function of who is trusted: role trust policies, permissions boundaries and identity providers.

use shared::aws::iam::Iam;
use shared::families::identity_provider::IdentityProviders;
use shared::families::permissions_boundary::PermissionsBoundaries;
use shared::families::role_trust::RoleTrusts;
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::serve(vec![
        served(RoleTrusts, Iam::new),
        served(PermissionsBoundaries, Iam::new),
        served(IdentityProviders, Iam::new),
    ])
    .await
}
