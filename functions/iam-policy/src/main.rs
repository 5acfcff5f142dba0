//! The function of policies and of who holds them: names its families and their client.

use shared::aws::iam::Iam;
use shared::families::inline_policy::InlinePolicies;
use shared::families::managed_policy::ManagedPolicies;
use shared::families::policy_attachment::PolicyAttachments;
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let attachments = served(PolicyAttachments, Iam::new);
    let inline = served(InlinePolicies, Iam::new);
    let managed = served(ManagedPolicies, Iam::new);
    shared::lambda::serve(vec![attachments, inline, managed]).await
}
