//! What depends on conditions that are known at deployment only, judged in each case of them.

use super::finding::{Finding, Result};
use super::plan::State;
use crate::template::Environment;
use std::collections::{BTreeMap, BTreeSet};

/// What conditions are, by their names.
pub(super) type Case = BTreeMap<String, bool>;

/// What a resource would be where conditions are true or false.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) case: Case,
    pub(super) state: State,
}

/// The most conditions of one resource that are tried both ways, and the most cases of a group with rules that stand apart.
pub(super) const MOST_CONDITIONS: usize = 6;
const MOST_CASES: usize = 64;

/// What it would be in each case of the conditions that it depends on; empty where it depends on none. Cases that contradict themselves are left out.
pub(super) fn branches(environment: &Environment, state_in: &dyn Fn(&Environment) -> State) -> Vec<Branch> {
    let mut branches = Vec::new();
    let mut open = vec![(environment.clone(), Case::new(), state_in(environment))];
    while let Some((environment, case, state)) = open.pop() {
        match state.condition().filter(|_| case.len() < MOST_CONDITIONS).map(str::to_owned) {
            Some(name) => open.extend([false, true].into_iter().filter_map(|holds| {
                let environment = environment.assuming(&name, holds)?;
                let mut case = case.clone();
                case.insert(name.clone(), holds);
                let state = state_in(&environment);
                Some((environment, case, state))
            })),
            None if case.is_empty() => {}
            None => branches.push(Branch { case, state }),
        }
    }
    branches
}

/// Both at once; none where they contradict each other.
pub(super) fn both(left: &Case, right: &Case) -> Option<Case> {
    let is_one = left.iter().all(|(name, holds)| right.get(name).is_none_or(|other| other == holds));
    is_one.then(|| left.iter().chain(right).map(|(name, holds)| (name.clone(), *holds)).collect())
}

/// The cases of two resources that are judged as one; none where there are too many.
pub(super) fn crossed(
    left: &[Branch],
    right: &[Branch],
    join: impl Fn(&State, &State) -> State,
) -> Option<Vec<Branch>> {
    (left.len() * right.len() <= MOST_CASES).then_some(())?;
    let pairs = left.iter().flat_map(|one| right.iter().map(move |other| (one, other)));
    let branch = |(one, other): (&Branch, &Branch)| {
        Some(Branch { case: both(&one.case, &other.case)?, state: join(&one.state, &other.state) })
    };
    Some(pairs.filter_map(branch).collect())
}

/// The findings of a resource from those in each case of its conditions: a violation in all of them is one, in some undetermined with the conditions that decide;
/// unless each case has a violation of its own.
pub(super) fn settled(cases: &[(Case, Vec<Finding>)]) -> Vec<Finding> {
    let mut facts: BTreeMap<(&str, bool, &str), (&Finding, BTreeSet<usize>)> = BTreeMap::new();
    for (at, (_, found)) in cases.iter().enumerate() {
        for finding in found {
            let key = (finding.guardrail, finding.result == Result::Undetermined, finding.reason.as_str());
            facts.entry(key).or_insert_with(|| (finding, BTreeSet::new())).1.insert(at);
        }
    }
    // In which cases something violates beside what violates in all of them.
    let mut partial: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for ((guardrail, is_open, _), (_, within)) in &facts {
        if !is_open && within.len() < cases.len() {
            partial.entry(*guardrail).or_default().extend(within);
        }
    }
    let mut settled = Vec::new();
    for ((guardrail, is_open, _), (finding, within)) in &facts {
        if *is_open || within.len() == cases.len() {
            settled.push((*finding).clone());
            continue;
        }
        let is_violated = partial.get(guardrail).is_some_and(|within| within.len() == cases.len());
        let result = if is_violated { finding.result } else { Result::Undetermined };
        let when: BTreeSet<String> = within.iter().filter_map(|at| deciding(cases, within, *at)).collect();
        settled.extend(when.into_iter().map(|when| Finding {
            reason: format!("{}, where condition {when}", finding.reason),
            result,
            ..(*finding).clone()
        }));
    }
    settled
}

/// The conditions of a case by which it differs from the cases that are not among `within`.
fn deciding(cases: &[(Case, Vec<Finding>)], within: &BTreeSet<usize>, at: usize) -> Option<String> {
    let (case, _) = cases.get(at)?;
    let others = || cases.iter().enumerate().filter(|(other, _)| !within.contains(other)).map(|(_, (case, _))| case);
    let decides = |(name, holds): &(&String, &bool)| {
        let same =
            |other: &Case| case.iter().all(|(of, is)| of == *name || other.get(of).is_none_or(|there| there == is));
        others().any(|other| other.get(*name).is_some_and(|there| there != *holds) && same(other))
    };
    let mut named: Vec<(&String, &bool)> = case.iter().filter(decides).collect();
    if named.is_empty() {
        named = case.iter().collect();
    }
    let words: Vec<String> = named.into_iter().map(|(name, holds)| format!("`{name}` is {holds}")).collect();
    Some(words.join(" and "))
}
