//! The function of what belongs to IAM users: names its families and their client.

use shared::aws::iam::Iam;
use shared::families::compromised_user::CompromisedUsers;
use shared::families::iam_user::IamUsers;
use shared::families::login_profile::LoginProfiles;
use shared::families::mfa_device::MfaDevices;
use shared::families::password_policy::PasswordPolicies;
use shared::families::session_cut::SessionCuts;
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::serve(vec![
        served(IamUsers, Iam::new),
        served(CompromisedUsers, Iam::new),
        served(LoginProfiles, Iam::new),
        served(MfaDevices, Iam::new),
        served(PasswordPolicies, Iam::new),
        served(SessionCuts, Iam::new),
    ])
    .await
}
