//! Everything that is wrong with a policy file at once.
//!
//! The reader stops at the first thing that is wrong. So the file is written out anew from its nodes, each on a line of its own,
//! without the entries that are known to be wrong, and read again until nothing is left to find: the reader itself says what is
//! wrong, and no second set of rules can differ from it.

use crate::policy::Policy;
use crate::policy::edit::lines;
use crate::policy::edit::tree;
use crate::policy::edit::tree::{Kind, Node};
use crate::policy::file::{FilePlace, PolicyError};
use granit_parser::ScalarStyle;
use serde_saphyr::Error as ParseError;
use std::collections::{BTreeMap, BTreeSet};

/// More than this is not a list that a person works through; a file is read once for each.
const MOST: usize = 100;

/// Where a node is: its position in its parent, and so on up to the root, which has none.
type Path = Vec<usize>;

/// Every problem of a file of which `first` is one.
pub(super) fn all(text: &str, first: PolicyError) -> Vec<PolicyError> {
    let Some(root) = tree::read(text) else { return vec![first] };
    let mut found: BTreeMap<(FilePlace, String), PolicyError> = BTreeMap::new();
    let mut outline = Outline { text, root: &root, left_out: BTreeSet::new(), filled_in: BTreeSet::new() };
    for _ in 0..MOST {
        let Some(written) = outline.write() else { break };
        let Err(error) = serde_saphyr::from_str::<Policy>(&written.yaml) else { break };
        let Some(line) = error.location().and_then(|at| written.line(at.line())) else { break };
        let wrong = outline.wrong(&error, line);
        if !outline.is_known(&error, &wrong) {
            let place = outline.place(wrong.start);
            let problem = PolicyError::at(text, place, &error);
            found.insert((place, problem.problem.clone()), problem);
        }
        if !outline.mend(&error, wrong) {
            break;
        }
    }
    if found.is_empty() { vec![first] } else { found.into_values().collect() }
}

/// The file without what is wrong in it.
struct Outline<'t> {
    text: &'t str,
    root: &'t Node,
    /// Entries of lists and mappings.
    left_out: BTreeSet<Path>,
    /// Keys that have to be in a mapping and are not, or are wrong there.
    filled_in: BTreeSet<(Path, &'static str)>,
}

/// What is put in the place of a key that is missing, so that the rest can be read.
const FILLERS: [(&str, &str); 7] = [
    ("version", "1"),
    ("guardrail", "snapshot-public"),
    ("resource", "x"),
    ("reason", "x"),
    ("owner", "x"),
    ("expires", "2000-01-01"),
    ("mode", "notify"),
];

/// A line of what was written, and where it is from.
struct Line {
    /// The byte of the file.
    start: usize,
    path: Path,
    is_key: bool,
}

/// What is wrong.
struct Wrong {
    start: usize,
    path: Path,
}

#[derive(Default)]
struct Written {
    yaml: String,
    lines: Vec<Line>,
}

impl Written {
    fn push(&mut self, text: &str, start: usize, path: &[usize]) {
        self.yaml.push_str(text);
        self.yaml.push('\n');
        self.lines.push(Line { start, path: path.to_vec(), is_key: false });
    }

    fn key(&mut self, key: &str, start: usize, path: &[usize]) {
        self.push(&format!("{key} :"), start, path);
        if let Some(line) = self.lines.last_mut() {
            line.is_key = true;
        }
    }

    fn line(&self, number: u64) -> Option<&Line> {
        self.lines.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }
}

impl Outline<'_> {
    /// Nothing where it cannot be written out: a key that is no text.
    fn write(&self) -> Option<Written> {
        let mut written = Written::default();
        self.node(self.root, &mut Path::new(), &mut written)?;
        Some(written)
    }

    fn node(&self, node: &Node, path: &mut Path, out: &mut Written) -> Option<()> {
        let properties = self.text.get(node.range.start..node.start)?.split_whitespace().collect::<Vec<_>>().join(" ");
        let properties = if properties.is_empty() { properties } else { properties + " " };
        match &node.kind {
            Kind::Scalar { value, style } => out.push(&(properties + &scalar(value, *style)), node.start, path),
            Kind::Alias => out.push(&(properties + self.text.get(node.start..node.range.end)? + " "), node.start, path),
            Kind::Sequence { items, .. } => {
                out.push(&(properties + "["), node.start, path);
                for (at, item) in items.iter().enumerate() {
                    path.push(at);
                    if !self.left_out.contains(path) {
                        self.node(item, path, out)?;
                        out.push(",", item.start, path);
                    }
                    path.pop();
                }
                out.push("]", node.start, path);
            }
            Kind::Mapping { pairs, .. } => {
                out.push(&(properties + "{"), node.start, path);
                for (_, field) in self.filled_in.iter().filter(|(of, _)| of == path) {
                    let filler = FILLERS.iter().find(|(name, _)| name == field).map(|(_, filler)| filler)?;
                    out.push(&format!("{field}: {filler},"), node.start, path);
                }
                for (at, (key, value)) in pairs.iter().enumerate() {
                    path.push(at);
                    if !self.left_out.contains(path) {
                        out.key(&self.key(key)?, key.start, path);
                        self.node(value, path, out)?;
                        out.push(",", value.start, path);
                    }
                    path.pop();
                }
                out.push("}", node.start, path);
            }
        }
        Some(())
    }

    fn key(&self, key: &Node) -> Option<String> {
        match &key.kind {
            Kind::Scalar { value, style } => Some(scalar(value, *style)),
            Kind::Alias => self.text.get(key.start..key.range.end).map(str::to_owned),
            Kind::Sequence { .. } | Kind::Mapping { .. } => None,
        }
    }

    /// The entry that is wrong. Where a key is missing that is the mapping, of which the reader names the first key.
    fn wrong(&self, error: &ParseError, line: &Line) -> Wrong {
        let is_missing = matches!(error.without_snippet(), ParseError::SerdeMissingField { .. });
        match line.path.split_last() {
            Some((_, parent)) if is_missing && line.is_key => {
                let start = self.at(parent).map_or(line.start, |node| node.start);
                Wrong { start, path: parent.to_vec() }
            }
            _ => Wrong { start: line.start, path: line.path.clone() },
        }
    }

    /// Whether the problem is only that something wrong was left out.
    fn is_known(&self, error: &ParseError, wrong: &Wrong) -> bool {
        let ParseError::SerdeMissingField { field, .. } = error.without_snippet() else { return false };
        let Some(Kind::Mapping { pairs, .. }) = self.at(&wrong.path).map(|node| &node.kind) else { return false };
        pairs.iter().enumerate().any(|(at, (key, _))| {
            let is_it = matches!(&key.kind, Kind::Scalar { value, .. } if value == field);
            is_it && self.left_out.contains(&[wrong.path.as_slice(), &[at]].concat())
        })
    }

    fn at(&self, path: &[usize]) -> Option<&Node> {
        path.iter().try_fold(self.root, |node, at| match &node.kind {
            Kind::Sequence { items, .. } => items.get(*at),
            Kind::Mapping { pairs, .. } => pairs.get(*at).map(|(_, value)| value),
            Kind::Scalar { .. } | Kind::Alias => None,
        })
    }

    /// Leaves out the entry that is wrong, or fills in what is missing. False when nothing can be done.
    fn mend(&mut self, error: &ParseError, wrong: Wrong) -> bool {
        match error.without_snippet() {
            ParseError::SerdeMissingField { field, .. } if FILLERS.iter().any(|(name, _)| name == field) => {
                self.filled_in.insert((wrong.path, field))
            }
            _ => !wrong.path.is_empty() && self.left_out.insert(wrong.path),
        }
    }

    fn place(&self, start: usize) -> FilePlace {
        FilePlace::of(lines::number(self.text, start), lines::column(self.text, start) + 1)
    }
}

/// A scalar that is read the same in braces: as it is where that is safe, else in quotes.
fn scalar(value: &str, style: ScalarStyle) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "_.+-/~".contains(c);
    let is_plain = matches!(style, ScalarStyle::Plain);
    if is_plain && value.is_empty() {
        "~".to_owned()
    } else if is_plain && (value == "<<" || (value.chars().all(is_safe) && !value.starts_with('-') || is_number(value)))
    {
        value.to_owned()
    } else {
        serde_json::to_string(value).unwrap_or_default()
    }
}

fn is_number(value: &str) -> bool {
    value.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests;
