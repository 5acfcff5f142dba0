//! IAM: MFA devices of users that sign in to the console.

use super::LIST_MFA_DEVICES;
use super::MfaDevices;
use super::state::{SignIn, SignInRef};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::iam::access_key::state::Owner;
use crate::resources::iam::access_key::{GET_ACCOUNT_SUMMARY, LIST_USERS};
use crate::resources::iam::client::Iam;
use aws_sdk_iam::types::SummaryKeyType;
use futures_util::{StreamExt, TryStreamExt, stream};

/// Users of one page: each needs calls of its own.
const PAGE: i32 = 100;
const AT_ONCE: usize = 8;

impl Iam {
    async fn sign_in(&self, key: &SignInRef, depth: ReadDepth) -> Result<Observed<SignIn>, ReadError> {
        match &key.owner {
            Owner::Root => self.root_sign_in().await,
            Owner::User(user) => self.user_sign_in(user, depth).await,
        }
    }

    /// "GetAccountSummary" in the IAM API reference: `AccountMFAEnabled` is 1 when the root user has an MFA device.
    async fn root_sign_in(&self) -> Result<Observed<SignIn>, ReadError> {
        let summary = match self.client.get_account_summary().send().await {
            Ok(answer) => answer.summary_map.unwrap_or_default(),
            Err(error) => return failure(&error).of_read(GET_ACCOUNT_SUMMARY.action),
        };
        Ok(match summary.get(&SummaryKeyType::AccountMfaEnabled) {
            None => Observed::Unknown { why: "the account's summary does not show whether root has MFA".to_owned() },
            Some(enabled) => Observed::Known(SignIn {
                owner: Owner::Root,
                has_password: true,
                devices: usize::from(*enabled > 0),
                denies: Observed::Absent,
            }),
        })
    }

    /// What a user without a password, or with a device, is denied does not matter: it is asked for at once where a hole may
    /// be open, and else only where it matters.
    async fn user_sign_in(&self, user: &str, depth: ReadDepth) -> Result<Observed<SignIn>, ReadError> {
        let denies = async {
            match depth {
                ReadDepth::Quick => self.denies(user).await.map(Some),
                ReadDepth::Full => Ok(None),
            }
        };
        let (password, devices, denies) = tokio::try_join!(self.has_password(user), self.devices(user), denies)?;
        let has_password = match password {
            Observed::Known(()) => true,
            Observed::Absent => false,
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let devices = match devices {
            Observed::Known(devices) => devices,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let denies = match (has_password && devices == 0, denies) {
            (true, Some(denies)) => denies,
            (true, None) => self.denies(user).await?,
            (false, _) => Observed::Absent,
        };
        Ok(Observed::Known(SignIn { owner: Owner::User(user.to_owned()), has_password, devices, denies }))
    }

    async fn devices(&self, user: &str) -> Result<Observed<usize>, ReadError> {
        let mut pages = self.client.list_mfa_devices().user_name(user).into_paginator().send();
        let mut devices = 0;
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => devices += page.mfa_devices.len(),
                Err(error) => return failure(&error).of_read(LIST_MFA_DEVICES.action),
            }
        }
        Ok(Observed::Known(devices))
    }
}

impl Observe<MfaDevices> for Iam {
    async fn observe(&self, key: &SignInRef, depth: ReadDepth) -> Result<Observed<SignIn>, ReadError> {
        self.sign_in(key, depth).await
    }
}

impl List<MfaDevices> for Iam {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<MfaDevices>>, ReadError> {
        let call = self.client.list_users().max_items(PAGE);
        let answer = match call.set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_USERS.action),
        };
        let root = from.is_none().then_some(Owner::Root);
        let owners = root.into_iter().chain(answer.users.into_iter().map(|user| Owner::User(user.user_name)));
        let keys = owners.map(|owner| SignInRef { owner });
        let look = |key: SignInRef| async move { self.sign_in(&key, ReadDepth::Full).await.map(|state| (key, state)) };
        let found = stream::iter(keys).map(look).buffered(AT_ONCE).try_collect().await?;
        Ok(Observed::Known(Page { found, next: answer.marker }))
    }
}
