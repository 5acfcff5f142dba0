//! The detector of an account and region.

pub use super::actions::DetectorAction;

use crate::engine::observed::Observed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often findings that repeat are published, the most often first: `FindingPublishingFrequency`.
pub(crate) const FREQUENCIES: [&str; 3] = ["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"];

/// How to find it: there is one. What it was, and who called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetectorRef {
    /// The call that an event is about; empty in a sweep.
    #[serde(default)]
    pub call: String,
    /// See [`callers`](crate::resources::callers::callers).
    #[serde(default)]
    pub by: Vec<String>,
    /// The id that the call names.
    #[serde(default)]
    pub id: String,
    /// What the call sets; nothing in a sweep.
    #[serde(default)]
    pub asked: Plans,
    /// What it was when it was last seen to be good.
    pub before: Observed<Plans>,
}

impl Default for DetectorRef {
    fn default() -> Self {
        let before = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        Self { call: String::new(), by: Vec::new(), id: String::new(), asked: Plans::default(), before }
    }
}

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detector {
    /// What it is now.
    pub now: Now,
    /// What it was when it was last seen to be good.
    pub before: Observed<Plans>,
    /// See [`DetectorRef::call`].
    #[serde(default)]
    pub call: String,
    /// See [`DetectorRef::by`].
    #[serde(default)]
    pub by: Vec<String>,
    /// See [`DetectorRef::asked`].
    #[serde(default)]
    pub asked: Plans,
}

impl Detector {
    /// What a look by this key shows.
    #[must_use]
    pub fn of(key: &DetectorRef, now: Now) -> Self {
        let DetectorRef { call, by, asked, before, .. } = key.clone();
        Self { now, before, call, by, asked }
    }
}

/// What a look shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Now {
    /// The account has no detector in the region.
    Gone,
    /// It is there.
    Stands {
        /// Its id.
        id: String,
        /// What it watches.
        plans: Plans,
        /// Whether that is all of it: a record shows what its call was about.
        is_whole: bool,
    },
}

/// What a detector watches, as far as a look shows it, or what a call sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plans {
    /// Whether it is enabled, and not suspended.
    pub enabled: Option<bool>,
    /// See [`FREQUENCIES`].
    pub frequency: Option<String>,
    /// Which protection plans are on, by the names of features; what a feature has beside it by both names: `RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT`.
    pub features: BTreeMap<String, bool>,
}

impl Plans {
    /// An enabled detector that publishes most often, with these features on.
    #[must_use]
    pub fn good(features: &[&str]) -> Self {
        let features = features.iter().map(|name| ((*name).to_owned(), true)).collect();
        Self { enabled: Some(true), frequency: Some(FREQUENCIES[0].to_owned()), features }
    }

    /// Whether it sets nothing that could be stricter.
    #[must_use]
    pub fn is_strictest(&self) -> bool {
        let is_often = self.frequency.as_deref().is_none_or(|frequency| frequency == FREQUENCIES[0]);
        self.enabled != Some(false) && is_often && self.features.values().all(|is_on| *is_on)
    }

    /// Whether it sets nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What these change of `other`, as it is there.
    #[must_use]
    pub fn of_the_same(&self, other: &Self) -> Self {
        let features = other.features.iter().filter(|(name, _)| self.features.contains_key(*name));
        Self {
            enabled: self.enabled.and(other.enabled),
            frequency: self.frequency.as_ref().and(other.frequency.clone()),
            features: features.map(|(name, is_on)| (name.clone(), *is_on)).collect(),
        }
    }
}
