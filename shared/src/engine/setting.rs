//! A setting: a value of a resource or of an account that a call sets, and the previous value to undo it.
//!
//! Half of the catalogue has this shape (block public access, encryption by default, deletion protection). Such a guardrail is a
//! description, [`Setting`]: where a record shows the value, which values are good, the calls that set it. The family, the
//! actions with their inverse, the form in the ledger, the permissions and the texts of plan and undo follow from it, here. What is
//! left to write is the client that reads and calls (docs/adding-a-guardrail.md has an example; docs/adr/0016 says what does not fit).

mod signed;

pub use signed::SignedSetting;

use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable, Written};
use crate::engine::guardrail::{About, Guardrail, SettingsVisitor, Terms};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, Plan, in_region};
use crate::engine::planned::PlannedForm;
use crate::engine::shell::word;
use crate::engine::verdict::{Evidence, Verdict, Violation};
use crate::policy::GuardrailSettings;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt::{self, Debug};
use std::marker::PhantomData;

/// The resources that an event changed, or why the record does not name them.
pub type Located<K, S> = Result<Vec<Target<K, S>>, Unlocatable>;

/// What a description names.
pub mod prelude {
    pub use super::{Call, OfAccount, Setting, Shown, SignedSetting};
    pub use crate::engine::event::Event;
    pub use crate::engine::family::{Target, Unlocatable};
    pub use crate::engine::guardrail::{About, Class, Terms};
    pub use crate::engine::observed::{Observed, Place, Resource};
    pub use crate::engine::permission::Permission;
    pub use crate::engine::planned::{PlannedForm, PlannedResource};
    pub use crate::engine::request::{Answer, Api, Means, Protocol, Request};
    pub use crate::engine::signed::Listing;
    pub use crate::engine::unreadable::Unreadable;
    pub use crate::engine::verdict::Severity;
    pub use crate::policy::NoSettings;
    pub use serde::{Deserialize, Serialize};
}

/// How a setting of an account is found: there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfAccount {}

/// A setting, its one guardrail and its calls.
pub trait Setting: Copy + Debug + PartialEq + Send + Sync + 'static {
    /// How it is found.
    type Key: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What can be seen of it. The ledger keeps it, so its fields keep their names.
    type State: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What its calls name: `()` for a setting of the account.
    type Subject: Subject;
    /// What it can be: `bool` for a switch.
    type Value: Copy + Debug + PartialEq + Send + Sync + 'static;
    /// See [`Guardrail::Settings`].
    type Settings: GuardrailSettings;

    /// See [`Family::kind`].
    const KIND: &'static str;
    /// The value that no other is stricter than: a record may prove enough to set it. What a switch should be.
    const STRICTEST: Self::Value;
    /// The guardrail.
    const ABOUT: &'static About;
    /// See [`Family::reads`].
    const READS: &'static [Permission];
    /// See [`Family::lists`].
    const LISTS: &'static [Permission] = &[];
    /// One call for each value.
    const CALLS: &'static [Call<Self::Value>];
    /// What those of [`Self::CALLS`] need that a person's undo makes.
    const UNDOES: &'static [Permission];
    /// See [`Family::is_global`].
    const IS_GLOBAL: bool = false;
    /// See [`Family::forms`].
    const PLANNED: &'static [PlannedForm<Self::State>] = &[];
    /// Whether the last known good value is kept: it takes [`Self::recalled`] and [`Self::set_by`], and the name is always the same.
    const IS_KEPT: bool = false;

    /// See [`Family::locate`].
    ///
    /// # Errors
    /// [`Unlocatable`] when the event is a trigger and does not say about which resource.
    fn changed_by(event: &Event) -> Located<Self::Key, Self::State>;

    /// See [`Family::claimed`].
    fn requested_by(event: &Event) -> Option<Self::State> {
        let _ = event;
        None
    }

    /// See [`Family::focus`].
    fn narrow(state: &mut Self::State, target: &Target<Self::Key, Self::State>) {
        let _ = (state, target);
    }

    /// See [`Family::stack`].
    fn stack_of(state: &Self::State) -> Option<String> {
        let _ = state;
        None
    }

    /// See [`Family::resource`].
    fn named(key: &Self::Key, place: &Place) -> Resource;

    /// The call for the AWS command line, without its region.
    fn line(call: &Call<Self::Value>, subject: &Self::Subject) -> String {
        call.line.replacen("{}", &word(subject.id()), 1)
    }

    /// What the operator chose.
    fn settings<'a>(terms: &Terms<'a>) -> Cow<'a, Self::Settings> {
        terms.policy.guardrails.settings(Self::ABOUT.name)
    }

    /// The value, as it stands in the state.
    fn shown(state: &Self::State) -> Shown<Self::Subject, Self::Value>;

    /// Whether the guardrail is about it at all: not about what belongs to another account, or what policy leaves out.
    fn is_in_question(state: &Self::State, terms: &Terms<'_>) -> bool {
        let _ = (state, terms);
        true
    }

    /// The value that it should have; none where `now` is good.
    fn wanted(state: &Self::State, now: Self::Value, terms: &Terms<'_>) -> Option<Self::Value> {
        let _ = (state, terms);
        (now != Self::STRICTEST).then_some(Self::STRICTEST)
    }

    /// Why it is a violation: one sentence.
    fn why(state: &Self::State, terms: &Terms<'_>) -> String;

    /// See [`Family::recall`].
    fn recalled(target: &mut Target<Self::Key, Self::State>, kept: Observed<Self::State>) {
        let _ = (target, kept);
    }

    /// What the event's call set, and of what, where the record shows it.
    fn set_by(event: &Event) -> Option<(Self::Subject, Self::Value)> {
        let _ = event;
        None
    }
}

/// A setting as a state shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown<S, V> {
    /// What its calls name.
    pub subject: S,
    /// The value; `Absent` where the resource has no such setting.
    pub value: Observed<V>,
    /// The element of the evidence: the same whenever the setting is seen again.
    pub element: String,
    /// Whether no call can change it now (it is being deleted, an organization's policy decides it): it is notified only.
    pub is_fixed: bool,
}

impl<S, V> Shown<S, V> {
    /// A value that is known and that a call can change.
    pub fn of(subject: S, value: V, element: &str) -> Self {
        Self { subject, value: Observed::Known(value), element: element.to_owned(), is_fixed: false }
    }
}

/// What a call names.
pub trait Subject: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name that people know.
    fn name(&self) -> &str;

    /// The id on a command line.
    fn id(&self) -> &str {
        self.name()
    }
}

impl Subject for () {
    fn name(&self) -> &'static str {
        ""
    }
}

impl Subject for String {
    fn name(&self) -> &str {
        self
    }
}

/// The call that sets one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call<V> {
    /// The value.
    pub sets: V,
    /// How the ledger writes it: these words, each around the next, and the subject innermost.
    pub stored: &'static [&'static str],
    /// What it needs.
    pub permission: Permission,
    /// What it does, for a person; `{}` is the subject's name.
    pub says: &'static str,
    /// The line for the AWS command line, without its region; `{}` is the subject's id.
    pub line: &'static str,
}

impl<V> Call<V> {
    /// The call by its parts, in the order of its fields.
    #[must_use]
    pub const fn new(
        sets: V,
        stored: &'static [&'static str],
        permission: Permission,
        says: &'static str,
        line: &'static str,
    ) -> Self {
        Self { sets, stored, permission, says, line }
    }
}

/// The action: sets the setting `S` of a subject to a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Set<S: Setting> {
    subject: S::Subject,
    call: &'static Call<S::Value>,
}

impl<S: Setting> Set<S> {
    /// Sets it to `value`; none where no call does.
    pub fn to(subject: S::Subject, value: S::Value) -> Option<Self> {
        S::CALLS.iter().find(|call| call.sets == value).map(|call| Self { subject, call })
    }

    /// What the call names.
    pub fn subject(&self) -> &S::Subject {
        &self.subject
    }

    /// What it sets.
    pub fn value(&self) -> S::Value {
        self.call.sets
    }

    fn content(&self) -> Option<Value> {
        self.call.stored.last().map(|word| json!(word))
    }
}

impl<S: Setting> fmt::Display for Set<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.call.says.replacen("{}", self.subject.name(), 1))
    }
}

/// `"enable"` for a setting of the account, `{"enable": "tgw-1"}` for one of a resource.
impl<S: Setting> Serialize for Set<S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        let subject = serde_json::to_value(&self.subject).map_err(serde::ser::Error::custom)?;
        let nested = |inner: Value, word: &&str| if inner.is_null() { json!(word) } else { json!({ *word: inner }) };
        self.call.stored.iter().rev().fold(subject, nested).serialize(serializer)
    }
}

impl<'de, S: Setting> Deserialize<'de> for Set<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Value::deserialize(deserializer)?;
        let within = |call: &&'static Call<S::Value>| {
            call.stored.iter().try_fold(stored.clone(), |outer, word| match outer {
                Value::String(text) if text == *word => Some(Value::Null),
                Value::Object(mut map) if map.len() == 1 => map.remove(*word),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => None,
            })
        };
        let found = S::CALLS.iter().find_map(|call| Some((call, within(&call)?)));
        let (call, subject) =
            found.ok_or_else(|| D::Error::custom(format!("`{stored}` is no call that sets `{}`", S::KIND)))?;
        Ok(Self { subject: serde_json::from_value(subject).map_err(D::Error::custom)?, call })
    }
}

impl<S: Setting> Action for Set<S> {
    fn permission(&self) -> &'static str {
        self.call.permission.action
    }

    fn command(&self, region: &str) -> String {
        in_region(&S::line(self.call, &self.subject), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        if self.call.sets == S::STRICTEST { Effect::Restoring } else { Effect::Overwriting }
    }

    fn elements(&self) -> usize {
        1
    }
}

/// The one guardrail of a setting.
struct Rule<S>(PhantomData<S>);

impl<S: Setting> Rule<S> {
    const ALL: &'static [&'static dyn Guardrail<S::State, Set<S>>] = &[&Self(PhantomData)];
}

impl<S: Setting> Guardrail<S::State, Set<S>> for Rule<S> {
    type Settings = S::Settings;

    fn about(&self) -> &'static About {
        S::ABOUT
    }

    fn judge(&self, state: &S::State, terms: &Terms<'_>) -> Verdict {
        if !S::is_in_question(state, terms) {
            return Verdict::Compliant;
        }
        let shown = S::shown(state);
        let now = match shown.value {
            Observed::Known(now) => now,
            Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why },
        };
        if S::wanted(state, now, terms).is_none() {
            return Verdict::Compliant;
        }
        let evidence = vec![Evidence { element: shown.element, why: S::why(state, terms) }];
        Verdict::Violation(Violation { severity: S::ABOUT.severity, evidence })
    }

    fn plan(&self, state: &S::State, _: &Violation, terms: &Terms<'_>) -> Plan<Set<S>> {
        let change = || {
            let shown = S::shown(state);
            let now = *shown.value.known().filter(|_| !shown.is_fixed)?;
            let wanted = S::wanted(state, now, terms)?;
            Some(Plan::one(Set::to(shown.subject.clone(), wanted)?, Set::to(shown.subject, now)?))
        };
        change().unwrap_or_default()
    }
}

impl<S: Setting> Family for S {
    type Key = S::Key;
    type State = S::State;
    type Action = Set<S>;

    fn kind(&self) -> &'static str {
        S::KIND
    }

    fn is_global(&self) -> bool {
        S::IS_GLOBAL
    }

    fn reads(&self) -> &'static [Permission] {
        S::READS
    }

    fn lists(&self) -> &'static [Permission] {
        S::LISTS
    }

    fn undoes(&self) -> &'static [Permission] {
        S::UNDOES
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<S::State>]> {
        Cow::Borrowed(S::PLANNED)
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<S::State, Set<S>>] {
        Rule::<S>::ALL
    }

    fn show_settings(&self, visitor: &mut impl SettingsVisitor) {
        visitor.guardrail::<S::Settings>(S::ABOUT);
    }

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        S::changed_by(event)
    }

    fn claimed(&self, event: &Event, _: &S::Key) -> Option<S::State> {
        S::requested_by(event)
    }

    fn focus(&self, state: &mut S::State, target: &TargetOf<Self>) {
        S::narrow(state, target);
    }

    fn stack(&self, state: &S::State) -> Option<String> {
        S::stack_of(state)
    }

    fn memory(&self, _: &S::Key) -> Option<String> {
        S::IS_KEPT.then(|| "setting".to_owned())
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<S::State>) {
        S::recalled(target, kept);
    }

    fn part(&self, _: &Set<S>, state: &S::State) -> (String, Value) {
        let shown = S::shown(state);
        let now = shown.value.known().filter(|_| S::IS_KEPT).and_then(|now| Set::<S>::to(shown.subject, *now));
        (String::new(), now.and_then(|now| now.content()).unwrap_or_else(|| self.content(state)))
    }

    fn writes(&self, call: &Set<S>) -> Option<Value> {
        call.content().filter(|_| S::IS_KEPT)
    }

    fn written(&self, event: &Event, _: &TargetOf<Self>) -> Option<Written<Set<S>>> {
        let (subject, value) = S::set_by(event)?;
        let again = Set::<S>::to(subject, value)?;
        Some(Written { part: String::new(), content: again.content()?, again: Some(again), anew: None })
    }

    fn resource(&self, key: &S::Key, _: Option<&S::State>, place: &Place) -> Resource {
        S::named(key, place)
    }
}
