//! What the Deny statements of a document take back from an Allow.
//!
//! What must hold: a Deny counts for a grant only where it covers the grant's principal, action and resource as a
//! whole, and then leaves its own exceptions. Whatever cannot be shown to be denied stays allowed. The work is
//! bounded: beyond a budget no Deny counts any more, and the answer says so.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html>,
//! `NotPrincipal` in a Deny: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>

use super::audience::Audience;
use super::context::Context;
use super::document::{Document, Scope, Statement};
use super::glob::Pattern;
use super::judge::Judge;
use super::principal::{Principal, Who};
use super::provider::Provider;
use super::reach::principal_audience;

/// Comparisons of one Deny's list with one action and resource. A document of the largest size that AWS takes stays
/// far below; one that was built to hold the reader up does not get further.
const BUDGET: usize = 200_000;

/// One Deny statement, ready to be asked.
struct Deny<'a> {
    statement: &'a Statement,
    /// Whom it spares although it names everybody; for callers that come with credentials or without.
    spared: Audience,
    /// Entries of a `Principal` that is not everybody.
    named: Option<&'a [Principal]>,
}

/// The Deny statements of one document.
pub(crate) struct Denies<'a> {
    list: Vec<Deny<'a>>,
    context: &'a Context,
    budget: usize,
}

/// What is left of a grant.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) audience: Audience,
    /// The actions that reach as far as the audience, as they are written.
    pub(crate) actions: Vec<String>,
    /// The statements that took something away, by index.
    pub(crate) denied_by: Vec<usize>,
}

impl<'a> Denies<'a> {
    pub(crate) fn of(document: &'a Document, context: &'a Context) -> Self {
        let judge = Judge {
            context,
            provider: None,
        };
        let list = document
            .statements
            .iter()
            .filter(|statement| statement.denies())
            .filter_map(|statement| {
                let principals = statement.principals.as_ref()?;
                let mut spared = spared_by_conditions(statement, &judge);
                let mut named = None;
                if principals.negated {
                    for principal in &principals.list {
                        spared = spared.widen(principal_audience(principal, context));
                    }
                } else if !principals
                    .list
                    .iter()
                    .any(|principal| principal.who == Who::Everyone)
                {
                    named = Some(principals.list.as_slice());
                }
                Some(Deny {
                    statement,
                    spared,
                    named,
                })
            });
        Self {
            list: list.collect(),
            context,
            budget: BUDGET,
        }
    }

    /// The budget is used up.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget == 0
    }

    /// What the Deny statements leave of `audience`, which `statement` lets in as `principal`.
    pub(crate) fn left(
        &mut self,
        statement: &Statement,
        principal: &Principal,
        provider: Option<&Provider>,
        audience: Audience,
    ) -> Left {
        let judge = Judge {
            context: self.context,
            provider,
        };
        let relevant: Vec<(&Statement, Audience)> = self
            .list
            .iter()
            .filter(|deny| deny.concerns(principal))
            .map(|deny| match provider {
                // The claims of a provider mean something for its own callers only.
                Some(_) if deny.named.is_none() && !is_negated(deny.statement) => {
                    (deny.statement, spared_by_conditions(deny.statement, &judge))
                }
                _ => (deny.statement, deny.spared.clone()),
            })
            .filter(|(_, spared)| !spared.is_everyone())
            .collect();
        if relevant.is_empty() {
            return Left {
                audience,
                actions: statement.actions.texts(),
                denied_by: Vec::new(),
            };
        }
        let mut left = Left {
            audience: Audience::NOBODY,
            actions: Vec::new(),
            denied_by: Vec::new(),
        };
        for action in cells(&statement.actions) {
            let mut open = Audience::NOBODY;
            for resource in cells(&statement.resources) {
                let mut here = audience.clone();
                for (deny, spared) in &relevant {
                    self.budget = self
                        .budget
                        .saturating_sub(size(&deny.actions) + size(&deny.resources));
                    if self.budget > 0
                        && action.is_within(&deny.actions)
                        && resource.is_within(&deny.resources)
                    {
                        here = here.narrow(spared);
                        if !left.denied_by.contains(&deny.index) {
                            left.denied_by.push(deny.index);
                        }
                    }
                }
                open = open.widen(here);
            }
            let breadth = left.audience.breadth;
            left.audience = left.audience.widen(open.clone());
            if left.audience.breadth != breadth {
                left.actions.clear();
            }
            if left.audience.breadth == open.breadth {
                left.actions.push(action.text());
            }
        }
        left
    }
}

impl Deny<'_> {
    /// Everybody, or this very principal, or its whole account.
    fn concerns(&self, principal: &Principal) -> bool {
        let Some(named) = self.named else { return true };
        named
            .iter()
            .any(|denied| match (&denied.who, &principal.who) {
                (Who::Account(denied), Who::Account(account) | Who::Identity(account)) => {
                    denied == account
                }
                (Who::Unreadable | Who::Deleted, _) => false,
                _ => denied.who == principal.who && denied.text == principal.text,
            })
    }
}

fn is_negated(statement: &Statement) -> bool {
    statement
        .principals
        .as_ref()
        .is_some_and(|principals| principals.negated)
}

/// A Deny applies when all its conditions hold, so each one spares its own.
fn spared_by_conditions(statement: &Statement, judge: &Judge<'_>) -> Audience {
    statement
        .conditions
        .iter()
        .fold(Audience::NOBODY, |spared, condition| {
            spared.widen(judge.deny(condition).audience)
        })
}

fn size(scope: &Scope) -> usize {
    match scope {
        Scope::Only(list) | Scope::Except(list) => list.len(),
    }
}

/// A part of an Allow that is either denied as a whole or not.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'a> {
    One(&'a Pattern),
    Except(&'a [Pattern]),
}

pub(crate) fn cells(scope: &Scope) -> Vec<Cell<'_>> {
    match scope {
        Scope::Only(list) => list.iter().map(Cell::One).collect(),
        Scope::Except(list) => vec![Cell::Except(list)],
    }
}

impl Cell<'_> {
    /// The whole cell is in the scope. `false` also when that could not be shown.
    pub(crate) fn is_within(self, scope: &Scope) -> bool {
        match (self, scope) {
            (Self::One(pattern), scope) => scope.covers(pattern),
            (Self::Except(_), Scope::Only(list)) => list.iter().any(Pattern::is_everything),
            // Everything but `kept` is denied; what is allowed must keep out of `kept`.
            (Self::Except(allowed), Scope::Except(kept)) => kept
                .iter()
                .all(|kept| allowed.iter().any(|out| out.covers(kept))),
        }
    }

    fn text(self) -> String {
        match self {
            Self::One(pattern) => pattern.text().to_owned(),
            Self::Except(list) => Scope::Except(list.to_vec()).texts().join(""),
        }
    }
}
