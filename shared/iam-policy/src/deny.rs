//! What the Deny statements of a document take away from an Allow.
//!
//! What must hold: a Deny counts for a grant only where it covers the grant's principal, action and resource as a
//! whole, and then leaves its own exceptions. Whatever cannot be shown to be denied stays allowed, also when the
//! budget for showing it is used up.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html>,
//! `NotPrincipal` in a Deny: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>

use super::audience::Audience;
use super::context::Context;
use super::document::{Document, Statement};
use super::glob::{Budget, Pattern};
use super::judge::Judge;
use super::principal::{Principal, Who};
use super::provider::Provider;
use super::reach::principal_audience;
use super::scope::Scope;

/// One Deny statement, ready to be asked.
struct Deny<'a> {
    statement: &'a Statement,
    /// Whom it spares although it names everybody.
    spared: Audience,
    /// Entries of a `Principal` that is not everybody.
    named: Option<&'a [Principal]>,
}

/// The Deny statements of one document.
pub(crate) struct Denies<'a> {
    list: Vec<Deny<'a>>,
    context: &'a Context,
    budget: Budget,
}

/// Which Deny statements cover which parts of one Allow, by their place in the list.
pub(crate) struct Coverage {
    /// For each action.
    actions: Vec<Vec<usize>>,
    /// For the resources; those that the same statements cover stand together.
    resources: Vec<Vec<usize>>,
}

/// What is left of a grant.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) audience: Audience,
    /// The actions that reach as far as the audience, as they are written; meaningless when nothing was denied.
    pub(crate) actions: Vec<String>,
    /// The statements that took something away, by index.
    pub(crate) denied_by: Vec<usize>,
}

impl<'a> Denies<'a> {
    pub(crate) fn of(document: &'a Document, context: &'a Context) -> Self {
        let judge = Judge { context, provider: None };
        let denies = document.statements.iter().filter(|statement| statement.denies());
        let list = denies.filter_map(|statement| {
            let principals = statement.principals.as_ref()?;
            let mut spared = spared_by_conditions(statement, &judge);
            let mut named = None;
            if principals.negated {
                for principal in &principals.list {
                    spared = spared.widen(principal_audience(principal, context));
                }
            } else if !principals.list.iter().any(|principal| principal.who == Who::Everyone) {
                named = Some(principals.list.as_slice());
            }
            // One that spares every stranger never closes anything; a provider's claims may still close its own.
            let is_of_use = !spared.is_everyone() || !statement.conditions.is_empty();
            is_of_use.then_some(Deny { statement, spared, named })
        });
        Self { list: list.collect(), context, budget: Budget::new() }
    }

    /// Not every question was answered.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget.is_exhausted()
    }

    /// Which of them bear on a statement, for any principals.
    pub(crate) fn coverage(&self, statement: &Statement) -> Coverage {
        let covering = |cell: Cell<'_>, among: &[usize], scope: fn(&Statement) -> &Scope| -> Vec<usize> {
            let covers = |at: &&usize| {
                !self.budget.is_exhausted()
                    && self.list.get(**at).is_some_and(|deny| cell.is_within(scope(deny.statement), &self.budget))
            };
            among.iter().filter(covers).copied().collect()
        };
        if self.list.is_empty() {
            return Coverage { actions: Vec::new(), resources: Vec::new() };
        }
        let all: Vec<usize> = (0..self.list.len()).collect();
        let actions: Vec<Vec<usize>> =
            cells(&statement.actions).map(|cell| covering(cell, &all, |deny| &deny.actions)).collect();
        // Most statements deny something else altogether.
        let mut some = actions.concat();
        some.sort_unstable();
        some.dedup();
        let resources = cells(&statement.resources).map(|cell| covering(cell, &some, |deny| &deny.resources));
        let mut resources: Vec<Vec<usize>> = resources.collect();
        resources.sort_unstable();
        resources.dedup();
        Coverage { actions, resources }
    }

    /// What the Deny statements leave of `audience`, which `statement` lets in as `principal`.
    pub(crate) fn left(
        &self,
        statement: &Statement,
        coverage: &Coverage,
        principal: &Principal,
        provider: Option<&Provider>,
        audience: Audience,
    ) -> Left {
        let judge = Judge { context: self.context, provider };
        let spared: Vec<Option<Audience>> = self
            .list
            .iter()
            .map(|deny| {
                let spared = match provider {
                    _ if !deny.concerns(principal) => return None,
                    // The claims of a provider mean something for its own callers only.
                    Some(_) if deny.named.is_none() && !is_negated(deny.statement) => {
                        spared_by_conditions(deny.statement, &judge)
                    }
                    _ => deny.spared.clone(),
                };
                (!spared.is_everyone()).then_some(spared)
            })
            .collect();
        if spared.iter().all(Option::is_none) || self.budget.is_exhausted() {
            return Left { audience, actions: Vec::new(), denied_by: Vec::new() };
        }
        let mut left = Left { audience: Audience::EMPTY, actions: Vec::new(), denied_by: Vec::new() };
        for (action, over_action) in cells(&statement.actions).zip(&coverage.actions) {
            let mut open = Audience::EMPTY;
            for over_resource in &coverage.resources {
                if !self.budget.spend(1 + over_action.len()) {
                    return Left { audience, actions: Vec::new(), denied_by: Vec::new() };
                }
                let mut here = audience.clone();
                for at in over_action.iter().filter(|at| over_resource.binary_search(at).is_ok()) {
                    if let (Some(Some(spared)), Some(deny)) = (spared.get(*at), self.list.get(*at)) {
                        here = here.narrow(spared);
                        if !left.denied_by.contains(&deny.statement.index) {
                            left.denied_by.push(deny.statement.index);
                        }
                    }
                }
                open = open.widen(here);
            }
            let breadth = left.audience.breadth;
            let here = open.breadth;
            left.audience = left.audience.widen(open);
            if left.audience.breadth != breadth {
                left.actions.clear();
            }
            if left.audience.breadth == here {
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
        named.iter().any(|denied| match (&denied.who, &principal.who) {
            (Who::Account(denied), Who::Account(account) | Who::Identity(account)) => denied == account,
            (Who::Unreadable | Who::Deleted, _) => false,
            _ => denied.who == principal.who && denied.text == principal.text,
        })
    }
}

fn is_negated(statement: &Statement) -> bool {
    statement.principals.as_ref().is_some_and(|principals| principals.negated)
}

/// A Deny applies when all its conditions hold, so each one spares its own.
fn spared_by_conditions(statement: &Statement, judge: &Judge<'_>) -> Audience {
    statement.conditions.iter().fold(Audience::EMPTY, |spared, condition| spared.widen(judge.deny(condition).audience))
}

/// A part of an Allow that is either denied as a whole or not.
#[derive(Clone, Copy)]
enum Cell<'a> {
    One(&'a Pattern),
    Except(&'a [Pattern]),
}

fn cells(scope: &Scope) -> impl Iterator<Item = Cell<'_>> {
    let (list, except) = match scope {
        Scope::Only(list) => (list.as_slice(), None),
        Scope::Except(list) => (&[][..], Some(Cell::Except(list))),
    };
    list.iter().map(Cell::One).chain(except)
}

impl Cell<'_> {
    /// The whole cell is in the scope. `false` also when that could not be shown.
    fn is_within(self, scope: &Scope, budget: &Budget) -> bool {
        match (self, scope) {
            (Self::One(pattern), scope) => scope.covers(pattern, budget),
            (Self::Except(_), Scope::Only(list)) => list.iter().any(Pattern::is_everything),
            // Everything but `kept` is denied; what is allowed must keep out of `kept`.
            (Self::Except(allowed), Scope::Except(kept)) => {
                kept.iter().all(|kept| allowed.iter().any(|out| out.covers_within(kept, budget)))
            }
        }
    }

    fn text(self) -> String {
        match self {
            Self::One(pattern) => pattern.text().to_owned(),
            Self::Except(list) => Scope::Except(list.to_vec()).texts().join(""),
        }
    }
}
