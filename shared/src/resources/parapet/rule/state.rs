//! Rules: what is known of one.

pub use super::actions::RuleAction;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How to find a rule, and how it was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRef {
    /// Its name.
    pub name: String,
    /// The name of its bus; none for the default bus.
    #[serde(default)]
    pub bus: Option<String>,
    /// By whom it was changed: see `made_by` of the module above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRule {
    /// How it is found.
    pub of: RuleRef,
    /// What became of it.
    pub now: Now,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Now {
    /// It is there.
    Stands(View),
    /// It is gone.
    Gone,
}

/// A rule, as far as a look shows it. A record shows what its call has set, and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Whether it is enabled.
    pub enabled: Option<bool>,
    /// What it is about.
    pub content: Option<Content>,
    /// What it invokes.
    pub targets: Option<Targets>,
}

/// What one call of `PutRule` writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// `EventPattern`
    pub pattern: Option<Value>,
    /// `ScheduleExpression`
    pub schedule: Option<String>,
    /// `Description`
    pub description: Option<String>,
    /// `RoleArn`
    pub role: Option<String>,
}

impl RuleRef {
    /// The rule without the principal that changed it.
    #[must_use]
    pub fn alone(&self) -> Self {
        Self { by: Vec::new(), ..self.clone() }
    }
}

/// Targets as the API writes them, or what a call has done to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Targets {
    /// All there are.
    All(Vec<Value>),
    /// These were written; the others stay.
    Written(Vec<Value>),
    /// These were removed, by their ids.
    Removed(Vec<String>),
}

impl OwnRule {
    /// The rule that a key names, as it is now.
    #[must_use]
    pub fn seen(of: &RuleRef, now: Now) -> Self {
        Self { of: of.clone(), now }
    }
}
