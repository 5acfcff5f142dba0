//! A family is all the guardrails about one kind of resource: they share triggers, reads and permissions, and one
//! function serves them.

pub mod iam_user;
pub mod security_group;

use crate::event::Event;
use crate::guardrails::{About, Guardrail};
use crate::model::{Observed, Place, Resource};
use crate::plan::Action;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::Future;
use thiserror::Error;

/// All the guardrails about one kind of resource.
pub trait Family: Send + Sync {
    /// How a resource is found.
    type Key: Clone + Debug + Send + Sync + 'static;
    /// What can be seen of one.
    type State: Clone + Debug + Serialize + Send + Sync + 'static;
    /// What can be done to one.
    type Action: Action + 'static;

    /// The family's name: also its function's and its crate's.
    fn name(&self) -> &'static str;

    /// The IAM actions that its reads need.
    fn reads(&self) -> &'static [&'static str];

    /// Its guardrails, the gravest first.
    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Self::State, Self::Action>];

    /// The resources that the event is about, with what the record itself proves of them. None when it is not one of
    /// the family's triggers.
    ///
    /// # Errors
    /// [`Unlocatable`] when it is, but does not say about which resource.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable>;

    /// What the request of a call that succeeded says was made, where [`Self::locate`] proves nothing and nobody can be
    /// asked: for the replay of old logs, whose responses are short. Never acted on.
    fn claimed(&self, event: &Event, key: &Self::Key) -> Option<Self::State> {
        let _ = (event, key);
        None
    }

    /// Puts the event's view into what was read: which elements are in question, and what only the record tells.
    fn focus(&self, state: &mut Self::State, target: &TargetOf<Self>);

    /// How findings name the resource.
    fn resource(&self, key: &Self::Key, state: Option<&Self::State>, place: &Place) -> Resource;
}

/// The IAM actions that a family's function needs for its work on resources: what its reads and its plans call.
#[must_use]
pub fn permissions<F: Family>(family: &F) -> BTreeSet<&'static str> {
    let actions = family.guardrails().iter().flat_map(|guardrail| guardrail.about().actions);
    family.reads().iter().chain(actions).copied().collect()
}

/// A resource that an event of the family `F` is about.
pub type TargetOf<F> = Target<<F as Family>::Key, <F as Family>::State>;

/// A resource that an event is about.
#[derive(Clone, Debug)]
pub struct Target<K, S> {
    /// How to read it.
    pub key: K,
    /// What the record proves of it; none when only a read can tell.
    pub proven: Option<S>,
    /// The elements that the event made or changed, by content; none when the record does not say, and all are in
    /// question.
    pub changed: Option<BTreeSet<String>>,
}

/// An event of ours that does not say which resource it is about.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("cannot tell which resource `{event_name}` changed: {why}")]
pub struct Unlocatable {
    /// The record's `eventName`.
    pub event_name: String,
    /// What is missing.
    pub why: String,
}

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glance {
    /// One call: a hole may be open.
    Quick,
    /// Everything that a judge may ask for.
    Full,
}

/// The one seam that reads.
pub trait Observe<F: Family>: Sync {
    /// The state of a resource. What the role may not read is `Unknown`, not an error.
    ///
    /// # Errors
    /// [`ReadError`] for what is worth another try.
    fn observe(
        &self,
        key: &F::Key,
        glance: Glance,
    ) -> impl Future<Output = Result<Observed<F::State>, ReadError>> + Send;
}

/// A read that is worth another try: throttled, timed out or a server error.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{why}")]
pub struct ReadError {
    /// What was tried and what came back.
    pub why: String,
}

/// A line of the catalogue: a guardrail and the family that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The family's name.
    pub family: &'static str,
    /// The guardrail.
    pub about: &'static About,
}

/// Every guardrail, family by family.
#[must_use]
pub fn catalogue() -> Vec<Entry> {
    fn of<F: Family>(family: &F) -> impl Iterator<Item = Entry> {
        let name = family.name();
        family.guardrails().iter().map(move |guardrail| Entry { family: name, about: guardrail.about() })
    }
    of(&security_group::SecurityGroups).chain(of(&iam_user::IamUsers)).collect()
}
