//! IAM-21: an organization goes on managing the root users of its members centrally.
//!
//! Sources: "DisableOrganizationsRootCredentialsManagement", "DisableOrganizationsRootSessions", "ListOrganizationsFeatures" (IAM API reference), "Centrally manage root access for
//! member accounts" (IAM user guide): with the first feature members have no root credentials, and none can be recovered; with the second, privileged tasks are done by short
//! sessions from the management account. The calls are the management account's or its delegated administrator's.
//!
//! Each guardrail is a description, [`RootFeature`].

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod credentials;
pub mod sessions;

use crate::engine::setting::prelude::*;
use crate::resources::callers::{AllowedPrincipals, callers};
use std::fmt::Debug;
use std::marker::PhantomData;

pub(crate) const LIST: Permission = Permission::read("iam:ListOrganizationsFeatures");
const IAM: &str = "iam.amazonaws.com";
pub(super) const IDS: &[&str] = &["arn:%:iam::%:organizations-feature/%"];

/// A feature of IAM for organizations.
pub trait RootFeature: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// See [`Setting::KIND`].
    const KIND: &'static str;
    /// See [`Setting::ABOUT`].
    const ABOUT: &'static About;
    /// The call that enables it, and the one that disables it.
    const CALLS: &'static [Call<bool>];
    /// See [`Setting::UNDOES`].
    const UNDOES: &'static [Permission];
    /// Its name: `RootSessions`.
    const NAME: &'static str;
    /// What became of it, for a person.
    const WHY: &'static str;
}

/// The family of such a feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootFeatures<F>(PhantomData<F>);

/// Who changed it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureRef {
    /// See [`callers`].
    pub by: Vec<String>,
}

/// A feature, as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// See [`FeatureRef::by`].
    pub by: Vec<String>,
    /// Whether it is enabled.
    pub is_enabled: bool,
}

impl<F: RootFeature> Setting for RootFeatures<F> {
    type Key = FeatureRef;
    type State = Feature;
    type Subject = ();
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = F::KIND;
    const STRICTEST: bool = true;
    const IS_GLOBAL: bool = true;
    const READS: &'static [Permission] = &[LIST];
    const UNDOES: &'static [Permission] = F::UNDOES;
    const ABOUT: &'static About = F::ABOUT;
    const CALLS: &'static [Call<bool>] = F::CALLS;

    /// The response lists what is still enabled. Without it, a read does.
    fn changed_by(event: &Event) -> Result<Vec<Target<FeatureRef, Feature>>, Unlocatable> {
        if !event.is_one_of(IAM, F::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let by = callers(event);
        let enabled = event.response.at(&["enabledFeatures"]).and_then(|list| list.as_array());
        let is_off = enabled.is_some_and(|list| !list.iter().any(|feature| feature == F::NAME));
        let proven = is_off.then(|| Feature { by: by.clone(), is_enabled: false });
        Ok(vec![Target { key: FeatureRef { by }, proven, changed: None }])
    }

    fn narrow(feature: &mut Feature, target: &Target<FeatureRef, Feature>) {
        feature.by.clone_from(&target.key.by);
    }

    fn named(_: &FeatureRef, Place { partition, account, .. }: &Place) -> Resource {
        let id = format!("arn:{partition}:iam::{account}:organizations-feature/{}", F::NAME);
        Resource { id, kind: "Other", name: F::NAME.to_owned() }
    }

    fn shown(feature: &Feature) -> Shown<(), bool> {
        Shown::of((), feature.is_enabled, F::NAME)
    }

    fn is_in_question(feature: &Feature, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&feature.by)
    }

    fn why(_: &Feature, _: &Terms<'_>) -> String {
        F::WHY.to_owned()
    }
}
