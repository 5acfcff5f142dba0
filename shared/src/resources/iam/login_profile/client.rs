//! IAM: console passwords.

use super::GET_LOGIN_PROFILE;
use super::LoginProfiles;
use super::state::{LoginProfile, LoginProfileRef};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::iam::client::Iam;

impl Iam {
    /// Whether a user has a console password.
    pub(crate) async fn has_password(&self, user: &str) -> Result<Observed<()>, ReadError> {
        match self.client.get_login_profile().user_name(user).send().await {
            Ok(_) => Ok(Observed::Known(())),
            Err(error) => failure(&error).of_read(GET_LOGIN_PROFILE.action),
        }
    }
}

impl Observe<LoginProfiles> for Iam {
    /// Who set the password is not shown: the key has it from the event.
    async fn observe(&self, key: &LoginProfileRef, _: ReadDepth) -> Result<Observed<LoginProfile>, ReadError> {
        let (password, denies) = tokio::try_join!(self.has_password(&key.user), self.denies(&key.user))?;
        Ok(match (password, denies) {
            (Observed::Absent, _) | (_, Observed::Absent) => Observed::Absent,
            (Observed::Unknown { why }, _) => Observed::Unknown { why },
            (Observed::Known(()), denies) => {
                Observed::Known(LoginProfile { user: key.user.clone(), set: key.set.clone(), denies })
            }
        })
    }
}

impl List<LoginProfiles> for Iam {
    /// No listing shows who set a password.
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<LoginProfiles>>, ReadError> {
        Ok(Observed::Known(Page { found: Vec::new(), next: None }))
    }
}
