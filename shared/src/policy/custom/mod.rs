//! Guardrails of the operator's own, as the policy file declares them (docs/custom-guardrails.md).
//!
//! Here is what the file says, and what of it can be checked by its form. The expressions are text here: what reads and evaluates them is
//! `resources::custom`, so that only what serves such guardrails carries the language (docs/adr/0029-own-guardrails-are-interned.md).

mod faults;
mod form;
mod interned;
mod kind;
mod runbook;

pub use form::{CustomName, EventName, EventSource, Expression, LONGEST_EXPRESSION, Line};
pub use interned::declared;
pub use kind::IdKind;
pub(crate) use runbook::ROLE;
pub use runbook::{Document, DocumentVersion, Owner, Parameter, Runbook};

use crate::engine::guardrail::About;
use crate::engine::verdict::Severity;
use crate::policy::{Grace, GuardrailPolicy, MaxClass, Mode, NoSettings, NonEmpty, Policy};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Limits what one policy file costs for each event.
pub const MOST_GUARDRAILS: usize = 50;
/// What the names of all such guardrails begin with: no guardrail of a later version is called like one of them.
pub const PREFIX: &str = "custom-";

/// What the file says of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Its name, which begins with `custom-`: exemptions and accounts call it so.
    pub name: CustomName,
    /// One line for a person: a state that should not be.
    pub title: Line,
    /// The level of a finding.
    pub severity: Severity,
    /// The service whose calls it looks at, as records write it: `ec2.amazonaws.com`.
    pub event_source: EventSource,
    /// The calls that it looks at, as records write them: `RunInstances`.
    pub event_names: Vec<EventName>,
    /// When a call violates it: an expression in CEL that is true or false. What it asks for and a record does not have makes the verdict undetermined.
    pub when: Expression,
    /// What a notification says. An expression in braces stands for its value: `{actor.name} used {region}`.
    pub message: NonEmpty,
    /// What names the resource: an expression whose value is a text, best an ARN. Without it, findings name the caller.
    pub resource: Option<Expression>,
    /// Controls that it maps to, of whichever framework.
    #[serde(default)]
    pub controls: Vec<Line>,
    /// Values that the expressions use as `settings`.
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
    /// `off`, `notify` or `enforce`; the default mode where none is named.
    pub mode: Option<Mode>,
    /// The highest remediation class that `enforce` runs by itself; a runbook is of class R2.
    pub max_class: Option<MaxClass>,
    /// How long a runbook waits, where it differs from the default.
    pub grace_seconds: Option<Grace>,
    /// The runbook that remediates. Without it, the guardrail only notifies.
    pub runbook: Option<Runbook>,
}

/// A guardrail that the policy file declares.
#[derive(Clone, Debug)]
pub struct CustomGuardrail {
    /// What the file says.
    pub declared: Arc<Declared>,
    /// The same, as all guardrails say it of themselves.
    pub about: &'static About,
}

impl PartialEq for CustomGuardrail {
    fn eq(&self, other: &Self) -> bool {
        self.declared == other.declared
    }
}

impl From<Declared> for CustomGuardrail {
    fn from(declared: Declared) -> Self {
        Self { about: interned::about(&declared), declared: Arc::new(declared) }
    }
}

impl<'de> Deserialize<'de> for CustomGuardrail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Declared::deserialize(deserializer).map(Self::from)
    }
}

impl Serialize for CustomGuardrail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.declared.serialize(serializer)
    }
}

impl JsonSchema for CustomGuardrail {
    fn schema_name() -> Cow<'static, str> {
        "CustomGuardrail".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Declared::json_schema(generator)
    }
}

impl Declared {
    /// Whether the call is one that it looks at.
    #[must_use]
    pub fn looks_at(&self, source: &str, name: &str) -> bool {
        self.event_source.as_str() == source && self.event_names.iter().any(|known| known.as_str() == name)
    }
}

/// Whether a guardrail of this name is one that the policy file declares.
#[must_use]
pub fn is_custom(name: &str) -> bool {
    name.starts_with(PREFIX)
}

impl Policy {
    /// Puts what the declared guardrails say of mode and class where that of all guardrails is looked up.
    pub(super) fn settle(&mut self) {
        for guardrail in &self.custom {
            let Declared { mode, max_class, grace_seconds, .. } = *guardrail.declared;
            let entry = GuardrailPolicy { mode, max_class, grace_seconds, severity: None, settings: NoSettings {} };
            self.guardrails.set(guardrail.about, entry);
        }
    }

    /// The declared guardrail of this name.
    #[must_use]
    pub fn custom(&self, name: &str) -> Option<&CustomGuardrail> {
        self.custom.iter().find(|guardrail| guardrail.about.name == name)
    }
}

pub(super) use faults::faults;
pub(super) use interned::name;

#[cfg(test)]
mod tests;
