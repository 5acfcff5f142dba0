//! DB-03: deletion protection stays on. One rule for four kinds of resource, each a guardrail of its own: an operator may
//! want it for databases and not for load balancers.
//!
//! Whoever turns it off mostly deletes next, within seconds. A call that comes too late is refused (the resource is being
//! deleted) and told; the guardrail wins where somebody hesitates, or where the deletion takes a final snapshot first. A
//! stack turns protection off in an update of its own before it can be deleted: such changes carry CloudFormation's mark and
//! go no further than `defaults.cloudformation`.

use super::protection::{PROTECTION_OFF, Protectable, Protected, Protection};
use crate::engine::guardrail::About;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Verdict, Violation};
use crate::policy::{DeletionProtectionSettings, matches_pattern};

/// What is to be judged about a resource without protection.
pub(crate) struct Unprotected<'a> {
    pub(crate) name: &'a str,
    /// Kind and name, for a person.
    pub(crate) label: &'a str,
    pub(crate) is_being_deleted: bool,
}

/// A violation, unless policy wants no protection for a resource of this name.
pub(crate) fn unprotected(about: &About, settings: &DeletionProtectionSettings, resource: &Unprotected<'_>) -> Verdict {
    let is_wanted = settings.only.is_empty() || settings.only.iter().any(|name| matches_pattern(name, resource.name));
    if !is_wanted {
        return Verdict::Compliant;
    }
    let tail = if resource.is_being_deleted { ", and it is being deleted" } else { "" };
    let why = format!("{} is not protected from deletion{tail}", resource.label);
    let evidence = vec![Evidence { element: PROTECTION_OFF.to_owned(), why }];
    Verdict::Violation(Violation { severity: about.severity, evidence })
}

/// The answer about what has nothing but the switch.
pub(crate) fn judge<K: Protectable>(
    about: &About,
    settings: &DeletionProtectionSettings,
    state: &Protected<K>,
) -> Verdict {
    if state.is_on || !state.in_question || state.is_being_set_up() {
        return Verdict::Compliant;
    }
    let (name, label) = (state.key.name(), state.key.to_string());
    unprotected(about, settings, &Unprotected { name, label: &label, is_being_deleted: state.is_being_deleted })
}

/// Turns the switch on again. What is being deleted takes no change.
pub(crate) fn plan<K: Protectable>(state: &Protected<K>) -> Plan<Protection<K>> {
    if state.is_being_deleted {
        return Plan::default();
    }
    Plan::one(Protection::On(state.key.clone()), Protection::Off(state.key.clone()))
}
