//! IAM: access keys; everything else in a module of its own.

mod attached;
mod boundary;
mod compromised_user;
mod deny_policy;
mod details;
mod held;
mod identity_provider;
mod inline;
mod listed_keys;
mod login_profile;
mod managed;
mod mfa_device;
mod password_policy;
mod role_trust;
mod session_cut;

use super::failure;
use crate::families::iam_user::IamUsers;
use crate::families::{Glance, Observe, ReadError};
use crate::model::Observed;
use crate::model::access_key::{AccessKey, KeyAction, KeyRef, Owner};
use crate::plan::{Action, Applied, Apply, ApplyError};
use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::operation::RequestId;
use aws_sdk_iam::types::StatusType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::ProvideErrorKind;
use std::error::Error;

/// The IAM API of one account.
#[derive(Clone, Debug)]
pub struct Iam {
    client: Client,
}

impl Iam {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}

/// What a call that changes something answered.
fn done<T: RequestId, E: ProvideErrorMetadata + ProvideErrorKind + Error + 'static>(
    answer: Result<T, SdkError<E, HttpResponse>>,
    permission: &'static str,
) -> Result<Applied, ApplyError> {
    match answer {
        Ok(answer) => Ok(Applied { request_id: answer.request_id().map(str::to_owned), ..Applied::default() }),
        Err(error) => Err(failure(&error).of_action(permission)),
    }
}

impl Observe<IamUsers> for Iam {
    async fn observe(&self, key: &KeyRef, _: Glance) -> Result<Observed<AccessKey>, ReadError> {
        let Owner::User(user) = &key.owner else {
            return Ok(Observed::Unknown { why: "no principal but root can list root's access keys".to_owned() });
        };
        let mut pages = self.client.list_access_keys().user_name(user).into_paginator().send();
        let mut active = 0;
        let mut found = None;
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => {
                    for listed in page.access_key_metadata {
                        let is_active = listed.status == Some(StatusType::Active);
                        active += usize::from(is_active);
                        if listed.access_key_id.as_deref() == Some(key.id.as_str()) {
                            found = Some(is_active);
                        }
                    }
                }
                Err(error) => return failure(&error).of_read("iam:ListAccessKeys"),
            }
        }
        let Some(is_active) = found else { return Ok(Observed::Absent) };
        Ok(Observed::Known(AccessKey {
            id: key.id.clone(),
            owner: key.owner.clone(),
            is_active,
            made_by_owner: Observed::Unknown { why: "IAM does not tell who made a key".to_owned() },
            active_keys: Observed::Known(active),
        }))
    }
}

impl Apply<KeyAction> for Iam {
    async fn apply(&self, action: &KeyAction) -> Result<Applied, ApplyError> {
        let key = action.key();
        let call = self.client.update_access_key().user_name(&key.user).access_key_id(&key.id);
        done(call.status(StatusType::from(action.status())).send().await, action.permission())
    }
}
