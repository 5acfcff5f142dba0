//! Trails: what they log, and where to.

pub use super::actions::TrailAction;

use super::selectors::Selectors;
use super::settings::Settings;
use crate::engine::observed::Observed;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How to find a trail, what is known of it from before, and who called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailRef {
    /// Its ARN, of its home region.
    pub arn: String,
    /// The call that an event is about; empty in a sweep.
    #[serde(default)]
    pub call: String,
    /// See [`callers`](crate::resources::callers::callers).
    #[serde(default)]
    pub by: Vec<String>,
    /// What it was when it was last seen to be good: a deleted one cannot be asked.
    pub before: Observed<View>,
}

impl TrailRef {
    /// A trail of which nothing was recalled yet.
    #[must_use]
    pub fn new(arn: &str) -> Self {
        let before = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        Self { arn: arn.to_owned(), call: String::new(), by: Vec::new(), before }
    }
}

/// What is known of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// Its ARN.
    pub arn: String,
    /// What became of it.
    pub now: Now,
    /// What it was when it was last seen to be good.
    pub before: Observed<View>,
    /// See [`TrailRef::call`].
    #[serde(default)]
    pub call: String,
    /// See [`TrailRef::by`].
    #[serde(default)]
    pub by: Vec<String>,
}

/// What became of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Now {
    /// It is there.
    Stands(Box<View>),
    /// It is gone, and another one logs as much to the same bucket.
    Replaced {
        /// The other one's ARN.
        by: String,
    },
    /// It is gone.
    Gone,
}

/// A trail, as far as a look shows it. A record shows what its call has set, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Where to and how it logs.
    pub settings: Option<Settings>,
    /// Whether it logs.
    pub logging: Option<bool>,
    /// Which events.
    pub selectors: Option<Selectors>,
    /// `InsightSelectors`
    pub insights: Option<Vec<Value>>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl View {
    /// The tags that can be given: those that begin with `aws:` are AWS's own.
    #[must_use]
    pub fn own_tags(&self) -> BTreeMap<String, String> {
        let is_own = |key: &str| !key.to_ascii_lowercase().starts_with("aws:");
        self.tags.iter().filter(|(key, _)| is_own(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Whether it is an organization's: members may read it, and cannot change it.
    #[must_use]
    pub fn is_of_organization(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| settings.organization)
    }

    /// Whether `other` leaves no gap where this one logged: it logs, with settings that are no weaker, to the same places, at least the same events.
    #[must_use]
    pub fn is_made_up_for_by(&self, other: &Self) -> bool {
        let (Some(mine), Some(theirs)) = (&self.settings, &other.settings) else { return false };
        let (Some(wanted), Some(logged)) = (&self.selectors, &other.selectors) else { return false };
        other.logging == Some(true) && theirs.changes(mine, |_| false).is_empty() && logged.missing(wanted).is_empty()
    }
}

/// The types of insights in a list of selectors, each with its category of events.
#[must_use]
pub fn insight_types(selectors: &[Value]) -> Vec<String> {
    let of = |selector: &Value| {
        let kind = selector["InsightType"].as_str().unwrap_or_default().to_owned();
        let categories = selector["EventCategories"].as_array().cloned().unwrap_or_default();
        // "Management" without any.
        let mut named: Vec<String> = categories.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
        if named.is_empty() {
            named.push("Management".to_owned());
        }
        named.into_iter().map(move |category| format!("{kind} of {category} events")).collect::<Vec<_>>()
    };
    let mut types: Vec<String> = selectors.iter().flat_map(of).collect();
    types.sort_unstable();
    types.dedup();
    types
}
