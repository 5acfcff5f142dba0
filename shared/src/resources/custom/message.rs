//! What a notification says: text with expressions in braces.

use super::evaluate::{Scope, shown};
use super::expression::{Compiled, Fault, Wants};
use std::collections::BTreeSet;

/// A message, read.
#[derive(Debug)]
pub(super) struct Message(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Value(Compiled),
}

/// What stands for a value that the record does not have, or that cannot be evaluated over it.
const UNKNOWN: &str = "(unknown)";

impl Message {
    /// Reads `text`: `{expression}` stands for its value, `{{` and `}}` for braces.
    pub(super) fn of(text: &str, settings: &BTreeSet<&str>) -> Result<Self, Fault> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, behind) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = ["{{", "}}"].iter().find_map(|brace| behind.strip_prefix(brace)) {
                plain.extend(behind.chars().next());
                rest = after;
                continue;
            }
            let Some((source, after)) = behind.strip_prefix('{').and_then(|inner| inner.split_once('}')) else {
                return Err(Fault::new(
                    "a brace of the message has no other one: `{actor.name}` stands for a value, `{{` for a brace",
                ));
            };
            let read = Compiled::of(source, Wants::Text, settings);
            let read =
                read.map_err(|fault| Fault { at: None, says: format!("`{{{source}}}`: {}", fault.says), ..fault })?;
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Value(read));
            rest = after;
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Ok(Self(pieces))
    }

    /// The message of a record. What it shows of the record is text that a caller may have chosen: each channel escapes it.
    pub(super) fn says(&self, scope: &Scope) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(expression) => {
                scope.value(expression).ok().and_then(|value| shown(&value)).unwrap_or_else(|| UNKNOWN.to_owned())
            }
        };
        self.0.iter().map(piece).collect()
    }
}
