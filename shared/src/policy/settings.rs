//! What each guardrail lets the operator choose, and what a policy file says of it.
//!
//! The settings of a guardrail are a type in the guardrail's own file. Which guardrails there are, and how their entries are read,
//! the library of resources says (`resources/settings.rs`): nothing here knows one of them.

mod values;

pub use values::*;

use crate::engine::guardrail::{About, Guardrail};
use crate::policy::warnings::List;
use crate::policy::{Common, CustomName, GuardrailPolicy, Mode, Policy, custom};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};
use std::sync::Arc;

/// The settings of a guardrail: what they are without a word in the file, and what may be wrong with them.
pub trait GuardrailSettings:
    Clone + Debug + Default + PartialEq + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// The lists of names and patterns among them: `policy validate` warns of entries that match nothing, or everything.
    fn lists(&self) -> Vec<List<'_>> {
        Vec::new()
    }

    /// The setting `allowed_cidrs`, where there is one: `policy validate` warns where it holds the internet.
    fn allowed_cidrs(&self) -> &[Cidr] {
        &[]
    }
}

/// A guardrail without settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

impl GuardrailSettings for NoSettings {}

/// Settings of whatever type.
trait AnySettings: Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn is_same(&self, other: &dyn AnySettings) -> bool;
    fn lists(&self) -> Vec<List<'_>>;
    fn allowed_cidrs(&self) -> &[Cidr];
}

impl<S: GuardrailSettings> AnySettings for S {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is_same(&self, other: &dyn AnySettings) -> bool {
        other.as_any().downcast_ref::<S>() == Some(self)
    }

    fn lists(&self) -> Vec<List<'_>> {
        GuardrailSettings::lists(self)
    }

    fn allowed_cidrs(&self) -> &[Cidr] {
        GuardrailSettings::allowed_cidrs(self)
    }
}

/// What the file says of one guardrail.
#[derive(Clone, Debug)]
struct Entry {
    common: Common,
    /// None where they are the guardrail's own.
    settings: Option<Arc<dyn AnySettings>>,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        let is_same = match (&self.settings, &other.settings) {
            (Some(one), Some(other)) => one.is_same(other.as_ref()),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        is_same && self.common == other.common
    }
}

/// Mode and settings of each guardrail, by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guardrails(BTreeMap<&'static str, Entry>);

impl Guardrails {
    /// Says this of a guardrail.
    pub fn set<S: GuardrailSettings>(&mut self, about: &'static About, entry: GuardrailPolicy<S>) {
        let GuardrailPolicy { mode, max_class, grace_seconds, severity, settings } = entry;
        let settings: Option<Arc<dyn AnySettings>> =
            if settings == S::default() { None } else { Some(Arc::new(settings)) };
        self.0.insert(about.name, Entry { common: Common { mode, max_class, grace_seconds, severity }, settings });
    }

    /// Lets no mode go further than `most`.
    pub(super) fn limit(&mut self, most: Mode) {
        for entry in self.0.values_mut() {
            entry.common.mode = entry.common.mode.map(|mode| mode.min(most));
        }
    }

    /// Whether the file changes the guardrail's own settings.
    pub(super) fn has_settings(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|entry| entry.settings.is_some())
    }

    /// What the file says of the guardrail `name` beside its settings.
    #[must_use]
    pub fn common(&self, name: &str) -> Common {
        self.0.get(name).map(|entry| entry.common).unwrap_or_default()
    }

    /// The settings of the guardrail `name`, which are of this type.
    pub(crate) fn settings<S: GuardrailSettings>(&self, name: &str) -> Cow<'_, S> {
        let settings = self.0.get(name).and_then(|entry| entry.settings.as_deref());
        let own = settings.and_then(|settings| settings.as_any().downcast_ref());
        own.map_or_else(|| Cow::Owned(S::default()), Cow::Borrowed)
    }

    fn changed(&self) -> impl Iterator<Item = (&'static str, &dyn AnySettings)> {
        self.0.iter().filter_map(|(name, entry)| Some((*name, entry.settings.as_deref()?)))
    }

    /// Every list of the file's settings, with the guardrail's name.
    pub(super) fn lists(&self) -> impl Iterator<Item = (&'static str, List<'_>)> {
        self.changed().flat_map(|(name, settings)| settings.lists().into_iter().map(move |list| (name, list)))
    }

    /// The list of callers that the guardrail `name` lets do it, by the name of the setting, where the file has one.
    #[must_use]
    pub(crate) fn callers(&self, name: &str) -> Option<&'static str> {
        const LISTS: [&str; 2] = ["allowed_principals", "allowed_setters"];
        let mut lists = self.lists().filter(|(of, list)| *of == name && !list.entries.is_empty());
        lists.find_map(|(_, list)| LISTS.into_iter().find(|callers| *callers == list.name))
    }

    /// Every setting `allowed_cidrs` of the file, with the guardrail's name.
    pub(super) fn allowed_cidrs(&self) -> impl Iterator<Item = (&'static str, &[Cidr])> {
        self.changed().map(|(name, settings)| (name, settings.allowed_cidrs()))
    }
}

impl Policy {
    /// The settings of a guardrail: the file's, or its own.
    pub fn settings<S, A, G: Guardrail<S, A>>(&self, guardrail: &G) -> Cow<'_, G::Settings> {
        self.guardrails.settings(guardrail.about().name)
    }
}

/// A guardrail's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GuardrailName(&'static str);

impl GuardrailName {
    /// The name of a guardrail that there is.
    pub(crate) fn of(about: &'static About) -> Self {
        Self(about.name)
    }

    /// A name of the form that guardrails of the policy file have. Whether one is declared, the reader of the file checks.
    pub(crate) fn custom(word: &str) -> Option<Self> {
        CustomName::try_from(word.to_owned()).ok().map(|word| Self(custom::name(word.as_str())))
    }

    /// The name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

/// Its order, equality and hash are those of the name.
impl Borrow<str> for GuardrailName {
    fn borrow(&self) -> &str {
        self.0
    }
}

impl Display for GuardrailName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
