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
struct Entry(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Item(usize),
}

impl Entry {
    fn of<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        Self(keys.into_iter().map(|key| Step::Key(key.to_owned())).collect())
    }

    fn setting(guardrail: &str, name: &str) -> Self {
        Self::of(["guardrails", guardrail, "settings", name])
    }

    fn key(&self, key: &str) -> Self {
        Self(self.0.iter().cloned().chain([Step::Key(key.to_owned())]).collect())
    }

    fn item(&self, at: usize) -> Self {
        Self(self.0.iter().cloned().chain([Step::Item(at)]).collect())
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
        let root = tree::read(text);
        let place = |entry: &Entry| root.as_ref().map_or(FilePlace::Whole, |root| entry.place(text, root));
        let located = found.into_iter().flatten().map(|(entry, says)| Warning {
            place: place(&entry),
            entry: entry.to_string(),
            says,
        });
        let mut warnings: Vec<Warning> = located.collect();
        warnings.sort_by_key(|warning| warning.place);
        warnings
    }
}

/// Names in backticks, as many as a person reads.
fn quoted<T: fmt::Display>(names: &[T]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
