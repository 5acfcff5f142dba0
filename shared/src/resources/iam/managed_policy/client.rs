//! IAM: the account's own managed policies and their versions.

use super::LIST_POLICY_VERSIONS;
use super::ManagedPolicies;
use super::state::{
    CREATE_POLICY_VERSION, ManagedPolicy, PolicyRef, Since, Version, VersionAction, number, uncounted, unread,
};
use crate::aws::done;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError, Target, TargetOf};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::span::{Span, is_padded};
use crate::resources::iam::client::Iam;
use crate::resources::iam::client::holdings::{Miss, observed};
use futures_util::future::{join_all, join4, try_join};
use std::cmp::Reverse;

impl Iam {
    async fn full(&self, key: &PolicyRef) -> Result<ManagedPolicy, Miss> {
        let arn = &key.arn;
        // What the event names is likely the default version still, and its neighbours are likely the others: asked for at the
        // same time as what says so. Which others there are decides nothing else.
        let likely = key.version.clone();
        let neighbours = key.version.as_deref().map(|id| likely_others(id, key.since)).unwrap_or_default();
        let neighbours = join_all(neighbours.into_iter().map(|id| self.maybe(arn, Some(id))));
        let (default, versions, likely, neighbours) =
            join4(self.default_id(arn), self.version_ids(arn), self.maybe(arn, likely), neighbours).await;
        let (of, versions) = (default?, versions?);
        let default = &of.id;
        let seen: Vec<Version> = likely.into_iter().chain(neighbours.into_iter().flatten()).collect();
        let one = async |id: String| match seen.iter().find(|version| version.id == id) {
            Some(version) => Ok(version.clone()),
            None => self.known_version(arn, &of, &id).await,
        };
        let others = async {
            let is_asked_for = matches!(key.since, Since::MadeByTheEvent | Since::ChosenByTheEvent);
            if !is_asked_for || key.version.as_ref().is_some_and(|version| version != default) {
                return Ok(unread());
            }
            let mut ids: Vec<&String> = versions.iter().filter(|id| *id != default).collect();
            ids.sort_by_key(|id| Reverse(number(id)));
            let mut others = Vec::new();
            for version in join_all(ids.into_iter().map(|id| one(id.clone()))).await {
                match version {
                    Ok(version) => others.push(version),
                    Err(Miss::Gone) => {}
                    Err(Miss::Unknown(why)) => return Ok(Observed::Unknown { why }),
                    Err(passing @ Miss::Passing(_)) => return Err(passing),
                }
            }
            Ok(Observed::Known(others))
        };
        let (others, default_version) = try_join(others, one(default.clone())).await?;
        let holders = of.holders.and_then(|count| usize::try_from(count).ok());
        Ok(ManagedPolicy {
            holders: holders.map_or_else(uncounted, Observed::Known),
            versions: Observed::Known(versions),
            others,
            ..only_version(key, default_version)
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

/// The ids that other versions likely have: those before one that was just made, the neighbours of one that was chosen.
fn likely_others(id: &str, since: Since) -> Vec<String> {
    let Some(number) = number(id) else { return Vec::new() };
    let (before, after) = match since {
        Since::MadeByTheEvent => (4, 0),
        Since::ChosenByTheEvent => (2, 2),
        Since::Before | Since::MadeWithThePolicy => (0, 0),
    };
    let numbers = number.saturating_sub(before).max(1)..=number.saturating_add(after);
    numbers.filter(|other| *other != number).map(|number| format!("v{number}")).collect()
}

/// What the default version alone shows.
pub(crate) fn only_version(key: &PolicyRef, default: Version) -> ManagedPolicy {
    ManagedPolicy {
        arn: key.arn.clone(),
        default,
        holders: uncounted(),
        before: key.before.clone(),
        versions: Observed::Unknown { why: "the policy's versions were not read yet".to_owned() },
        others: unread(),
        since: Since::Before,
    }
}

impl Observe<ManagedPolicies> for Iam {
    async fn observe(&self, key: &PolicyRef, depth: ReadDepth) -> Result<Observed<ManagedPolicy>, ReadError> {
        // The version that the event names shows whether it is still the default one.
        if let (ReadDepth::Quick, Some(id)) = (depth, &key.version) {
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

impl Iam {
    async fn make_default(&self, arn: &str, document: &str) -> Result<Applied, ApplyError> {
        let call = self.client.create_policy_version().policy_arn(arn).policy_document(document);
        done(call.set_as_default(true).send().await, CREATE_POLICY_VERSION.action)
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
            VersionAction::Replace { arn, deleted, document, .. } => {
                let call = self.client.delete_policy_version().policy_arn(arn).version_id(&deleted.id).send().await;
                match done(call, permission) {
                    Ok(_) | Err(ApplyError::NotThere { .. }) => {}
                    Err(error) => return Err(error),
                }
                self.make_default(arn, document).await
            }
            VersionAction::Create { arn, document, .. } => self.make_default(arn, document).await,
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
    use super::likely_others;
    use crate::resources::iam::managed_policy::state::Since;

    #[test]
    fn the_versions_beside_one_that_was_made_or_chosen_are_likely_its_neighbours() {
        assert_eq!(likely_others("v12", Since::MadeByTheEvent), ["v8", "v9", "v10", "v11"]);
        assert_eq!(likely_others("v2", Since::MadeByTheEvent), ["v1"]);
        assert_eq!(likely_others("v3", Since::ChosenByTheEvent), ["v1", "v2", "v4", "v5"]);
        assert_eq!(likely_others("v1", Since::ChosenByTheEvent), ["v2", "v3"]);
        assert!(likely_others("v1", Since::MadeByTheEvent).is_empty());
        assert!(likely_others("latest", Since::ChosenByTheEvent).is_empty());
    }
}
