//! IAM: users whose credentials are reported.

use super::ReportedUsers;
use super::state::{ReportedRef, ReportedUser};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::iam::client::Iam;
use crate::resources::iam::record::GET_USER;
use crate::resources::threat::Caller;
use jiff::Timestamp;

type Keys = Vec<(String, bool)>;

impl Iam {
    /// The user that has the credential now, with its keys. `Absent` where none of the account's has it.
    async fn holder_of(&self, caller: &Caller, is_session: bool) -> Result<Observed<(String, Keys)>, ReadError> {
        if caller.name.is_empty() {
            return self.owner_with_keys(&caller.key).await;
        }
        let keys = match self.keys(&caller.name).await? {
            Observed::Known(keys) => keys,
            Observed::Absent if is_session || caller.key.is_empty() => return Ok(Observed::Absent),
            Observed::Absent => return self.owner_with_keys(&caller.key).await,
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let is_its_own = if is_session {
            match self.id_of_user(&caller.name).await? {
                Observed::Known(id) => id == caller.id,
                Observed::Absent => false,
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
            }
        } else {
            caller.key.is_empty() || keys.iter().any(|(id, _)| *id == caller.key)
        };
        match (is_its_own, is_session) {
            (true, _) => Ok(Observed::Known((caller.name.clone(), keys))),
            (false, true) => Ok(Observed::Absent),
            (false, false) => self.owner_with_keys(&caller.key).await,
        }
    }

    async fn owner_with_keys(&self, key: &str) -> Result<Observed<(String, Keys)>, ReadError> {
        let owner = match self.owner_of(key).await? {
            Observed::Known(owner) => owner,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        Ok(match self.keys(&owner).await? {
            Observed::Known(keys) if keys.iter().any(|(id, _)| id == key) => Observed::Known((owner, keys)),
            Observed::Known(_) | Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }

    async fn id_of_user(&self, name: &str) -> Result<Observed<String>, ReadError> {
        match self.client.get_user().user_name(name).send().await {
            Ok(answer) => Ok(answer.user.map_or(Observed::Absent, |user| Observed::Known(user.user_id))),
            Err(error) => failure(&error).of_read(GET_USER.action),
        }
    }
}

impl Observe<ReportedUsers> for Iam {
    async fn observe(&self, key: &ReportedRef, depth: ReadDepth) -> Result<Observed<ReportedUser>, ReadError> {
        if let Some(why) = key.unnamed() {
            return Ok(Observed::Unknown { why });
        }
        let seen = Timestamp::now();
        let (user, keys) = match self.holder_of(&key.caller, key.is_session()).await? {
            Observed::Known(found) => found,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let denies = match depth {
            // The key is switched off first; whether sessions are cut already is all that there is to a report of a session.
            ReadDepth::Quick if !key.is_session() => Observed::Unknown { why: "not read yet".to_owned() },
            ReadDepth::Quick | ReadDepth::Full => self.denies(&user).await?,
        };
        let active_keys = keys.into_iter().filter(|(_, is_active)| *is_active).map(|(id, _)| id).collect();
        Ok(Observed::Known(ReportedUser { user, reported: key.clone(), active_keys, denies, is_gone: false, seen }))
    }
}

/// A report is an event: a sweep has none.
impl List<ReportedUsers> for Iam {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<ReportedUsers>>, ReadError> {
        Ok(Observed::Known(Page { found: Vec::new(), next: None }))
    }
}
