//! What a step of a sweep is asked to do.

use crate::engine::observed::Place;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

/// One step of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The sweep's id: when it was begun, unless the order says otherwise. Delivered twice, a beginning is one sweep.
    pub id: String,
    /// When it was begun.
    pub begun: Timestamp,
    /// Which step this is, from 1.
    pub step: u32,
    /// Where to go on; none at the beginning.
    pub at: Option<Position>,
    /// The part of everything that it is about; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
}

/// Why a payload asks for no step of a sweep, or a step has no payload.
#[derive(Debug, Error)]
pub enum OrderError {
    /// It has another shape.
    #[error("a sweep's step: {0}")]
    Unreadable(#[source] serde_json::Error),
    /// When it was begun is no time.
    #[error("the sweep's `time` is no time: `{0}`")]
    NoTime(String),
    /// It was begun in the future: clocks do not differ so much.
    #[error("the sweep begins at {0}, which is still to come")]
    Ahead(Timestamp),
    /// It cannot be handed on.
    #[error("a sweep's step cannot be written as JSON: {0}")]
    Unwritable(#[source] serde_json::Error),
}

/// A part of what a function serves, for an invocation by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Only {
    /// The family's kind.
    pub kind: String,
    /// The account and region; none for all that the function goes to.
    pub place: Option<Place>,
}

/// A place in a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The family's kind.
    pub kind: String,
    /// The account and region.
    pub place: Place,
    /// Where the page begins; none for the first.
    pub from: Option<String>,
    /// How many resources of the page are done.
    #[serde(default)]
    pub done: usize,
    /// Which page of the kind it is there, from 1.
    pub page: u32,
}

/// No sweep outlives its day: the next one begins anew.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// One step a minute for a day: a schedule comes no sooner.
pub const MOST_STEPS: u32 = 1_440;
/// Clocks differ.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

impl Order {
    /// The beginning of a sweep.
    #[must_use]
    pub fn begin(now: Timestamp) -> Self {
        Self { id: now.to_string(), begun: now, step: 1, at: None, only: None }
    }

    /// The beginning of a sweep of one kind in one place.
    #[must_use]
    pub fn of_kind(kind: &str, place: Place, now: Timestamp) -> Self {
        Self { only: Some(Only { kind: kind.to_owned(), place: Some(place) }), ..Self::begin(now) }
    }

    /// Reads the order under `parapet`. The schedule's rule names the `time` for which it fired; without one it is now.
    ///
    /// # Errors
    /// [`OrderError`].
    pub fn read(own: &Value, now: Timestamp) -> Result<Self, OrderError> {
        if own.get("id").is_none() {
            let begun = match own.get("time").and_then(Value::as_str) {
                Some(time) => time.parse().map_err(|_| OrderError::NoTime(time.to_owned()))?,
                None => now,
            };
            let only =
                own.get("only").cloned().map(serde_json::from_value).transpose().map_err(OrderError::Unreadable)?;
            return Self { only, ..Self::begin(begun) }.checked(now);
        }
        serde_json::from_value::<Self>(own.clone()).map_err(OrderError::Unreadable)?.checked(now)
    }

    fn checked(self, now: Timestamp) -> Result<Self, OrderError> {
        if self.begun.duration_since(now) > AHEAD {
            return Err(OrderError::Ahead(self.begun));
        }
        Ok(self)
    }

    /// The payload that asks for it.
    ///
    /// # Errors
    /// [`OrderError::Unwritable`]: nothing is handed on that no function could read.
    pub fn payload(&self) -> Result<Value, OrderError> {
        let mut own = serde_json::to_value(self).map_err(OrderError::Unwritable)?;
        if let Some(map) = own.as_object_mut() {
            map.insert("task".to_owned(), "sweep".into());
        }
        Ok(json!({ "parapet": own }))
    }

    /// The step after this one, from `at` on.
    #[must_use]
    pub fn next(&self, at: Position) -> Self {
        Self { step: self.step.saturating_add(1), at: Some(at), ..self.clone() }
    }

    /// Whether its day is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.begun) > LONGEST || self.step > MOST_STEPS
    }
}

impl Position {
    /// The first page of a kind in a place.
    #[must_use]
    pub fn first(kind: &str, place: Place) -> Self {
        Self { kind: kind.to_owned(), place, from: None, done: 0, page: 1 }
    }

    /// The page after this one.
    #[must_use]
    pub fn page_from(&self, token: String) -> Self {
        Self { from: Some(token), done: 0, page: self.page.saturating_add(1), ..self.clone() }
    }
}
