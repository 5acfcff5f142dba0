//! Changing the exemptions of a policy file: text in, text out, and nothing else of the text changes.
//!
//! The parser that reads the policy also says where its nodes stand (`granit-parser`, below `serde-saphyr`), so that both
//! see the same file; the change is then made in the text. What comes out is read once more: unless the exemptions are
//! those that were meant and the rest of the policy is what it was, the change is refused. So a form that was not thought
//! of costs an error, never a setting.
//!
//! Where a comment stands decides whose it is: right above an entry and as far in as its dash, behind its texts, or right
//! below it and further in, it is the entry's and goes with it. Every other one stays.

mod block;
mod flow;
pub(super) mod lines;
mod replace;
#[cfg(test)]
mod tests;
pub(super) mod tree;
mod write;

use crate::policy::{Exemption, Policy, PolicyError};
use serde::de::IgnoredAny;
use thiserror::Error;
use tree::{Kind, Node};

/// Why the exemptions of a file were not changed.
#[derive(Debug, Error, PartialEq)]
pub enum EditError {
    /// The file is no policy: it is not changed before it is mended.
    #[error("the file is refused as it is, at {0}")]
    Policy(#[from] PolicyError),
    /// The same guardrail, resource, account and actor are exempt already.
    #[error("`{}` is exempt already: {}", .0.exemption.resource, .0.exemption.sentence())]
    Exists(Box<Listed>),
    /// Nothing is there to change or remove.
    #[error("no such exemption is in the file")]
    Missing,
    /// The file says it in a form that cannot be changed without changing more.
    #[error("{place}: {problem}; change the file by hand")]
    Form {
        /// `line 7`.
        place: String,
        /// What is in the way.
        problem: String,
    },
}

/// An exemption and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What it says.
    pub exemption: Exemption,
    /// The line that it starts on; none where it comes from elsewhere in the file (an alias).
    pub line: Option<usize>,
}

/// The exemptions of a file, in its order.
///
/// # Errors
/// [`EditError::Policy`] when the file is no policy.
pub fn list(text: &str) -> Result<Vec<Listed>, EditError> {
    let policy = Policy::parse(text)?;
    let file = File::of(text)?;
    let items = file.items().filter(|items| items.len() == policy.exemptions.len());
    let line = |index: usize| Some(lines::number(text, items?.get(index)?.range.start));
    let all = policy.exemptions.into_iter().enumerate();
    Ok(all.map(|(index, exemption)| Listed { exemption, line: line(index) }).collect())
}

/// The file with one more exemption, written behind the others and like them.
///
/// # Errors
/// [`EditError::Exists`] when one is [about the same](Exemption::is_about_the_same); see [`EditError`] for the rest.
pub fn add(text: &str, exemption: &Exemption) -> Result<String, EditError> {
    let listed = list(text)?;
    if let Some(existing) = listed.iter().find(|entry| entry.exemption.is_about_the_same(exemption)) {
        return Err(EditError::Exists(Box::new(existing.clone())));
    }
    let file = File::of(text)?;
    let added =
        file.add(exemption).ok_or_else(|| file.form(None, "the list of exemptions is not written as a list"))?;
    file.check(added, None, |all| all.push(exemption.clone()))
}

/// The file with reason, owner and end of the exemption that is [about the same](Exemption::is_about_the_same).
///
/// # Errors
/// [`EditError::Missing`] when there is none; see [`EditError`] for the rest.
pub fn replace(text: &str, exemption: &Exemption) -> Result<String, EditError> {
    let listed = list(text)?;
    let found = listed.iter().position(|entry| entry.exemption.is_about_the_same(exemption));
    let index = found.ok_or(EditError::Missing)?;
    let file = File::of(text)?;
    let item = file.items().and_then(|items| items.get(index));
    let replaced = item.and_then(|item| replace::fields(text, item, exemption));
    let replaced = replaced.ok_or_else(|| file.form(Some(index), "the exemption is not written out in its entry"))?;
    file.check(replaced, Some(index), |all| all.splice(index..=index, [exemption.clone()]).for_each(drop))
}

/// The file without the exemptions at these positions of [`list`]. Comments right above an entry go with it.
///
/// # Errors
/// [`EditError::Missing`] when a position is not in the list; see [`EditError`] for the rest.
pub fn remove(text: &str, positions: &[usize]) -> Result<String, EditError> {
    let count = list(text)?.len();
    if positions.is_empty() || positions.iter().any(|position| *position >= count) {
        return Err(EditError::Missing);
    }
    let mut left = text.to_owned();
    for index in (0..count).rev().filter(|index| positions.contains(index)) {
        let file = File::of(&left)?;
        let shorter =
            file.remove(index).ok_or_else(|| file.form(Some(index), "the exemption has no entry of its own"))?;
        left = shorter;
    }
    let mut index = 0;
    File::of(text)?.check(left, positions.first().copied(), |all| {
        all.retain(|_| {
            index += 1;
            !positions.contains(&(index - 1))
        });
    })
}

/// A text and where its exemptions are.
struct File<'t> {
    text: &'t str,
    root: Node,
    is_json: bool,
}

impl<'t> File<'t> {
    fn of(text: &'t str) -> Result<Self, EditError> {
        let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
        let unread =
            || EditError::Form { place: "line 1".to_owned(), problem: "the file is not one mapping".to_owned() };
        Ok(Self { text, root: tree::read(text).ok_or_else(unread)?, is_json })
    }

    /// The entries of the list, where it is one.
    fn items(&self) -> Option<&[Node]> {
        match &self.root.pair("exemptions")?.1.kind {
            Kind::Sequence { items, .. } => Some(items),
            _ => None,
        }
    }

    fn add(&self, new: &Exemption) -> Option<String> {
        let Self { text, root, is_json } = self;
        let Kind::Mapping { is_flow: is_root_flow, .. } = root.kind else { return None };
        let Some((key, value)) = root.pair("exemptions") else {
            return if is_root_flow { flow::found(text, root, new, *is_json) } else { block::found(text, root, new) };
        };
        match &value.kind {
            Kind::Sequence { is_flow: false, items } => block::append(text, items, new),
            Kind::Sequence { is_flow: true, items } if !items.is_empty() => flow::append(text, items, new, *is_json),
            Kind::Sequence { .. } if is_root_flow || text.get(value.range.clone())?.contains('\n') => {
                flow::begin(text, root, (key, value), new, *is_json)
            }
            Kind::Sequence { .. } | Kind::Scalar { .. } if !is_root_flow => block::begin(text, root, (key, value), new),
            Kind::Sequence { .. } | Kind::Scalar { .. } | Kind::Alias | Kind::Mapping { .. } => None,
        }
    }

    fn remove(&self, index: usize) -> Option<String> {
        let (key, value) = self.root.pair("exemptions")?;
        match &value.kind {
            Kind::Sequence { is_flow: false, items } => block::remove(self.text, (key, value), items, index),
            Kind::Sequence { is_flow: true, items } => flow::remove(self.text, value, items, index),
            Kind::Scalar { .. } | Kind::Alias | Kind::Mapping { .. } => None,
        }
    }

    /// The changed text, if it says what this one says with `change` made to its exemptions.
    fn check(
        &self,
        changed: String,
        at: Option<usize>,
        change: impl FnOnce(&mut Vec<Exemption>),
    ) -> Result<String, EditError> {
        let mut expected = Policy::parse(self.text)?;
        change(&mut expected.exemptions);
        let is_still_json = !self.is_json || serde_json::from_str::<IgnoredAny>(&changed).is_ok();
        match Policy::parse(&changed) {
            Ok(policy) if policy == expected && is_still_json => Ok(changed),
            Ok(_) => Err(self.form(at, "the change would change more than this exemption")),
            Err(error) => Err(self.form(at, &format!("the change would break the file ({})", error.problem))),
        }
    }

    /// That this form cannot be changed: at the entry, else at the key.
    fn form(&self, at: Option<usize>, problem: &str) -> EditError {
        let item = at.and_then(|index| self.items()?.get(index));
        let key = self.root.pair("exemptions").map_or(&self.root, |(key, _)| key);
        let line = lines::number(self.text, item.unwrap_or(key).range.start);
        EditError::Form { place: format!("line {line}"), problem: problem.to_owned() }
    }
}
