//! IAM: the account's own managed policies and their versions.

use super::LIST_POLICY_VERSIONS;
use super::ManagedPolicies;
use super::state::{ManagedPolicy, PolicyRef, Since, Version, VersionAction, number, uncounted};
use crate::engine::family::{Glance, List, Observe, Page, ReadError, Target, TargetOf};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::span::{Span, is_padded};
use crate::resources::iam::client::held::{Miss, observed};
use crate::resources::iam::client::{Iam, done};
use futures_util::future::{join4, try_join};

impl Iam {
    async fn full(&self, key: &PolicyRef) -> Result<ManagedPolicy, Miss> {
        let arn = &key.arn;
        // What the event names is likely the default version still, and the one before it its number less one: asked for at
        // the same time as what says so, and again where that was another.
        let likely = key.version.clone();
        let likely_before = likely.as_deref().filter(|_| key.since == Since::MadeByTheEvent).and_then(one_less);
        let (default, versions, likely, likely_before) =
            join4(self.default_id(arn), self.version_ids(arn), self.maybe(arn, likely), self.maybe(arn, likely_before))
                .await;
        let ((default, holders), versions) = (default?, versions?);
        let one = async |id: String, likely: Option<Version>| match likely.filter(|likely| likely.id == id) {
            Some(likely) => Ok(likely),
            None => self.clone().version(arn.clone(), id).await.map(|(version, _)| version),
        };
        let older = before(&versions, &default);
        let predecessor = async {
            match (key.since, older) {
                (Since::MadeByTheEvent, Some(id)) => match one(id, likely_before).await {
                    Ok(version) => Ok(Observed::Known(version)),
                    Err(Miss::Gone) => Ok(Observed::Absent),
                    Err(Miss::Unknown(why)) => Ok(Observed::Unknown { why }),
                    Err(passing @ Miss::Passing(_)) => Err(passing),
                },
                (Since::MadeByTheEvent, None) => Ok(Observed::Absent),
                (Since::Before | Since::MadeWithThePolicy | Since::ChosenByTheEvent, _) => {
                    Ok(Observed::Unknown { why: "which version was the default before does not show".to_owned() })
                }
            }
        };
        let (default, predecessor) = try_join(one(default, likely), predecessor).await?;
        let holders = holders.and_then(|count| usize::try_from(count).ok());
        Ok(ManagedPolicy {
            holders: holders.map_or_else(uncounted, Observed::Known),
            versions: Observed::Known(versions),
            predecessor,
            ..only_version(key, default)
        })
    }

    async fn version_ids(&self, arn: &str) -> Result<Vec<String>, Miss> {
        let mut pages = self.client.list_policy_versions().policy_arn(arn).into_paginator().send();
        let mut versions = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(Miss::of(LIST_POLICY_VERSIONS.action))?;
            versions.extend(page.versions.unwrap_or_default().into_iter().filter_map(|version| version.version_id));
        }
        Ok(versions)
    }

    /// A version that may be asked for in vain.
    async fn maybe(&self, arn: &str, id: Option<String>) -> Option<Version> {
        self.clone().version(arn.to_owned(), id?).await.ok().map(|(version, _)| version)
    }
}

/// `v4` of `v5`. None before the first.
fn one_less(id: &str) -> Option<String> {
    number(id)?.checked_sub(1).filter(|less| *less > 0).map(|less| format!("v{less}"))
}

/// The newest version that is older than the default one.
pub(crate) fn before(versions: &[String], default: &str) -> Option<String> {
    let older = versions.iter().filter(|id| number(id) < number(default));
    older.max_by_key(|id| number(id)).cloned()
}

/// What the default version alone shows.
pub(crate) fn only_version(key: &PolicyRef, default: Version) -> ManagedPolicy {
    let unread = || "the policy's versions were not read yet".to_owned();
    ManagedPolicy {
        arn: key.arn.clone(),
        default,
        holders: uncounted(),
        before: key.before.clone(),
        versions: Observed::Unknown { why: unread() },
        predecessor: Observed::Unknown { why: unread() },
        since: Since::Before,
    }
}

impl Observe<ManagedPolicies> for Iam {
    async fn observe(&self, key: &PolicyRef, glance: Glance) -> Result<Observed<ManagedPolicy>, ReadError> {
        // The version that the event names shows whether it is still the default one.
        if let (Glance::Quick, Some(id)) = (glance, &key.version) {
            match self.clone().version(key.arn.clone(), id.clone()).await {
                Ok((version, true)) => return Ok(Observed::Known(only_version(key, version))),
                Ok((_, false)) | Err(Miss::Gone) => {}
                Err(Miss::Unknown(why)) => return Ok(Observed::Unknown { why }),
                Err(Miss::Passing(error)) => return Err(error),
            }
        }
        observed(self.full(key).await)
    }

    async fn spread(&self, span: &Span) -> Result<Observed<Vec<TargetOf<ManagedPolicies>>>, ReadError> {
        match span {
            Span::Unshown { .. } => observed(self.padded_versions().await),
            Span::HeldBy(_) | Span::Without { .. } | Span::PrefixList(_) => Ok(Observed::Known(Vec::new())),
        }
    }
}

impl Iam {
    /// The account's policies whose default version no record could carry.
    async fn padded_versions(&self) -> Result<Vec<TargetOf<ManagedPolicies>>, Miss> {
        let (mut found, mut from) = (Vec::new(), None);
        loop {
            let page = self.details(from.as_deref()).await?.managed();
            for (key, policy) in page.found {
                let Observed::Known(policy) = policy else { continue };
                if !is_padded(&policy.default.document) {
                    continue;
                }
                let is_first = number(&policy.default.id) == Some(1);
                let since = if is_first { Since::MadeWithThePolicy } else { Since::MadeByTheEvent };
                let version = Some(policy.default.id);
                let changed = Some(version.iter().cloned().collect());
                found.push(Target { key: PolicyRef { version, since, ..key }, proven: None, changed });
            }
            from = page.next;
            if from.is_none() {
                return Ok(found);
            }
        }
    }
}

impl Apply<VersionAction> for Iam {
    async fn apply(&self, action: &VersionAction) -> Result<Applied, ApplyError> {
        let permission = action.permission();
        match action {
            VersionAction::SetDefault { arn, version } => {
                let call = self.client.set_default_policy_version().policy_arn(arn).version_id(version);
                done(call.send().await, permission)
            }
            VersionAction::Create { arn, document } => {
                let call = self.client.create_policy_version().policy_arn(arn).policy_document(document);
                done(call.set_as_default(true).send().await, permission)
            }
        }
    }
}

impl List<ManagedPolicies> for Iam {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<ManagedPolicies>>, ReadError> {
        let details = observed(self.details(from).await)?;
        Ok(match details {
            Observed::Known(details) => Observed::Known(details.managed()),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn the_version_before_is_the_newest_older_one_that_is_left() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(before(&ids(&["v12", "v11", "v9"]), "v12").as_deref(), Some("v11"));
        assert_eq!(before(&ids(&["v10", "v9", "v2"]), "v10").as_deref(), Some("v9"), "numbers, not letters");
        assert_eq!(before(&ids(&["v7", "v3"]), "v3"), None);
        assert_eq!(before(&ids(&["v1"]), "v1"), None);
    }
}
