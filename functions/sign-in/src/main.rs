//! The function of sign-ins and of what root does: it only tells, so it has no client.

use shared::families::RecordAlone;
use shared::families::root_activity::RootActivity;
use shared::families::sign_in::SignIns;
use shared::service::served;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::lambda::serve(vec![served(SignIns, |_| RecordAlone), served(RootActivity, |_| RecordAlone)]).await
}
