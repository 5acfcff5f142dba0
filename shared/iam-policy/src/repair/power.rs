//! Taking power from the holder of an identity policy.

use super::{Draft, MOST_ROUNDS, Remedy, below, path_of, removals, unreadable};
use crate::document::Document;
use crate::edit::Edit;
use crate::glob::{Budget, Pattern};
use crate::holding::Holding;
use crate::methods::{Method, Tier};
use crate::power::{Power, is_wide, power};
use crate::scope::Scope;

/// Takes from an identity policy what makes its holder an administrator, or is a way there up to `tier`, together
/// with the holder's `others`.
pub fn repair_power(text: &str, others: &[Document], boundary: Option<&Document>, tier: Tier) -> Remedy {
    let Some(mut draft) = Draft::read(text) else {
        return unreadable();
    };
    let judge = |document: &Document| {
        let mut all = vec![document.clone()];
        all.extend_from_slice(others);
        power(&all, boundary)
    };
    let mut found = judge(&draft.document);
    for _ in 0..MOST_ROUNDS {
        let Some(wanted) = Fault::first(&found, tier) else {
            return draft.finish();
        };
        let Some(takings) = wanted.cheapest(&draft, boundary) else {
            return Remedy::Impossible { why: "another document gives the same".to_owned() };
        };
        if takings.is_all {
            return Remedy::Delete;
        }
        let Some(next) = draft.after(takings.edits) else {
            return unreadable();
        };
        let then = judge(&next.document);
        if then.problems.len() > found.problems.len() {
            return unreadable();
        }
        (draft, found) = (next, then);
    }
    Remedy::Impossible { why: "too many parts would have to go".to_owned() }
}

/// The first thing that is wrong, and the actions of which one must go.
struct Fault {
    method: Option<Method>,
    actions: Vec<Pattern>,
}

impl Fault {
    fn first(power: &Power, tier: Tier) -> Option<Self> {
        if power.admin.is_some() {
            let actions = ["*:*", "iam:*"].map(Pattern::action).to_vec();
            return Some(Self { method: None, actions });
        }
        let method = power.up_to(tier).next()?.method;
        let actions = method.actions.iter().map(|action| Pattern::action(action)).collect();
        Some(Self { method: Some(method), actions })
    }

    /// The action that is given up is the one that costs the least.
    fn cheapest(&self, draft: &Draft, boundary: Option<&Document>) -> Option<Takings> {
        let document = &draft.document;
        let documents = std::slice::from_ref(document);
        let holding = Holding::of(documents, boundary);
        let takings = self.actions.iter().filter_map(|action| {
            let givers = match &self.method {
                Some(method) => holding.givers(method, action.text()),
                None => holding
                    .allows
                    .iter()
                    .filter(|stated| is_wide(stated))
                    .map(|stated| stated.statement.index)
                    .collect(),
            };
            takings(draft, action, &givers)
        });
        takings.min_by_key(|takings| takings.cost)
    }
}

/// What has to go so that nothing gives an action any more.
struct Takings {
    edits: Vec<Edit>,
    cost: usize,
    /// No statement would be left.
    is_all: bool,
}

fn takings(draft: &Draft, action: &Pattern, givers: &[usize]) -> Option<Takings> {
    let document = &draft.document;
    let mut takings = Takings { edits: Vec::new(), cost: 0, is_all: false };
    let mut removed = 0;
    // From the last to the first, so that the positions stay right.
    for statement in document.statements.iter().rev().filter(|statement| givers.contains(&statement.index)) {
        let path = path_of(document, statement);
        match &statement.actions {
            Scope::Only(actions) => {
                let given = actions.iter().enumerate().filter(|(_, pattern)| pattern.covers(action));
                let given: Vec<(usize, &Pattern)> = given.collect();
                if given.is_empty() {
                    continue;
                }
                takings.cost += given.iter().map(|(_, pattern)| if pattern.is_fixed() { 1 } else { 10 }).sum::<usize>();
                if given.len() == actions.len() {
                    takings.edits.push(Edit::Remove(path));
                    removed += 1;
                } else {
                    let path = below(&path, &[&statement.names.actions]);
                    let given: Vec<(usize, &str)> = given.iter().map(|(at, pattern)| (*at, pattern.text())).collect();
                    takings.edits.extend(removals(&draft.value, &path, &given)?);
                }
            }
            scope @ Scope::Except(_) if scope.covers(action, &Budget::new()) || action.text() == "*:*" => {
                takings.cost += 50;
                takings.edits.push(Edit::Remove(path));
                removed += 1;
            }
            Scope::Except(_) => {}
        }
    }
    takings.is_all = removed == document.statements.len();
    (!takings.edits.is_empty()).then_some(takings)
}
