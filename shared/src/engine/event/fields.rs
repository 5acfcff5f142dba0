//! Reading a JSON object field by field, so that an error says which field is wrong and what was found.

use serde_json::{Map, Value};
use thiserror::Error;

/// Why a delivery cannot be read as an event.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EventError {
    /// The JSON itself does not parse.
    #[error("cannot read the event as JSON: {0}")]
    NotJson(String),
    /// A field that decides is not there.
    #[error("the event has no `{path}`: a CloudTrail record or an EventBridge envelope around one was expected")]
    Missing {
        /// Where, with dots.
        path: String,
    },
    /// A field has another JSON type than the one that AWS documents.
    #[error("`{path}` is {found}, expected {expected}")]
    WrongType {
        /// Where, with dots.
        path: String,
        /// What was asked for.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A field has the right type and a value that cannot be.
    #[error("`{path}` is `{value}`, which is not {expected}")]
    BadValue {
        /// Where, with dots.
        path: String,
        /// What is there, cut to a length that fits a log line.
        value: String,
        /// What was asked for.
        expected: &'static str,
    },
    /// The record claims an account or region other than the one that EventBridge delivered it from.
    #[error(
        "the record says {what} `{record}`, its envelope says `{envelope}`: refused, a forwarded event must not act elsewhere"
    )]
    Elsewhere {
        /// `account` or `region`.
        what: &'static str,
        /// The record's word.
        record: String,
        /// The envelope's word, which AWS sets.
        envelope: String,
    },
}

/// An object of the wire form and where it stands.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: &'a str,
}

impl<'a> Fields<'a> {
    /// The object `value`, which stands at `path`.
    ///
    /// # Errors
    /// [`EventError::WrongType`] when it is something else.
    pub fn of(value: &'a Value, path: &'a str) -> Result<Self, EventError> {
        match value {
            Value::Object(map) => Ok(Self { map, path }),
            other => Err(EventError::WrongType { path: name(path), expected: "an object", found: kind(other) }),
        }
    }

    /// The text of `key`; none when it is null or missing.
    ///
    /// # Errors
    /// [`EventError::WrongType`] when it is something else.
    pub fn text(&self, key: &str) -> Result<Option<&'a str>, EventError> {
        match self.map.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => {
                Err(EventError::WrongType { path: self.join(key), expected: "a string", found: kind(other) })
            }
        }
    }

    /// The text of `key`, which must be there and not be empty.
    ///
    /// # Errors
    /// [`EventError::Missing`] or [`EventError::WrongType`].
    pub fn required(&self, key: &str) -> Result<&'a str, EventError> {
        self.text(key)?.filter(|text| !text.is_empty()).ok_or_else(|| EventError::Missing { path: self.join(key) })
    }

    /// The raw value of `key`.
    #[must_use]
    pub fn raw(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    /// Where `key` stands, with dots.
    #[must_use]
    pub fn join(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

fn name(path: &str) -> String {
    if path.is_empty() { "the event".to_owned() } else { path.to_owned() }
}

/// The JSON type of `value`, with its article.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
