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

mod deleted;
mod power;
mod reach;

use serde_json::Value;

use super::document::{Document, Statement};
use super::edit::{Edit, Step};
use super::json;

pub use deleted::without_deleted;
pub use power::repair_power;
pub use reach::{repair_grants, repair_reach};

/// A list of thousands of accounts is not thinned out one by one: then the statement goes.
const MOST_EDITS: usize = 500;

/// A document that needs more rounds than this is not repaired but reported.
const MOST_ROUNDS: usize = 200;

/// What to do about a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Remedy {
    /// It violates nothing that is known.
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
            Value::Bool(_) | Value::Number(_) => items.get(index)?.to_string().as_str() == text,
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        };
        let path = list.iter().cloned().chain([Step::Element(index)]).collect();
        is_there.then_some(Edit::Remove(path))
    });
    edits.collect()
}
