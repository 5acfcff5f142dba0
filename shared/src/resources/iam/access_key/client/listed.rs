//! IAM: access keys, users page by page, for the sweep; and whether root has one, which only the summary shows.

use crate::aws::failure;
use crate::engine::family::{List, Page, ReadError};
use crate::engine::observed::Observed;
use crate::resources::iam::access_key::IamUsers;
use crate::resources::iam::access_key::state::{AccessKey, KeyRef, Owner};
use crate::resources::iam::access_key::{GET_ACCOUNT_SUMMARY, LIST_ACCESS_KEYS, LIST_USERS};
use crate::resources::iam::client::Iam;
use aws_sdk_iam::types::{StatusType, SummaryKeyType};
use futures_util::{StreamExt, stream};

/// Users of one page: each needs a call of its own for its keys.
const PAGE: i32 = 100;
const AT_ONCE: usize = 8;

type Found = Vec<(KeyRef, Observed<AccessKey>)>;

impl List<IamUsers> for Iam {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<IamUsers>>, ReadError> {
        let call = self.client.list_users().max_items(PAGE);
        let answer = match call.set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_USERS.action),
        };
        let mut found = if from.is_none() { self.root().await? } else { Vec::new() };
        let mut users = stream::iter(answer.users).map(|user| self.keys_of(user.user_name)).buffered(AT_ONCE);
        while let Some(keys) = users.next().await {
            found.extend(keys?);
        }
        drop(users);
        Ok(Observed::Known(Page { found, next: answer.marker }))
    }
}

impl Iam {
    /// "GetAccountSummary" in the IAM API reference: `AccountAccessKeysPresent` is 1 when the root user has access keys.
    async fn root(&self) -> Result<Found, ReadError> {
        let key = KeyRef { id: "(not shown)".to_owned(), owner: Owner::Root };
        let state = match self.client.get_account_summary().send().await {
            Ok(answer) => {
                let summary = answer.summary_map.unwrap_or_default();
                match summary.get(&SummaryKeyType::AccountAccessKeysPresent) {
                    Some(0) | None => return Ok(Vec::new()),
                    Some(_) => Observed::Known(AccessKey {
                        id: key.id.clone(),
                        owner: Owner::Root,
                        is_active: true,
                        made_by_owner: Observed::Known(true),
                        active_keys: Observed::Unknown { why: "a summary says whether, not how many".to_owned() },
                    }),
                }
            }
            Err(error) => failure(&error).of_read(GET_ACCOUNT_SUMMARY.action)?,
        };
        Ok(vec![(key, state)])
    }

    async fn keys_of(&self, user: String) -> Result<Found, ReadError> {
        let answer = match self.client.list_access_keys().user_name(&user).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let key = KeyRef { id: format!("(keys of {user})"), owner: Owner::User(user) };
                return Ok(match failure(&error).of_read(LIST_ACCESS_KEYS.action)? {
                    Observed::Known(()) | Observed::Absent => Vec::new(),
                    Observed::Unknown { why } => vec![(key, Observed::Unknown { why })],
                });
            }
        };
        let is_active = |status: &Option<StatusType>| *status == Some(StatusType::Active);
        let active = answer.access_key_metadata.iter().filter(|key| is_active(&key.status)).count();
        let keys = answer.access_key_metadata.into_iter().filter_map(|listed| {
            let key = KeyRef { id: listed.access_key_id?, owner: Owner::User(user.clone()) };
            let state = AccessKey {
                id: key.id.clone(),
                owner: key.owner.clone(),
                is_active: is_active(&listed.status),
                made_by_owner: Observed::Unknown { why: "IAM does not show who created a key".to_owned() },
                active_keys: Observed::Known(active),
            };
            Some((key, Observed::Known(state)))
        });
        Ok(keys.collect())
    }
}
