//! The smallest edit that ends a violation.
//!
//! What must hold: one part goes, the one at fault, and everything else stays byte for byte; the document that is
//! left is never empty and never less readable than before; and it is analysed again before it is offered. The undo
//! is the document before.
//!
//! From the smallest to the largest: a value of a condition, a principal, an action, a statement. When no statement
//! would be left, the policy itself has to go ([`Remedy::Delete`]); a trust policy cannot, so there the one statement
//! is turned into a Deny. No Deny that is there is touched: it also binds what the owner's own principals may do by
//! their own policies, so making one stricter can lock out people who are no part of the violation.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::audience::Breadth;
use super::condition::Condition;
use super::context::{Context, Kind};
use super::document::{Document, Scope, Statement};
use super::edit::{Edit, Step};
use super::glob::{Budget, Pattern};
use super::holding::Holding;
use super::json;
use super::judge::Judge;
use super::methods::{Method, Tier};
use super::power::{Power, is_wide, power};
use super::principal::{At, Principal};
use super::provider::Provider;
use super::reach::{Access, Grant, Reach, reach};

/// A list of thousands of accounts is not thinned out one by one: then the statement goes.
const MOST_EDITS: usize = 500;

/// A document that needs more rounds than this is not repaired but reported.
const MOST_ROUNDS: usize = 200;

/// What to do about a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Remedy {
    /// It does not violate anything.
    Nothing,
    /// Write this instead.
    Edit(Repair),
    /// Nothing would be left of it: delete the policy. What needs one (a KMS key) cannot be repaired like this.
    Delete,
    /// No edit was found.
    Impossible {
        /// Why.
        why: String,
    },
}

/// A document that was repaired.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// The undo.
    pub before: String,
    /// The document to write.
    pub after: String,
    /// What was done, in order.
    pub edits: Vec<Edit>,
}

/// Closes a resource or trust policy until it reaches no further than `allowed`.
pub fn repair_reach(text: &str, context: &Context, allowed: Access) -> Remedy {
    let Some(mut draft) = Draft::read(text) else {
        return unreadable();
    };
    let mut found = reach(&draft.document, context);
    for _ in 0..MOST_ROUNDS {
        let Some(grant) = found.grants.iter().find(|grant| grant.access > allowed) else {
            return draft.finish();
        };
        let before = weight(&found, allowed);
        let better = candidates(&draft, grant, &found, context, allowed).into_iter().find_map(|edits| {
            let next = draft.after(edits)?;
            let then = reach(&next.document, context);
            let is_better = weight(&then, allowed) < before && then.problems.len() <= found.problems.len();
            is_better.then_some((next, then))
        });
        match better {
            Some((next, then)) => (draft, found) = (next, then),
            None if draft.document.statements.len() == 1 && context.kind != Kind::Trust => {
                return Remedy::Delete;
            }
            None => {
                return Remedy::Impossible { why: format!("no edit closes {grant}") };
            }
        }
    }
    Remedy::Impossible { why: "too many parts would have to go".to_owned() }
}

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

fn unreadable() -> Remedy {
    Remedy::Impossible { why: "the document cannot be read".to_owned() }
}

/// A document on its way.
struct Draft {
    before: String,
    text: String,
    value: Value,
    document: Document,
    edits: Vec<Edit>,
}

impl Draft {
    fn read(text: &str) -> Option<Self> {
        let text = json::decode(text).ok()?.into_owned();
        let (value, repeated) = json::parse(&text).ok()?;
        if !repeated.is_empty() || !value.is_object() {
            return None;
        }
        let document = Document::from_value(&value);
        Some(Self { before: text.clone(), text, value, document, edits: Vec::new() })
    }

    /// The draft after some more edits. Text and value are edited alike and must agree.
    fn after(&self, edits: Vec<Edit>) -> Option<Self> {
        if self.edits.len() + edits.len() > MOST_EDITS {
            return None;
        }
        let mut text = self.text.clone();
        let mut value = self.value.clone();
        for edit in &edits {
            text = edit.apply_to_text(&text)?;
            value = edit.apply_to_value(&value)?;
        }
        let read: Value = serde_json::from_str(&text).ok()?;
        if read != value {
            return None;
        }
        let document = Document::from_value(&value);
        let mut all = self.edits.clone();
        all.extend(edits);
        Some(Self { before: self.before.clone(), text, value, document, edits: all })
    }

    fn finish(self) -> Remedy {
        if self.edits.is_empty() {
            return Remedy::Nothing;
        }
        Remedy::Edit(Repair { before: self.before, after: self.text, edits: self.edits })
    }
}

/// How much is wrong: an edit must make it less.
fn weight(reach: &Reach, allowed: Access) -> usize {
    let open = reach.grants.iter().filter(|grant| grant.access > allowed);
    open.map(|grant| 1 + grant.actions.len()).sum()
}

/// Edits that may close a grant, the smallest first.
fn candidates(draft: &Draft, grant: &Grant, found: &Reach, context: &Context, allowed: Access) -> Vec<Vec<Edit>> {
    let document = &draft.document;
    let Some(statement) = document.statements.iter().find(|statement| statement.index == grant.statement) else {
        return Vec::new();
    };
    let path = path_of(document, statement);
    let provider = Provider::read(&grant.principal, context);
    let judge = Judge { context, provider: provider.as_ref() };
    let mut candidates = Vec::new();
    for condition in &statement.conditions {
        candidates.extend(without_wide_values(draft, &path, statement, condition, &judge, allowed));
    }
    let open = found.grants.iter().filter(|other| other.statement == grant.statement && other.access > allowed);
    candidates.extend(without_principals(draft, &path, statement, &open.collect::<Vec<_>>()));
    candidates.extend(without_actions(draft, &path, statement, &grant.actions));
    if document.statements.len() > 1 {
        candidates.push(vec![Edit::Remove(path)]);
    } else if context.kind == Kind::Trust {
        candidates.push(vec![Edit::Replace(below(&path, &[&statement.names.effect]), json!("Deny"))]);
    }
    candidates
}

fn path_of(document: &Document, statement: &Statement) -> Vec<Step> {
    let mut path = vec![Step::Member(document.statement_name.clone())];
    if !statement.alone {
        path.push(Step::Element(statement.index));
    }
    path
}

fn below(path: &[Step], names: &[&str]) -> Vec<Step> {
    path.iter().cloned().chain(names.iter().map(|name| Step::Member((*name).to_owned()))).collect()
}

/// The values of one condition that let in too many, when others are left.
fn without_wide_values(
    draft: &Draft,
    path: &[Step],
    statement: &Statement,
    condition: &Condition,
    judge: &Judge<'_>,
    allowed: Access,
) -> Option<Vec<Edit>> {
    if !condition.in_list {
        return None;
    }
    let is_wide = |value: &String| {
        let alone = Condition {
            operator: condition.operator,
            operator_text: condition.operator_text.clone(),
            key_text: condition.key_text.clone(),
            key: condition.key.clone(),
            values: vec![value.clone()],
            in_list: false,
        };
        let judged = judge.allow(&alone, &statement.conditions);
        match judged.audience.breadth {
            Breadth::Everyone => true,
            Breadth::Foreign => allowed < Access::External,
            Breadth::Nobody | Breadth::Inside | Breadth::Unowned => false,
        }
    };
    let values = condition.values.iter().enumerate().filter(|(_, value)| is_wide(value));
    let wide: Vec<(usize, &str)> = values.map(|(index, value)| (index, value.as_str())).collect();
    if wide.is_empty() || wide.len() == condition.values.len() {
        return None;
    }
    let names = [&statement.names.conditions, &condition.operator_text, &condition.key_text];
    removals(&draft.value, &below(path, &names.map(String::as_str)), &wide)
}

/// Elements of one list, from the last to the first so that the positions stay right. `None` when one of them is not
/// where it was read: in a list that also holds things which are no text.
fn removals(value: &Value, list: &[Step], elements: &[(usize, &str)]) -> Option<Vec<Edit>> {
    let mut items = value;
    for step in list {
        items = match step {
            Step::Member(name) => items.get(name.as_str())?,
            Step::Element(index) => items.get(*index)?,
        };
    }
    let mut elements = elements.to_vec();
    elements.sort_unstable();
    let edits = elements.into_iter().rev().map(|(index, text)| {
        let is_there = match items.get(index)? {
            Value::String(found) => found == text,
            other => other.to_string() == text,
        };
        let path = list.iter().cloned().chain([Step::Element(index)]).collect();
        is_there.then_some(Edit::Remove(path))
    });
    edits.collect()
}

/// The principals that reach too far, when the statement names others as well.
fn without_principals(draft: &Draft, path: &[Step], statement: &Statement, open: &[&Grant]) -> Option<Vec<Edit>> {
    let principals = statement.principals.as_ref().filter(|principals| !principals.negated)?;
    let open: HashSet<&At> = open.iter().map(|grant| &grant.at).collect();
    let is_open = |principal: &Principal| open.contains(&principal.at);
    if principals.list.iter().all(is_open) {
        return None;
    }
    let mut keys: Vec<(&Option<String>, &str)> =
        principals.list.iter().map(|principal| (&principal.at.key, principal.at.element.as_str())).collect();
    keys.dedup();
    let mut edits = Vec::new();
    for (key, element) in keys {
        let entries: Vec<&Principal> = principals.list.iter().filter(|principal| principal.at.key == *key).collect();
        let mut names = vec![element];
        names.extend(key.as_deref());
        let path = below(path, &names);
        if entries.iter().all(|principal| is_open(principal)) {
            edits.push(Edit::Remove(path));
        } else {
            let open = entries.iter().filter(|principal| is_open(principal));
            let open: Vec<(usize, &str)> =
                open.filter_map(|entry| Some((entry.at.index?, entry.text.as_str()))).collect();
            edits.extend(removals(&draft.value, &path, &open)?);
        }
    }
    (!edits.is_empty()).then_some(edits)
}

/// The actions that are open, when others of the same statement are not.
fn without_actions(draft: &Draft, path: &[Step], statement: &Statement, open: &[String]) -> Option<Vec<Edit>> {
    let Scope::Only(actions) = &statement.actions else {
        return None;
    };
    let open: HashSet<&str> = open.iter().map(String::as_str).collect();
    let open: Vec<(usize, &str)> =
        actions.iter().map(Pattern::text).enumerate().filter(|(_, action)| open.contains(action)).collect();
    if open.is_empty() || open.len() == actions.len() {
        return None;
    }
    removals(&draft.value, &below(path, &[&statement.names.actions]), &open)
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
