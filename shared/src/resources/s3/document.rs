//! A setting of a bucket, of the account or of another service's resource whose value is a document: one call writes it whole, and that
//! there is none is a value like another.
//!
//! [`Setting`](crate::engine::setting) is about values of which there is a call each; here the values are the caller's. What is the
//! same for all of them stands here: the key with what was kept, the state, the action with its inverse. A description,
//! [`Document`], says where a record shows the value, how a call writes it and which value is the strictest; the guardrails judge.

use super::record::{S3, bucket_name, bucket_resource};
use crate::engine::event::Event;
use crate::engine::family::{Target, Unlocatable};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, Plan, in_region};
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::setting::Located;
use crate::resources::callers::callers;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug};

/// A setting that is written whole.
pub trait Document: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// Its value.
    type Value: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The service's name in records.
    const SOURCE: &'static str = S3;
    /// See [`Family::hears_itself`](crate::engine::family::Family::hears_itself).
    const HEARS_ITSELF: bool = false;
    /// See [`Family::is_global`](crate::engine::family::Family::is_global).
    const IS_GLOBAL: bool = false;
    /// The calls that change it, as records name them.
    const TRIGGERS: &'static [&'static str];
    /// See [`Family::forms`](crate::engine::family::Family::forms).
    const PLANNED: &'static [PlannedForm<Held<Self::Value>>] = &[];

    /// The value that the event's call has set; none where the record does not show it.
    fn set_by(event: &Event) -> Option<Self::Value>;

    /// The same for the replay of old logs, where nothing can be read: what a call that succeeded says alone.
    fn requested(event: &Event) -> Option<Self::Value> {
        Self::set_by(event)
    }

    /// Whether the event of such a call is about it: not where the call names another one of several.
    fn concerns(event: &Event) -> bool {
        let _ = event;
        true
    }

    /// What the event is about.
    ///
    /// # Errors
    /// [`Unlocatable`] when the record does not say.
    fn subject(event: &Event) -> Result<String, Unlocatable> {
        bucket_name(event)
    }

    /// By whom the record says that the call was made.
    fn by(event: &Event) -> Vec<String> {
        callers(event)
    }

    /// How findings name it.
    fn named(name: &str, place: &Place) -> Resource {
        bucket_resource(name, place)
    }

    /// Whether no other value is stricter: a record may prove enough to write it.
    fn is_strictest(value: &Self::Value) -> bool;

    /// What the call needs that writes it.
    fn permission(value: &Self::Value) -> Permission;

    /// What that call does, for a person.
    fn says(name: &str, value: &Self::Value) -> String;

    /// Its line for the AWS command line, without the region.
    fn line(name: &str, value: &Self::Value) -> String;

    /// Takes over what another call about the same writes in these parts; false where they cannot be one call.
    fn take(mine: &mut Self::Value, other: &Self::Value, parts: &[String]) -> bool {
        let _ = (mine, other, parts);
        false
    }
}

/// How to find one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Of<V> {
    /// The bucket's name; the account's id for a setting of the account.
    pub name: String,
    /// Whether an event leads to it, and not a sweep.
    pub by_event: bool,
    /// The ARNs of the event's caller: see [`callers`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// What it was when it was last seen to be good.
    pub before: Observed<V>,
}

impl<V> Of<V> {
    /// One of which nothing was recalled yet.
    #[must_use]
    pub fn new(name: String, by_event: bool) -> Self {
        let before = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        Self { name, by_event, by: Vec::new(), before }
    }
}

/// What is known of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held<V> {
    /// The bucket's name; the account's id for a setting of the account.
    pub name: String,
    /// What it is.
    pub now: V,
    /// What it was when it was last seen to be good.
    pub before: Observed<V>,
    /// Whether an event leads to it, and not a sweep.
    pub by_event: bool,
    /// See [`Of::by`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

impl<V> Default for Of<V> {
    fn default() -> Self {
        Self::new(String::new(), false)
    }
}

impl<V> Held<V> {
    /// What a template or a plan says: there was nothing before it.
    pub(crate) fn planned(name: String, now: V) -> Self {
        Self { name, now, before: Observed::Absent, by_event: false, by: Vec::new() }
    }
}

impl<V: Clone> Held<V> {
    /// The value of what the key names.
    #[must_use]
    pub fn of(key: &Of<V>, now: V) -> Self {
        let Of { name, by_event, by, before } = key.clone();
        Self { name, now, before, by_event, by }
    }

    /// What a file sets by a call of its own, where nothing was before; `names` are the properties that say of what.
    pub(crate) fn set_by(it: &PlannedResource<'_>, names: &[&str], now: V) -> Self {
        Self { name: it.named(names), now, before: Observed::Absent, by_event: true, by: Vec::new() }
    }
}

impl<V> Held<Option<V>> {
    /// What was there before, where there is nothing now; none where nothing was taken away.
    ///
    /// # Errors
    /// Why it is not known whether something was.
    pub(crate) fn taken_away(&self) -> Result<Option<&V>, String> {
        match (&self.now, &self.before) {
            (Some(_), _) | (None, Observed::Known(None)) => Ok(None),
            (None, Observed::Known(Some(before))) => Ok(Some(before)),
            (None, Observed::Absent) if !self.by_event => Ok(None),
            (None, Observed::Absent) => Err("whether it was on was never seen".to_owned()),
            (None, Observed::Unknown { why }) => Err(format!("whether it was on is unknown: {why}")),
        }
    }
}

/// The action: writes the document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Write<D: Document> {
    /// Of what.
    pub name: String,
    /// What it says then.
    pub value: D::Value,
    /// Which parts of it change; all, without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
}

impl<D: Document> Write<D> {
    /// Writes it whole.
    #[must_use]
    pub fn whole(name: &str, value: D::Value) -> Self {
        Self { name: name.to_owned(), value, parts: Vec::new() }
    }
}

/// A plan that writes `value`, and what stands now as its undo.
#[must_use]
pub fn put<D: Document>(held: &Held<D::Value>, value: D::Value, parts: &[&str]) -> Plan<Write<D>> {
    let write = |value: D::Value| Write::<D> {
        name: held.name.clone(),
        value,
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
    };
    Plan::one(write(value), write(held.now.clone()))
}

impl<D: Document> fmt::Display for Write<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&D::says(&self.name, &self.value))
    }
}

impl<D: Document> Action for Write<D> {
    fn permission(&self) -> &'static str {
        D::permission(&self.value).action
    }

    fn command(&self, region: &str) -> String {
        in_region(&D::line(&self.name, &self.value), region)
    }

    /// Two calls that change other parts of the same are one.
    fn absorb(&mut self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let is_whole = self.parts.is_empty() || other.parts.is_empty();
        let is_shared = self.parts.iter().any(|part| other.parts.contains(part));
        if self.name != other.name || is_whole {
            return false;
        }
        if is_shared {
            // The same parts, changed alike: what this call does already.
            let mut taken = self.value.clone();
            return other.parts.iter().all(|part| self.parts.contains(part))
                && D::take(&mut taken, &other.value, &other.parts)
                && taken == self.value;
        }
        let is_taken = D::take(&mut self.value, &other.value, &other.parts);
        if is_taken {
            self.parts.extend(other.parts.iter().cloned());
        }
        is_taken
    }

    fn effect(&self) -> Effect {
        if D::is_strictest(&self.value) { Effect::Restoring } else { Effect::Overwriting }
    }

    fn elements(&self) -> usize {
        1
    }
}

/// See [`Family::locate`](crate::engine::family::Family::locate).
pub(crate) fn located<D: Document>(event: &Event) -> Located<Of<D::Value>, Held<D::Value>> {
    if !event.is_one_of(D::SOURCE, D::TRIGGERS) || !D::concerns(event) {
        return Ok(Vec::new());
    }
    let key = Of { by: D::by(event), ..Of::new(D::subject(event)?, true) };
    let proven = D::set_by(event).map(|now| Held::of(&key, now));
    Ok(vec![Target { key, proven, changed: None }])
}

/// See [`Family::recall`](crate::engine::family::Family::recall).
pub(crate) fn recalled<V: Clone>(target: &mut Target<Of<V>, Held<V>>, kept: Observed<Held<V>>) {
    let before = match kept {
        Observed::Known(held) => Observed::Known(held.now),
        Observed::Absent => Observed::Absent,
        Observed::Unknown { why } => Observed::Unknown { why },
    };
    if let Some(proven) = &mut target.proven {
        proven.before = before.clone();
    }
    target.key.before = before;
}

/// The family of a document: all of them are wired alike.
macro_rules! document_family {
    ($document:ty, $kind:literal, reads: $reads:expr, lists: $lists:expr, undoes: $undoes:expr, $($guardrail:expr),+ $(,)?) => {
        impl $crate::engine::family::Family for $document {
            type Key = $crate::resources::s3::document::Of<<Self as $crate::resources::s3::document::Document>::Value>;
            type State = $crate::resources::s3::document::Held<<Self as $crate::resources::s3::document::Document>::Value>;
            type Action = $crate::resources::s3::document::Write<Self>;

            fn kind(&self) -> &'static str {
                $kind
            }

            fn hears_itself(&self) -> bool {
                <Self as $crate::resources::s3::document::Document>::HEARS_ITSELF
            }

            fn is_global(&self) -> bool {
                <Self as $crate::resources::s3::document::Document>::IS_GLOBAL
            }

            fn reads(&self) -> &'static [$crate::engine::permission::Permission] {
                $reads
            }

            fn lists(&self) -> &'static [$crate::engine::permission::Permission] {
                $lists
            }

            fn undoes(&self) -> &'static [$crate::engine::permission::Permission] {
                $undoes
            }

            fn forms(&self) -> std::borrow::Cow<'static, [$crate::engine::planned::PlannedForm<Self::State>]> {
                std::borrow::Cow::Borrowed(<Self as $crate::resources::s3::document::Document>::PLANNED)
            }

            $crate::engine::guardrail::guardrails![$($guardrail),+];

            fn locate(
                &self,
                event: &$crate::engine::event::Event,
            ) -> Result<Vec<$crate::engine::family::TargetOf<Self>>, $crate::engine::family::Unlocatable> {
                $crate::resources::s3::document::located::<Self>(event)
            }

            fn claimed(&self, event: &$crate::engine::event::Event, key: &Self::Key) -> Option<Self::State> {
                let set = <Self as $crate::resources::s3::document::Document>::requested(event)?;
                Some($crate::resources::s3::document::Held::of(key, set))
            }

            fn focus(&self, state: &mut Self::State, target: &$crate::engine::family::TargetOf<Self>) {
                state.before = target.key.before.clone();
                state.by_event = target.key.by_event;
                state.by.clone_from(&target.key.by);
            }

            fn memory(&self, key: &Self::Key) -> Option<String> {
                Some(key.name.clone())
            }

            fn recall(
                &self,
                target: &mut $crate::engine::family::TargetOf<Self>,
                kept: $crate::engine::observed::Observed<Self::State>,
            ) {
                $crate::resources::s3::document::recalled(target, kept);
            }

            fn content(&self, state: &Self::State) -> serde_json::Value {
                serde_json::to_value(&state.now).unwrap_or_default()
            }

            fn writes(&self, call: &Self::Action) -> Option<serde_json::Value> {
                serde_json::to_value(&call.value).ok()
            }

            fn rewrites(&self, state: &Self::State) -> Option<Self::Action> {
                Some($crate::resources::s3::document::Write::whole(&state.name, state.now.clone()))
            }

            fn resource(
                &self,
                key: &Self::Key,
                _: Option<&Self::State>,
                place: &$crate::engine::observed::Place,
            ) -> $crate::engine::observed::Resource {
                <Self as $crate::resources::s3::document::Document>::named(&key.name, place)
            }
        }
    };
}

pub(crate) use document_family;
