//! What a policy file may say and most likely does not mean: an entry that can never match, one that allows everything, a
//! setting without effect. None of it makes the file a bad one: it is used, and this is said beside it.

mod exemptions;
mod lists;
mod modes;
mod networks;
mod shape;

pub use lists::{Holds, List};
pub use shape::{could_be_about, resource_ids};

use crate::policy::edit::lines;
use crate::policy::edit::tree;
use crate::policy::edit::tree::{Kind, Node};
use crate::policy::{FilePlace, Policy};
use jiff::Timestamp;
use std::fmt;

/// Something that is valid and most likely not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where in the file.
    pub place: FilePlace,
    /// The entry, as `exemptions[0].resource`.
    pub entry: String,
    /// What it does, and what to write instead.
    pub says: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`: {}", self.place, self.entry, self.says)
    }
}

/// A way into the file.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Entry(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Item(usize),
}

impl Entry {
    pub(in crate::policy) fn of<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        Self(keys.into_iter().map(|key| Step::Key(key.to_owned())).collect())
    }

    fn setting(guardrail: &str, name: &str) -> Self {
        Self::of(["guardrails", guardrail, "settings", name])
    }

    pub(in crate::policy) fn key(&self, key: &str) -> Self {
        Self(self.0.iter().cloned().chain([Step::Key(key.to_owned())]).collect())
    }

    pub(in crate::policy) fn item(&self, at: usize) -> Self {
        Self(self.0.iter().cloned().chain([Step::Item(at)]).collect())
    }

    /// The value of the entry.
    fn node<'n>(&self, root: &'n Node) -> Option<&'n Node> {
        self.0.iter().try_fold(root, |node, step| match (step, &node.kind) {
            (Step::Key(name), _) => node.pair(name).map(|(_, value)| value),
            (Step::Item(at), Kind::Sequence { items, .. }) => items.get(*at),
            (Step::Item(_), Kind::Mapping { .. } | Kind::Scalar { .. } | Kind::Alias) => None,
        })
    }

    /// The place of the entry, or of the nearest that holds it where the file says it in another form (an alias).
    fn place(&self, text: &str, root: &Node) -> FilePlace {
        let (mut node, mut start) = (root, root.start);
        for step in &self.0 {
            let next = match (step, &node.kind) {
                (Step::Key(name), _) => node.pair(name).map(|(key, value)| (value, key.start)),
                (Step::Item(at), Kind::Sequence { items, .. }) => items.get(*at).map(|item| (item, item.start)),
                (Step::Item(_), Kind::Mapping { .. } | Kind::Scalar { .. } | Kind::Alias) => None,
            };
            match next {
                Some(found) => (node, start) = found,
                None => break,
            }
        }
        FilePlace::of(lines::number(text, start), lines::column(text, start) + 1)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}

/// What was found, before it has a place.
type Found = (Entry, String);

impl Policy {
    /// What the file `text`, which this policy was read from, may say and most likely does not mean, in the file's order.
    #[must_use]
    pub fn warnings(&self, text: &str, now: Timestamp) -> Vec<Warning> {
        let found =
            [networks::warnings(self), lists::warnings(self), modes::warnings(self), exemptions::warnings(self, now)];
        let found = found.into_iter().flatten().collect();
        located(text, found, |place, entry, says| Warning { place, entry: entry.to_string(), says })
    }
}

/// The place of a text of the entry `custom[at]` below these keys, and in the text where `inside` is a line and a column of it, each from 1.
pub(crate) fn place_in_custom<'k>(
    text: &str,
    at: usize,
    keys: impl Iterator<Item = &'k str>,
    source: &str,
    inside: Option<(usize, usize)>,
) -> FilePlace {
    let Some(root) = tree::read(text) else { return FilePlace::Whole };
    let entry = keys.fold(Entry::of(["custom"]).item(at), |entry, key| entry.key(key));
    let Some(node) = entry.node(&root) else { return entry.place(text, &root) };
    let written = text.get(node.start..node.range.end).unwrap_or_default();
    let (line, column) = inside.unwrap_or((1, 1));
    // Where the line of the expression stands in the file as it is, in a block or in quotes, the place is in it.
    let wanted = source.lines().nth(line - 1).unwrap_or_default();
    let before = source.lines().take(line - 1).filter(|line| *line == wanted).count();
    let found = written.match_indices(wanted).nth(before).filter(|_| !wanted.is_empty());
    let start = found.map_or(node.start, |(offset, _)| {
        let into = wanted.char_indices().nth(column - 1).map_or(wanted.len(), |(at, _)| at);
        node.start + offset + into
    });
    FilePlace::of(lines::number(text, start), lines::column(text, start) + 1)
}

/// What was found with its place in the file `text`, in the file's order.
pub(in crate::policy) fn located<T>(
    text: &str,
    found: Vec<(Entry, String)>,
    make: impl Fn(FilePlace, &Entry, String) -> T,
) -> Vec<T> {
    if found.is_empty() {
        return Vec::new();
    }
    let root = tree::read(text);
    let place = |entry: &Entry| root.as_ref().map_or(FilePlace::Whole, |root| entry.place(text, root));
    let mut placed: Vec<(FilePlace, Entry, String)> =
        found.into_iter().map(|(entry, says)| (place(&entry), entry, says)).collect();
    placed.sort_by_key(|(place, _, _)| *place);
    placed.into_iter().map(|(place, entry, says)| make(place, &entry, says)).collect()
}

/// Names in backticks, as many as a person reads.
fn quoted<T: fmt::Display>(names: &[T]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
