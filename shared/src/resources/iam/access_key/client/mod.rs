//! IAM: access keys, one by one.

pub(crate) mod listed;

use super::IamUsers;
use super::state::{AccessKey, KeyAction, KeyRef, Owner};
use super::{GET_ACCESS_KEY_LAST_USED, LIST_ACCESS_KEYS};
use crate::aws::{FailureKind, done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError, Target, TargetOf};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::span::Span;
use crate::resources::iam::client::Iam;
use aws_sdk_iam::types::StatusType;

impl Iam {
    /// Whether the user's key works, and how many of the user's keys do. `Absent` where the user has no such key.
    async fn key_of(&self, user: &str, id: &str) -> Result<Observed<(bool, usize)>, ReadError> {
        let keys = match self.keys(user).await? {
            Observed::Known(keys) => keys,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let active = keys.iter().filter(|(_, is_active)| *is_active).count();
        let found = keys.iter().find(|(listed, _)| listed == id);
        Ok(found.map_or(Observed::Absent, |(_, is_active)| Observed::Known((*is_active, active))))
    }

    /// The keys of a user, and which of them work.
    pub(crate) async fn keys(&self, user: &str) -> Result<Observed<Vec<(String, bool)>>, ReadError> {
        let mut pages = self.client.list_access_keys().user_name(user).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => keys.extend(page.access_key_metadata.into_iter().filter_map(|listed| {
                    let is_active = listed.status == Some(StatusType::Active);
                    Some((listed.access_key_id?, is_active))
                })),
                Err(error) => return failure(&error).of_read(LIST_ACCESS_KEYS.action),
            }
        }
        Ok(Observed::Known(keys))
    }

    /// Whose a key is now: a user may have another name than a record knows. A key that does not exist is answered with a denial.
    pub(crate) async fn owner_of(&self, id: &str) -> Result<Observed<String>, ReadError> {
        match self.client.get_access_key_last_used().access_key_id(id).send().await {
            Ok(answer) => Ok(answer.user_name.map_or(Observed::Absent, Observed::Known)),
            Err(error) => match failure(&error) {
                refused if refused.kind == FailureKind::Denied && refused.message.contains(id) => Ok(Observed::Absent),
                refused => refused.of_read(GET_ACCESS_KEY_LAST_USED.action),
            },
        }
    }
}

impl Observe<IamUsers> for Iam {
    async fn observe(&self, key: &KeyRef, _: ReadDepth) -> Result<Observed<AccessKey>, ReadError> {
        let Owner::User(user) = &key.owner else {
            return Ok(Observed::Unknown { why: "no principal but root can list root's access keys".to_owned() });
        };
        let (mut owner, mut found) = (user.clone(), self.key_of(user, &key.id).await?);
        if found == Observed::Absent {
            match self.owner_of(&key.id).await? {
                Observed::Known(other) if other != *user => {
                    found = self.key_of(&other, &key.id).await?;
                    owner = other;
                }
                Observed::Known(_) | Observed::Absent => {}
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
            }
        }
        Ok(match found {
            Observed::Known((is_active, active)) => Observed::Known(AccessKey {
                id: key.id.clone(),
                owner: Owner::User(owner),
                is_active,
                made_by_owner: Observed::Unknown { why: "IAM does not show who created a key".to_owned() },
                active_keys: Observed::Known(active),
            }),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }

    async fn spread(&self, span: &Span) -> Result<Observed<Vec<TargetOf<IamUsers>>>, ReadError> {
        let Span::HeldBy(holder) = span else { return Ok(Observed::Known(Vec::new())) };
        let key = |id: String| KeyRef { id, owner: Owner::User(holder.name.clone()) };
        Ok(match self.keys(&holder.name).await? {
            Observed::Known(keys) => {
                let target = |(id, _)| Target { key: key(id), proven: None, changed: None };
                Observed::Known(keys.into_iter().map(target).collect())
            }
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl Apply<KeyAction> for Iam {
    async fn apply(&self, action: &KeyAction) -> Result<Applied, ApplyError> {
        let key = action.key();
        let call = self.client.update_access_key().user_name(&key.user).access_key_id(&key.id);
        done(call.status(StatusType::from(action.status())).send().await, action.permission())
    }
}
