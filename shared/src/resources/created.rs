//! What a call has made, and another call removes by its id: an invitation, an issuer of tokens.
//!
//! Such a guardrail is a description, [`Creation`]: which records show that it was made, whether it is still there, and the call that removes it. The id is
//! AWS's own and never comes to mean something else, so a record may prove enough to remove it. Nothing is listed: what was there before is the owner's.

use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{About, Guardrail, SettingsVisitor, Terms};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, Plan, Step, Undo, in_region};
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::engine::verdict::{Evidence, Verdict, Violation};
use crate::resources::callers::{AllowedPrincipals, callers};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::{self, Debug};
use std::marker::PhantomData;

/// What a description names.
pub mod prelude {
    pub use super::{Created, Creation, Thing};
    pub use crate::engine::event::Event;
    pub use crate::engine::family::Unlocatable;
    pub use crate::engine::guardrail::{About, Class};
    pub use crate::engine::observed::{Observed, Place, Resource};
    pub use crate::engine::permission::Permission;
    pub use crate::engine::request::{Answer, Api, Request};
    pub use crate::engine::verdict::Severity;
}

/// What is removed when a principal has made it that may not.
pub trait Creation: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// See [`Family::kind`].
    const KIND: &'static str;
    /// The guardrail.
    const ABOUT: &'static About;
    /// The service.
    const API: &'static Api;
    /// Reads it.
    const READS: &'static [Permission];
    /// Removes it.
    const REMOVES: Permission;
    /// What removing it does, for a person; `{}` is its id.
    const SAYS: &'static str;
    /// The line for the AWS command line, without its region; `{}` is its id.
    const LINE: &'static str;
    /// Why no call brings it back.
    const LOST: &'static str;

    /// Its id and one sentence of what it does, by the record that it was made; none where the record is about something else.
    ///
    /// # Errors
    /// [`Unlocatable`] when the event is a trigger and does not say what was made.
    fn made(event: &Event) -> Result<Option<(String, String)>, Unlocatable>;

    /// Reads it.
    fn get(id: &str) -> Request;

    /// Whether an answer to [`Self::get`] shows that it is in force; none where it shows neither.
    fn stands(answer: &Answer) -> Option<bool>;

    /// Removes it.
    fn remove(id: &str) -> Request;

    /// See [`Family::resource`].
    fn named(id: &str, place: &Place) -> Resource;
}

/// What was made: how it is found, and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thing {
    /// Its id.
    pub id: String,
    /// What it does, in one sentence.
    pub what: String,
    /// See [`callers`].
    pub by: Vec<String>,
}

/// The family of such a thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Created<C>(PhantomData<C>);

/// The one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Remove<C: Creation> {
    remove: String,
    #[serde(skip)]
    of: PhantomData<C>,
}

impl<C: Creation> fmt::Display for Remove<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&C::SAYS.replacen("{}", &self.remove, 1))
    }
}

impl<C: Creation> Action for Remove<C> {
    fn permission(&self) -> &'static str {
        C::REMOVES.action
    }

    fn command(&self, region: &str) -> String {
        in_region(&C::LINE.replacen("{}", &word(&self.remove), 1), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn elements(&self) -> usize {
        1
    }

    fn effect(&self) -> Effect {
        Effect::Removing
    }
}

struct Rule<C>(PhantomData<C>);

impl<C: Creation> Rule<C> {
    const ALL: &'static [&'static dyn Guardrail<Thing, Remove<C>>] = &[&Self(PhantomData)];
}

impl<C: Creation> Guardrail<Thing, Remove<C>> for Rule<C> {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        C::ABOUT
    }

    fn judge(&self, thing: &Thing, terms: &Terms<'_>) -> Verdict {
        let settings: Cow<'_, AllowedPrincipals> = terms.policy.guardrails.settings(C::ABOUT.name);
        if settings.allow(&thing.by) {
            return Verdict::Compliant;
        }
        let evidence = vec![Evidence { element: thing.id.clone(), why: thing.what.clone() }];
        Verdict::Violation(Violation { severity: C::ABOUT.severity, evidence })
    }

    fn plan(&self, thing: &Thing, _: &Violation, _: &Terms<'_>) -> Plan<Remove<C>> {
        let apply = Remove { remove: thing.id.clone(), of: PhantomData };
        Plan { steps: vec![Step { apply, undo: Undo::Irreversible { why: C::LOST.into() } }] }
    }
}

impl<C: Creation> Family for Created<C> {
    type Key = Thing;
    type State = Thing;
    type Action = Remove<C>;

    fn kind(&self) -> &'static str {
        C::KIND
    }

    fn reads(&self) -> &'static [Permission] {
        C::READS
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Thing, Remove<C>>] {
        Rule::<C>::ALL
    }

    fn show_settings(&self, visitor: &mut impl SettingsVisitor) {
        visitor.guardrail::<AllowedPrincipals>(C::ABOUT);
    }

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let target = |(id, what): (String, String)| {
            let key = Thing { id, what, by: callers(event) };
            Target { proven: Some(key.clone()), key, changed: None }
        };
        Ok(C::made(event)?.map(target).into_iter().collect())
    }

    fn focus(&self, thing: &mut Thing, target: &TargetOf<Self>) {
        thing.clone_from(&target.key);
    }

    fn content(&self, thing: &Thing) -> Value {
        Value::from(thing.id.clone())
    }

    fn resource(&self, key: &Thing, _: Option<&Thing>, place: &Place) -> Resource {
        C::named(&key.id, place)
    }
}

impl<C: Creation> SignedFamily for Created<C> {
    const API: &'static Api = C::API;

    fn get(key: &Thing) -> Request {
        C::get(&key.id)
    }

    fn got(key: &Thing, answer: &Answer) -> Observed<Thing> {
        match C::stands(answer) {
            Some(true) => Observed::Known(key.clone()),
            Some(false) => Observed::Absent,
            None => Observed::Unknown { why: format!("the answer does not show whether `{}` is in force", key.id) },
        }
    }

    fn list(_: Option<&str>) -> Option<Request> {
        None
    }

    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }

    fn actions() -> Vec<Remove<C>> {
        vec![Remove { remove: "all".to_owned(), of: PhantomData }]
    }
}

impl<C: Creation> SignedAction for Remove<C> {
    const API: &'static Api = C::API;

    fn request(&self) -> Request {
        C::remove(&self.remove)
    }
}
