//! IAM: users whose key leaked.

use super::CompromisedUsers;
use super::state::{CompromisedAction, CompromisedRef, CompromisedUser, Leak, QUARANTINE, Quarantiner};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError, Target, TargetOf};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, Apply, ApplyError};
use crate::engine::span::Span;
use crate::resources::iam::access_key::LIST_ACCESS_KEYS;
use crate::resources::iam::client::Iam;
use crate::resources::iam::client::holdings::observed;
use crate::resources::iam::record::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use aws_sdk_iam::types::{EntityType, StatusType, UserDetail};
use jiff::Timestamp;

impl Iam {
    async fn active_keys(&self, user: &str) -> Result<Observed<Vec<String>>, ReadError> {
        let mut pages = self.client.list_access_keys().user_name(user).into_paginator().send();
        let mut active = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => {
                    let listed = page.access_key_metadata.into_iter();
                    let working = listed.filter(|key| key.status == Some(StatusType::Active));
                    active.extend(working.filter_map(|key| key.access_key_id));
                }
                Err(error) => return failure(&error).of_read(LIST_ACCESS_KEYS.action),
            }
        }
        Ok(Observed::Known(active))
    }

    async fn compromised(
        &self,
        key: &CompromisedRef,
        depth: ReadDepth,
    ) -> Result<Observed<CompromisedUser>, ReadError> {
        let seen = Timestamp::now();
        let active_keys = match self.active_keys(&key.user).await? {
            Observed::Absent => return Ok(Observed::Absent),
            keys @ (Observed::Known(_) | Observed::Unknown { .. }) => keys,
        };
        let denies = match depth {
            ReadDepth::Quick => Observed::Unknown { why: "not read yet".to_owned() },
            ReadDepth::Full => self.denies(&key.user).await?,
        };
        let (user, leak) = (key.user.clone(), key.leak.clone());
        Ok(Observed::Known(CompromisedUser { user, leak, active_keys, denies, seen }))
    }
}

impl Observe<CompromisedUsers> for Iam {
    async fn observe(&self, key: &CompromisedRef, depth: ReadDepth) -> Result<Observed<CompromisedUser>, ReadError> {
        self.compromised(key, depth).await
    }

    /// The user, where one of AWS's quarantine policies is on it.
    async fn spread(&self, span: &Span) -> Result<Observed<Vec<TargetOf<CompromisedUsers>>>, ReadError> {
        let Span::HeldBy(holder) = span else { return Ok(Observed::Known(Vec::new())) };
        let attached = match observed(self.attached(holder).await)? {
            Observed::Known(attached) => attached,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let is_aws_own = |arn: &&String| arn.split(':').nth(4) == Some("aws");
        let names = attached.iter().filter(is_aws_own).filter_map(|arn| arn.rsplit('/').next());
        let policy = names.into_iter().find(|name| name.starts_with(QUARANTINE));
        let target = |policy: &str| {
            let leak = Leak { policy: policy.to_owned(), at: None, by: Quarantiner::Unknown };
            Target { key: CompromisedRef { user: holder.name.clone(), leak }, proven: None, changed: None }
        };
        Ok(Observed::Known(policy.map(target).into_iter().collect()))
    }
}

impl List<CompromisedUsers> for Iam {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<CompromisedUsers>>, ReadError> {
        let call = self.client.get_account_authorization_details().filter(EntityType::User);
        let answer = match call.set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_ACCOUNT_AUTHORIZATION_DETAILS.action),
        };
        let mut found = Vec::new();
        // Mostly none: what a page shows of all users is enough to know which.
        for key in answer.user_detail_list().iter().filter_map(quarantined) {
            let state = self.compromised(&key, ReadDepth::Full).await?;
            found.push((key, state));
        }
        Ok(Observed::Known(Page { found, next: answer.marker }))
    }
}

/// The user, where one of AWS's quarantine policies is on it. When it was put there is not shown.
fn quarantined(user: &UserDetail) -> Option<CompromisedRef> {
    let attached = user.attached_managed_policies().iter().filter(|policy| {
        let owner = policy.policy_arn().and_then(|arn| arn.split(':').nth(4));
        owner == Some("aws")
    });
    let attached = attached.filter_map(|policy| policy.policy_name());
    let inline = user.user_policy_list().iter().filter_map(|policy| policy.policy_name());
    let policy = attached.chain(inline).find(|name| name.starts_with(QUARANTINE))?;
    let leak = Leak { policy: policy.to_owned(), at: None, by: Quarantiner::Unknown };
    Some(CompromisedRef { user: user.user_name()?.to_owned(), leak })
}

impl Apply<CompromisedAction> for Iam {
    async fn apply(&self, action: &CompromisedAction) -> Result<Applied, ApplyError> {
        match action {
            CompromisedAction::Key(action) => self.apply(action).await,
            CompromisedAction::Sessions(action) => self.apply(action).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::{AttachedPolicy, PolicyDetail};

    fn attached(arn: &str) -> UserDetail {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let policy = AttachedPolicy::builder().policy_arn(arn).policy_name(name).build();
        UserDetail::builder().user_name("eve").attached_managed_policies(policy).build()
    }

    #[test]
    fn only_aws_s_own_quarantine_counts() {
        let found = quarantined(&attached("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3")).unwrap();
        assert_eq!((found.user.as_str(), found.leak.policy.as_str()), ("eve", "AWSCompromisedKeyQuarantineV3"));
        assert_eq!((found.leak.at, found.leak.by), (None, Quarantiner::Unknown));
        assert_eq!(quarantined(&attached("arn:aws:iam::aws:policy/ReadOnlyAccess")), None);
        assert_eq!(quarantined(&attached("arn:aws:iam::111122223333:policy/AWSCompromisedKeyQuarantineV3")), None);
        let inline = PolicyDetail::builder().policy_name("AWSCompromisedKeyQuarantine").build();
        let inline = UserDetail::builder().user_name("eve").user_policy_list(inline).build();
        assert!(quarantined(&inline).is_some());
    }
}
