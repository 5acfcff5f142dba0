//! A family is all the guardrails about one kind of resource: they share triggers, reads and permissions, and one
//! function serves them.

use crate::engine::event::Event;
use crate::engine::guardrail::{Guardrail, SettingsVisitor};
use crate::engine::holder::Holder;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::Action;
use crate::engine::planned::PlannedForm;
use crate::engine::span::Span;
use crate::engine::unreadable::Unreadable;
use crate::policy::Policy;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;
use thiserror::Error;

/// How long AWS's reads lag behind its writes at most: the pauses between looks at a hole that was closed and still shows.
pub const LAG: &[Duration] = &[Duration::from_millis(200), Duration::from_millis(800), Duration::from_secs(2)];
/// The same for IAM, which replicates to every region before it is consistent ("Changes that I make are not always immediately
/// visible", IAM user guide): longer than the seconds that others have measured, so that what is closed is not called open.
pub const LAG_OF_IAM: &[Duration] = &[
    Duration::from_millis(200),
    Duration::from_millis(800),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// All the guardrails about one kind of resource.
pub trait Family: Send + Sync {
    /// How a resource is found.
    type Key: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What can be seen of one.
    type State: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What can be done to one.
    type Action: Action + DeserializeOwned + 'static;

    /// What it is about, in one word: unique among families. Which function serves it is the registry's to say.
    fn kind(&self) -> &'static str;

    /// Whether its resources are an account's in all regions: the sweep looks at them once, and not once a region.
    fn is_global(&self) -> bool {
        false
    }

    /// Whether a call by Parapet's own role is not taken for its own until the ledger has its request: what guards Parapet must notice who acts in
    /// its name. What is not found there is notified and never changed, so that a lost write does not make it fight itself.
    fn hears_itself(&self) -> bool {
        false
    }

    /// Whether calls that failed are its business. They change nothing, and lead nowhere for all other families.
    fn hears_failures(&self) -> bool {
        false
    }

    /// The counter that takes the event in before its resources are judged: for what one record alone does not show.
    fn counter(&self, event: &Event) -> Option<Counter> {
        let _ = event;
        None
    }

    /// Puts the event's number into the target: the same each time that it is delivered. `Absent` where more than [`MOST_COUNTED`] came before it, `Unknown` where
    /// nothing was counted.
    fn counted(&self, target: &mut TargetOf<Self>, count: Observed<u64>) {
        let _ = (target, count);
    }

    /// The IAM actions that its reads need.
    fn reads(&self) -> &'static [Permission];

    /// The IAM actions that listing all of its resources needs beside those: the sweep's.
    fn lists(&self) -> &'static [Permission] {
        &[]
    }

    /// The IAM actions that undoing its plans needs: the `operate` function's.
    fn undoes(&self) -> &'static [Permission] {
        &[]
    }

    /// The types of resources in templates and plans that say something of it, with what reads them.
    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(&[])
    }

    /// Its guardrails, the gravest first.
    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Self::State, Self::Action>];

    /// Whether it asks nothing of AWS, so that no account has to let it in.
    fn asks_nothing(&self) -> bool
    where
        Self: Sized,
    {
        permissions(self).is_empty()
    }

    /// The families of the guardrails that the operator's policy file declares: one of each, where this is the family of such guardrails.
    fn of_policy(&self, policy: &Policy) -> Vec<Self>
    where
        Self: Sized,
    {
        let _ = policy;
        Vec::new()
    }

    /// Shows the settings of each of them. `guardrails![...]` writes both.
    fn show_settings(&self, visitor: &mut impl SettingsVisitor);

    /// The resources that the event is about, with what the record itself proves of them. None when it is not one of
    /// the family's triggers.
    ///
    /// # Errors
    /// [`Unlocatable`] when it is, but does not say about which resource.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable>;

    /// Whether [`Self::locate`] may find something in the event: what costs much to locate answers this without.
    fn may_concern(&self, event: &Event) -> bool {
        !self.locate(event).is_ok_and(|targets| targets.is_empty())
    }

    /// What else the event is about that only a read can name. `Observe::spread` reads it.
    ///
    /// # Errors
    /// [`Unlocatable`] when the record does not say even that.
    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        let _ = event;
        Ok(Vec::new())
    }

    /// The principal whose name is part of the key: it may have another name by now.
    fn holder(&self, key: &Self::Key) -> Option<Holder> {
        let _ = key;
        None
    }

    /// The same resource of a principal that is called `name`.
    fn under(&self, key: &Self::Key, name: &str) -> Self::Key {
        let _ = name;
        key.clone()
    }

    /// What the request of a call that succeeded says was made, where [`Self::locate`] proves nothing and nothing can be
    /// read: for the replay of old logs, whose responses are short. Never acted on.
    fn claimed(&self, event: &Event, key: &Self::Key) -> Option<Self::State> {
        let _ = (event, key);
        None
    }

    /// Puts the event's view into what was read: which elements are in question, and what only the record shows.
    fn focus(&self, state: &mut Self::State, target: &TargetOf<Self>);

    /// Under which name the last known good state is kept, for what cannot be read after the fact: a flow log that was
    /// deleted, the previous value of a setting. None for a family that needs no such thing.
    fn memory(&self, key: &Self::Key) -> Option<String> {
        let _ = key;
        None
    }

    /// Whether this event needs what was kept: reading it is a call before containment.
    fn recalls(&self, key: &Self::Key) -> bool {
        let _ = key;
        true
    }

    /// Puts the last known good state into the target, before anything is read or judged. `Absent` when none was kept;
    /// a guardrail that needs one then says so.
    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<Self::State>) {
        let _ = (target, kept);
    }

    /// Whether the record may leave something open that only a read shows, and how closely to read then: it is read
    /// while what was kept is recalled, so that neither waits for the other. `None` where the record is enough, and where the
    /// read itself needs what was kept. `depth` is for what the record proves nothing of.
    fn looks_ahead(&self, target: &TargetOf<Self>, depth: ReadDepth) -> Option<ReadDepth> {
        target.proven.is_none().then_some(depth)
    }

    /// How long to look again before believing that what was closed is still open. What an account has in all regions is IAM's, or as far away.
    fn lag(&self) -> &'static [Duration] {
        if self.is_global() { LAG_OF_IAM } else { LAG }
    }

    /// The id of the CloudFormation stack that the resource belongs to, where the state shows its tags: a notice about flapping names it.
    fn stack(&self, state: &Self::State) -> Option<String> {
        let _ = state;
        None
    }

    /// Other resources that the state describes in full, and under whose names it is kept as well: what was made in place
    /// of something that is gone.
    fn heirs(&self, state: &Self::State) -> Vec<Self::Key> {
        let _ = state;
        Vec::new()
    }

    /// What calls that overwrite are computed from, to be compared with what a quick look shows right before them: all of the
    /// state, unless a closer look shows more. Documents by what they say, not by how they are written.
    fn content(&self, state: &Self::State) -> Value {
        serde_json::to_value(state).unwrap_or_default()
    }

    /// The content that the call leaves behind in its [`Self::part`], null for nothing, where the service takes no condition:
    /// another caller's change that came in between is then noticed when its record comes.
    fn writes(&self, call: &Self::Action) -> Option<Value> {
        let _ = call;
        None
    }

    /// The part of the resource that the call writes over, by its name, and its content in this state: all of it, unless
    /// calls are about one element that another caller's call may be about as well.
    fn part(&self, call: &Self::Action, state: &Self::State) -> (String, Value) {
        let _ = call;
        (String::new(), self.content(state))
    }

    /// Under which name it is kept when something was written over.
    fn windows(&self, key: &Self::Key) -> Option<String> {
        self.memory(key)
    }

    /// What the event's record says that was written into a part. None where a change of it cannot be written over unseen.
    fn written(&self, event: &Event, target: &TargetOf<Self>) -> Option<Written<Self::Action>> {
        let _ = event;
        let state = target.proven.as_ref()?;
        let again = self.rewrites(state)?;
        Some(Written { part: String::new(), content: self.content(state), again: Some(again), anew: None })
    }

    /// The other resource that says what the call was computed from, in what [`Self::part`] shows of it: a change of that one which
    /// came right before the call is noticed when its record comes.
    fn elsewhere(&self, call: &Self::Action) -> Option<Elsewhere<Self::Action>> {
        let _ = call;
        None
    }

    /// What the event's record says that resources now say which were changed by what this one said: see [`Self::elsewhere`].
    fn says(&self, event: &Event, target: &TargetOf<Self>) -> Option<Value> {
        let _ = (event, target);
        None
    }

    /// The call that writes the content of this state again, where it is a document that is written whole.
    fn rewrites(&self, state: &Self::State) -> Option<Self::Action> {
        let _ = state;
        None
    }

    /// What is kept when there is no such resource, where that is worth knowing: what was deleted is not to be brought back.
    fn absent(&self, key: &Self::Key) -> Option<Self::State> {
        let _ = key;
        None
    }

    /// What is judged where a read shows no such resource: none, and it complies, where nothing can be open then.
    fn when_gone(&self, key: &Self::Key) -> Option<Self::State> {
        let _ = key;
        None
    }

    /// How findings name the resource.
    fn resource(&self, key: &Self::Key, state: Option<&Self::State>, place: &Place) -> Resource;
}

/// The IAM actions that a family's function needs for its work on resources: what its reads and its plans call.
#[must_use]
pub fn permissions<F: Family>(family: &F) -> BTreeSet<Permission> {
    let actions = family.guardrails().iter().flat_map(|guardrail| guardrail.about().actions);
    family.reads().iter().chain(family.lists()).chain(actions).copied().collect()
}

/// What the `operate` function needs to undo what the family's guardrails did: the reads, before and after, and the calls
/// themselves.
#[must_use]
pub fn permissions_to_undo<F: Family>(family: &F) -> BTreeSet<Permission> {
    let undoes = family.undoes();
    if undoes.is_empty() { BTreeSet::new() } else { family.reads().iter().chain(undoes).copied().collect() }
}

/// So many events are counted by one counter: an item of the ledger has room for ten times as many.
pub const MOST_COUNTED: usize = 1_000;

/// A counter in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Its name: one for each window of time.
    pub name: String,
    /// The event's id: each event has one number, however often it is delivered.
    pub event: String,
    /// When it may be forgotten.
    pub expires: Timestamp,
}

/// A resource that an event of the family `F` is about.
pub type TargetOf<F> = Target<<F as Family>::Key, <F as Family>::State>;

/// A resource that an event is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Target<K, S> {
    /// How to read it.
    pub key: K,
    /// What the record proves of it; none when only a read shows it.
    pub proven: Option<S>,
    /// The elements that the event made or changed, by content; none when the record does not say, and all are in
    /// question.
    pub changed: Option<BTreeSet<String>>,
}

/// What a caller wrote, by the record of the call.
#[derive(Clone, Debug, PartialEq)]
pub struct Written<A> {
    /// The part, as [`Family::part`] names it.
    pub part: String,
    /// What it says since then.
    pub content: Value,
    /// The call that writes it again; none where no single call does.
    pub again: Option<A>,
    /// The same where nothing is left of the part, if that is another call.
    pub anew: Option<A>,
}

/// A resource of another family, by what it says there.
#[derive(Clone, Debug, PartialEq)]
pub struct Elsewhere<A> {
    /// Its family's [`Family::kind`].
    pub kind: &'static str,
    /// Its name, as its family's [`Family::windows`] says it.
    pub about: String,
    /// The call that gives back what the call took.
    pub again: A,
}

/// An event of ours that does not say which resource it is about.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("cannot determine which resource `{event_name}` changed: {why}")]
pub struct Unlocatable {
    /// The record's `eventName`.
    pub event_name: String,
    /// What is missing.
    #[source]
    pub why: Unreadable,
}

impl Unlocatable {
    /// The event does not say it.
    pub fn new(event: &Event, why: impl Into<Unreadable>) -> Self {
        Self { event_name: event.name.clone(), why: why.into() }
    }
}

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadDepth {
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
        depth: ReadDepth,
    ) -> impl Future<Output = Result<Observed<F::State>, ReadError>> + Send;

    /// The resources that belong to a span, with the elements that the event put in question: none of those that stood there
    /// before, as far as is known. `Absent` where what the span is about is not there.
    ///
    /// # Errors
    /// [`ReadError`] for what is worth another try.
    fn spread(&self, span: &Span) -> impl Future<Output = Result<Observed<Vec<TargetOf<F>>>, ReadError>> + Send {
        let why = format!("{}: a read is needed", span.sentence());
        async move { Ok(Observed::Unknown { why }) }
    }
}

/// A read that is worth another try: throttled, timed out or a server error.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{why}")]
pub struct ReadError {
    /// What was tried and what came back.
    pub why: String,
}

/// One page of all the resources of a family in an account and region, for the sweep.
#[derive(Clone, Debug)]
pub struct Page<F: Family> {
    /// What the page shows: each resource with its state, as far as the listing shows it.
    pub found: Vec<(F::Key, Observed<F::State>)>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// The seam that lists.
pub trait List<F: Family>: Sync {
    /// The page that begins at `from`, the first without it. `Unknown` where the role may not list.
    ///
    /// # Errors
    /// [`ReadError`] for what is worth another try.
    fn page(&self, from: Option<&str>) -> impl Future<Output = Result<Observed<Page<F>>, ReadError>> + Send;
}
