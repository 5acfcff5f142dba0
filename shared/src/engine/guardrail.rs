//! The guardrails: one file each, which says what must hold, judges a state, and plans the smallest change that restores it.

use crate::engine::own::Own;

use crate::engine::observed::Place;
use crate::engine::permission::Permission;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Policy};
use serde::Serialize;
use std::borrow::Cow;

/// How much a remediation may be felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Class {
    /// Notify only: nothing that this function may do closes it.
    R0,
    /// Reversible, exact, no side effect.
    R1,
    /// Reversible, but disruptive: users may notice it.
    R2,
    /// Loses something: never by itself.
    R3,
}

/// The trigger of a guardrail that is about who calls, and not what: the beginning of every name.
pub const ANY_CALL_BY_ROOT: &str = "";

/// What a person should know of a guardrail; the catalogue page is generated from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// The name in the policy file: a state that should not be.
    pub name: &'static str,
    /// The row of the catalogue, such as `NET-01`.
    pub catalogue_id: &'static str,
    /// One line for a person.
    pub title: &'static str,
    /// What it looks for, what it leaves alone, and why: a paragraph.
    pub description: &'static str,
    /// The level of a finding unless the state says otherwise.
    pub severity: Severity,
    /// The class of its remediation.
    pub class: Class,
    /// Security Hub and CIS controls that it maps to; and what detectors call the same, with their names before it (`Amazon Macie Policy:IAMUser/S3BucketPublic`).
    pub controls: &'static [&'static str],
    /// MITRE ATT&CK technique.
    pub technique: &'static str,
    /// The event names that lead to it, or how they begin.
    pub triggers: &'static [&'static str],
    /// What it does when enforced, in one sentence.
    pub remediation: &'static str,
    /// The IAM actions that its plans need.
    pub actions: &'static [Permission],
    /// The forms of the ids of the resources that its findings name: `*` is any text and `%` any without `:` and `/`. A resource
    /// without an ARN of its own has one that looks like one. By these `policy validate` warns of exemptions that can match nothing.
    #[serde(skip)]
    pub ids: &'static [&'static str],
    /// The calls that look as if they could violate it, or undo its remediation, and are no triggers. Empty where every call
    /// that could matter is a trigger.
    #[serde(skip)]
    pub not_watched: &'static [NotWatched],
}

/// A call, or several, and why no guardrail looks at it: the catalogue shows both beside the triggers.
pub type NotWatched = (&'static str, &'static str);

/// What a judge may ask beside the state: what the operator has decided, and where the resource is.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The policy file.
    pub policy: &'a Policy,
    /// The resource's account and region. The account is empty where a plan is judged that names none.
    pub place: &'a Place,
    /// The ARNs of the roles that Parapet itself runs under, and the name of the one that it assumes elsewhere.
    pub own: Own<'a>,
}

impl<'a> Terms<'a> {
    /// The settings of a guardrail: the policy file's, or its own.
    pub fn settings<S, A, G: Guardrail<S, A>>(&self, guardrail: &G) -> Cow<'a, G::Settings> {
        self.policy.settings(guardrail)
    }

    /// Whether something may be shared with `account`: it is the resource's own, or policy trusts it.
    #[must_use]
    pub fn trusts(&self, account: &str) -> bool {
        account == self.place.account || self.policy.trusted_accounts.iter().any(|trusted| trusted.as_str() == account)
    }

    /// Whether policy trusts the organisation `o-…`.
    #[must_use]
    pub fn trusts_organization(&self, id: &str) -> bool {
        self.policy.trusted_organizations.iter().any(|trusted| trusted == id)
    }
}

/// A rule about the states `S`, closed by actions `A`. Pure: time, environment and network are not its business.
pub trait Guardrail<S, A>: Send + Sync {
    /// What the operator can choose in the policy file, under this guardrail's name.
    type Settings: GuardrailSettings
    where
        Self: Sized;

    /// What a person should know of it.
    fn about(&self) -> &'static About;

    /// Judges a state, through whichever lens it was seen. A lens that does not show enough is undetermined.
    fn judge(&self, state: &S, terms: &Terms<'_>) -> Verdict;

    /// The smallest change that removes the elements of the violation, and nothing else. Empty where nothing that
    /// the function may do closes it.
    fn plan(&self, state: &S, violation: &Violation, terms: &Terms<'_>) -> Plan<A>;

    /// What the latest look at a violating resource shows beside the verdict that a person should know: what happened
    /// while it was open, what closing it means. One sentence each.
    fn remarks(&self, state: &S) -> Vec<String> {
        let _ = state;
        Vec::new()
    }
}

/// Sees the type of each guardrail's settings: they differ, so it is not a list.
pub trait SettingsVisitor {
    /// Sees one.
    fn guardrail<S: GuardrailSettings>(&mut self, about: &'static About);
}

/// Shows a guardrail's settings.
pub fn show<S, A, G: Guardrail<S, A>>(guardrail: &G, visitor: &mut impl SettingsVisitor) {
    visitor.guardrail::<G::Settings>(guardrail.about());
}

/// In a family: its guardrails, the gravest first.
macro_rules! guardrails {
    ($($guardrail:expr),+ $(,)?) => {
        fn guardrails(&self) -> &'static [&'static dyn $crate::engine::guardrail::Guardrail<Self::State, Self::Action>] {
            &[$(&$guardrail),+]
        }

        fn show_settings(&self, visitor: &mut impl $crate::engine::guardrail::SettingsVisitor) {
            $($crate::engine::guardrail::show(&$guardrail, visitor);)+
        }
    };
}

pub(crate) use guardrails;
