//! Closing a resource or trust policy.

use std::collections::HashSet;

use serde_json::json;

use super::{Draft, MOST_ROUNDS, Remedy, below, path_of, removals, unreadable};
use crate::audience::Breadth;
use crate::condition::Condition;
use crate::context::{Context, Kind};
use crate::document::Statement;
use crate::edit::{Edit, Step};
use crate::glob::Pattern;
use crate::judge::Judge;
use crate::principal::{At, Principal};
use crate::provider::Provider;
use crate::reach::{Access, Grant, Reach, reach};
use crate::scope::Scope;

/// Closes a resource or trust policy until it reaches no further than `allowed`.
pub fn repair_reach(text: &str, context: &Context, allowed: Access) -> Remedy {
    let Some(mut draft) = Draft::read(text) else {
        return unreadable();
    };
    let mut found = reach(&draft.document, context);
    for _ in 0..MOST_ROUNDS {
        let Some(grant) = found.grants.iter().find(|grant| is_open(grant, allowed)) else {
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

/// A violation. What is unknown is none: nothing is written on a guess.
fn is_open(grant: &Grant, allowed: Access) -> bool {
    grant.access > allowed && grant.access >= Access::External
}

/// How much is wrong: an edit must make it less.
fn weight(reach: &Reach, allowed: Access) -> usize {
    let open = reach.grants.iter().filter(|grant| is_open(grant, allowed));
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
    let open = found.grants.iter().filter(|other| other.statement == grant.statement && is_open(other, allowed));
    candidates.extend(without_principals(draft, &path, statement, &open.collect::<Vec<_>>()));
    candidates.extend(without_actions(draft, &path, statement, &grant.actions));
    if document.statements.len() > 1 {
        candidates.push(vec![Edit::Remove(path)]);
    } else if context.kind == Kind::Trust {
        candidates.push(vec![Edit::Replace(below(&path, &[&statement.names.effect]), json!("Deny"))]);
    }
    candidates
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
            Breadth::Empty | Breadth::Inside | Breadth::Unowned => false,
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

/// The principals that reach too far, when the statement names others as well.
fn without_principals(draft: &Draft, path: &[Step], statement: &Statement, open: &[&Grant]) -> Option<Vec<Edit>> {
    let open: HashSet<&At> = open.iter().map(|grant| &grant.at).collect();
    without(draft, path, statement, |principal| open.contains(&principal.at))
}

/// The principals that are to go, when the statement names others as well.
pub(super) fn without(
    draft: &Draft,
    path: &[Step],
    statement: &Statement,
    is_out: impl Fn(&Principal) -> bool,
) -> Option<Vec<Edit>> {
    let principals = statement.principals.as_ref().filter(|principals| !principals.negated)?;
    if principals.list.iter().all(&is_out) {
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
        if entries.iter().all(|principal| is_out(principal)) {
            edits.push(Edit::Remove(path));
        } else {
            let out = entries.iter().filter(|principal| is_out(principal));
            let out: Vec<(usize, &str)> =
                out.filter_map(|entry| Some((entry.at.index?, entry.text.as_str()))).collect();
            edits.extend(removals(&draft.value, &path, &out)?);
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
