//! IAM: what a managed policy says.
//!
//! A version never changes, and its id is never used again in the same policy: one that was read is kept, by the policy's unique
//! id, so that a second look asks only which version is the default one.

use super::Iam;
use super::holdings::{Miss, version};
use crate::resources::iam::managed_policy::state::Version;
use crate::resources::iam::record::{GET_POLICY, GET_POLICY_VERSION};
use futures_util::future::join;
use iam_policy::managed;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// The policies of which versions are kept, at most; each has five at a time, of 6,144 characters at most (IAM quotas): 2 MB.
const MOST: usize = 64;
const MOST_OF_ONE: usize = 5;

/// Versions that were read, by the ARN of their policy.
#[derive(Debug, Default)]
pub(super) struct Versions(Mutex<HashMap<String, Kept>>);

#[derive(Debug)]
struct Kept {
    /// The policy's unique id: another policy of the same name has another.
    policy: String,
    versions: VecDeque<Version>,
}

impl Versions {
    fn has_any_of(&self, arn: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(arn)
    }

    fn get(&self, arn: &str, policy: Option<&str>, id: &str) -> Option<Version> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = known.get(arn).filter(|kept| Some(kept.policy.as_str()) == policy)?;
        kept.versions.iter().find(|version| version.id == id).cloned()
    }

    fn keep(&self, arn: &str, policy: Option<&str>, version: &Version) {
        let Some(policy) = policy else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(arn) {
            known.clear();
        }
        let kept = known.entry(arn.to_owned()).or_insert_with(|| Kept::of(policy));
        if kept.policy != policy {
            *kept = Kept::of(policy);
        }
        kept.versions.retain(|other| other.id != version.id);
        kept.versions.truncate(MOST_OF_ONE - 1);
        kept.versions.push_front(version.clone());
    }
}

impl Kept {
    fn of(policy: &str) -> Self {
        Self { policy: policy.to_owned(), versions: VecDeque::new() }
    }
}

/// What `GetPolicy` shows.
pub(crate) struct DefaultVersion {
    /// The unique id of the policy: another one of the same name has another.
    pub(crate) policy: Option<String>,
    /// The id of the default version.
    pub(crate) id: String,
    /// How many principals hold the policy.
    pub(crate) holders: Option<i32>,
}

impl Iam {
    /// A version, and whether it is the default one.
    pub(crate) async fn version(self, arn: String, id: String) -> Result<(Version, bool), Miss> {
        let call = self.client.get_policy_version().policy_arn(arn).version_id(id).send();
        let read = call.await.map_err(Miss::of(GET_POLICY_VERSION.action))?.policy_version;
        let read = read.ok_or_else(|| Miss::Unknown("the answer holds no version".to_owned()))?;
        Ok((version(&read)?, read.is_default_version))
    }

    /// Which version of a policy is the default one.
    pub(crate) async fn default_id(&self, arn: &str) -> Result<DefaultVersion, Miss> {
        let read = self.client.get_policy().policy_arn(arn).send().await.map_err(Miss::of(GET_POLICY.action))?.policy;
        let read = read.ok_or_else(|| Miss::Unknown("the answer holds no policy".to_owned()))?;
        let id =
            read.default_version_id.ok_or_else(|| Miss::Unknown("the policy has no default version".to_owned()))?;
        Ok(DefaultVersion { policy: read.policy_id, id, holders: read.attachment_count })
    }

    /// A version of the policy that `of` names: as it was read before, or read now.
    pub(crate) async fn known_version(&self, arn: &str, of: &DefaultVersion, id: &str) -> Result<Version, Miss> {
        if let Some(known) = self.versions.get(arn, of.policy.as_deref(), id) {
            return Ok(known);
        }
        let (version, _) = self.clone().version(arn.to_owned(), id.to_owned()).await?;
        self.versions.keep(arn, of.policy.as_deref(), &version);
        Ok(version)
    }

    /// What the default version of a policy says. The one that it likely is is asked for at the same time as which one it is.
    pub(crate) async fn default_document(self, arn: String) -> Result<String, Miss> {
        let likely = async {
            let id = if self.versions.has_any_of(&arn) { None } else { Some(likely(&arn)) };
            Some(self.clone().version(arn.clone(), id?).await.ok()?.0)
        };
        let (default, likely) = join(self.default_id(&arn), likely).await;
        let default = default?;
        if let Some(version) = likely.filter(|version| version.id == default.id) {
            self.versions.keep(&arn, default.policy.as_deref(), &version);
            return Ok(version.document);
        }
        Ok(self.known_version(&arn, &default, &default.id).await?.document)
    }
}

/// Of most policies of an account there is one version; of AWS's own, the table knows which one was the default one.
fn likely(arn: &str) -> String {
    managed::known(arn).map_or_else(|| "v1".to_owned(), |known| known.version.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(id: &str) -> Version {
        Version { id: id.to_owned(), document: format!("what {id} says") }
    }

    #[test]
    fn a_version_is_known_again_by_its_policy_s_unique_id() {
        let known = Versions::default();
        known.keep("arn:p", Some("ANPA1"), &version("v1"));
        assert_eq!(known.get("arn:p", Some("ANPA1"), "v1"), Some(version("v1")));
        assert_eq!(known.get("arn:p", Some("ANPA1"), "v2"), None);
        // Deleted, and made again under the same name.
        assert_eq!(known.get("arn:p", Some("ANPA2"), "v1"), None);
        assert_eq!(known.get("arn:p", None, "v1"), None);
        known.keep("arn:p", Some("ANPA2"), &version("v1"));
        assert_eq!(known.get("arn:p", Some("ANPA1"), "v1"), None);
    }

    #[test]
    fn without_a_unique_id_nothing_is_kept() {
        let known = Versions::default();
        known.keep("arn:p", None, &version("v1"));
        assert!(!known.has_any_of("arn:p"));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let known = Versions::default();
        for number in 1..=9 {
            known.keep("arn:p", Some("ANPA1"), &version(&format!("v{number}")));
        }
        assert_eq!(known.get("arn:p", Some("ANPA1"), "v4"), None);
        assert!(known.get("arn:p", Some("ANPA1"), "v5").is_some());
        for number in 0..MOST {
            known.keep(&format!("arn:{number}"), Some("ANPA3"), &version("v1"));
        }
        assert!(!known.has_any_of("arn:p"));
    }

    #[test]
    fn the_first_version_is_the_likely_one_but_for_policies_of_aws() {
        assert_eq!(likely("arn:aws:iam::123456789012:policy/own"), "v1");
        assert_ne!(likely("arn:aws:iam::aws:policy/ReadOnlyAccess"), "v1");
    }
}
