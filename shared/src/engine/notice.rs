//! A notice: what a record alone shows, and no call of ours undoes.
//!
//! Such a guardrail is a description, [`Notice`]: which records are about it, and what in them is a violation. Nothing is read and nothing
//! is written; the registry lists it with the client `RecordAlone`. What only a record shows is found by no sweep.

use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{About, Guardrail, SettingsVisitor, Terms};
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::{NoAction, Plan};
use crate::engine::planned::PlannedForm;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::GuardrailSettings;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Debug;
use std::marker::PhantomData;

/// What a description names.
pub mod prelude {
    pub use super::{Notice, Noticed, Notices};
    pub use crate::engine::event::Event;
    pub use crate::engine::family::Unlocatable;
    pub use crate::engine::guardrail::{About, Class, Terms};
    pub use crate::engine::observed::{Place, Resource};
    pub use crate::engine::planned::{PlannedForm, PlannedResource};
    pub use crate::engine::unreadable::Unreadable;
    pub use crate::engine::verdict::Severity;
    pub use crate::policy::NoSettings;
}

/// A guardrail that only notifies, of what a record shows.
pub trait Notice: Copy + Debug + Default + Send + Sync + 'static {
    /// See [`Guardrail::Settings`].
    type Settings: GuardrailSettings;

    /// See [`Family::kind`].
    const KIND: &'static str;
    /// The guardrail.
    const ABOUT: &'static About;
    /// See [`Family::hears_itself`].
    const HEARS_ITSELF: bool = false;
    /// See [`Family::is_global`].
    const IS_GLOBAL: bool = false;
    /// See [`Family::forms`].
    const PLANNED: &'static [PlannedForm<Noticed>] = &[];

    /// What the record shows; none where it is not about this.
    ///
    /// # Errors
    /// [`Unlocatable`] when the event is a trigger and does not say about which resource.
    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable>;

    /// The same for calls about several resources.
    ///
    /// # Errors
    /// See [`Self::noticed`].
    fn all_noticed(event: &Event) -> Result<Vec<Noticed>, Unlocatable> {
        Ok(Self::noticed(event)?.into_iter().collect())
    }

    /// What the operator chose.
    fn settings<'a>(terms: &Terms<'a>) -> Cow<'a, Self::Settings> {
        terms.policy.guardrails.settings(Self::ABOUT.name)
    }

    /// Whether the guardrail is about it at all: not about what policy leaves out.
    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        let _ = (seen, terms);
        true
    }

    /// What the operator's settings make of it, where they say more than whether it is in question.
    fn weighed<'a>(seen: &'a Noticed, terms: &Terms<'_>) -> Cow<'a, Noticed> {
        let _ = terms;
        Cow::Borrowed(seen)
    }

    /// See [`Family::resource`].
    fn named(name: &str, place: &Place) -> Resource;
}

/// What a record shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noticed {
    /// The resource: its name, or its ARN.
    pub name: String,
    /// The ARNs by which policy may name the caller: of a session its role's.
    pub by: Vec<String>,
    /// What is a violation. Without any, it complies.
    pub signs: Vec<Sign>,
    /// How grave it is, where that is not the guardrail's own level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What the record does not show.
    pub unknown: Option<String>,
}

/// One of the things that a record shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// See [`Evidence::element`].
    pub element: String,
    /// See [`Evidence::why`].
    pub why: String,
}

impl Noticed {
    /// What the event shows of a resource; nothing yet.
    #[must_use]
    pub fn of(event: &Event, name: &str) -> Self {
        Self { name: name.to_owned(), by: event.actor.principals(), ..Self::default() }
    }

    /// What a template or a plan says of a resource; nothing yet. The caller is not known.
    #[must_use]
    pub fn planned(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// With a violation, where there is a reason.
    #[must_use]
    pub fn sign(mut self, element: &str, why: Option<String>) -> Self {
        self.signs.extend(why.map(|why| Sign { element: element.to_owned(), why }));
        self
    }
}

/// The family of a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notices<N>(PhantomData<N>);

struct Rule<N>(PhantomData<N>);

impl<N: Notice> Rule<N> {
    const ALL: &'static [&'static dyn Guardrail<Noticed, NoAction>] = &[&Self(PhantomData)];
}

impl<N: Notice> Guardrail<Noticed, NoAction> for Rule<N> {
    type Settings = N::Settings;

    fn about(&self) -> &'static About {
        N::ABOUT
    }

    fn judge(&self, seen: &Noticed, terms: &Terms<'_>) -> Verdict {
        if !N::is_in_question(seen, terms) {
            return Verdict::Compliant;
        }
        let seen = N::weighed(seen, terms);
        match (&seen.unknown, seen.signs.as_slice()) {
            (Some(why), []) => Verdict::Undetermined { why: why.clone() },
            (None, []) => Verdict::Compliant,
            (_, signs) => {
                let evidence = |sign: &Sign| Evidence { element: sign.element.clone(), why: sign.why.clone() };
                let evidence = signs.iter().map(evidence).collect();
                Verdict::Violation(Violation { severity: seen.severity.unwrap_or(N::ABOUT.severity), evidence })
            }
        }
    }

    fn plan(&self, _: &Noticed, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}

impl<N: Notice> Family for Notices<N> {
    type Key = String;
    type State = Noticed;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        N::KIND
    }

    fn hears_itself(&self) -> bool {
        N::HEARS_ITSELF
    }

    fn is_global(&self) -> bool {
        N::IS_GLOBAL
    }

    fn reads(&self) -> &'static [Permission] {
        &[]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Noticed>]> {
        Cow::Borrowed(N::PLANNED)
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Noticed, NoAction>] {
        Rule::<N>::ALL
    }

    fn show_settings(&self, visitor: &mut impl SettingsVisitor) {
        visitor.guardrail::<N::Settings>(N::ABOUT);
    }

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let target = |seen: Noticed| Target { key: seen.name.clone(), proven: Some(seen), changed: None };
        Ok(N::all_noticed(event)?.into_iter().map(target).collect())
    }

    fn focus(&self, _: &mut Noticed, _: &TargetOf<Self>) {}

    fn resource(&self, name: &String, _: Option<&Noticed>, place: &Place) -> Resource {
        N::named(name, place)
    }
}
