//! What a function may be handed: an event, an event that comes back later, findings of Security Hub, a step of a sweep, or the end of a burst.
//!
//! An event comes back because it was deferred, because its run failed and it is given back, or because EventBridge replays
//! an archive. Whatever comes back proves nothing: it carries `waited`, and only reads count. A message of a queue is
//! refused: no queue leads to a function.
//!
//! Shapes: "Adding a destination" (the record of an asynchronous invocation) in the AWS Lambda developer guide, "Archiving
//! and replaying events" (`replay-name`) in the Amazon EventBridge user guide; everything under the key `parapet` is this
//! project's own.

use crate::engine::hint;
use crate::engine::hint::{Detector, Hints};
use crate::operations::bursts::{Burst, BurstError};
use crate::operations::sweeps::{Order, OrderError};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use thiserror::Error;

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Handle this event.
    Event(Box<Delivery>),
    /// Go on with a sweep, or begin one.
    Sweep(Box<Order>),
    /// Say how a burst ended.
    Burst(Box<Burst>),
    /// Look at what findings of Security Hub name.
    Hints(Box<Hinted>),
    /// Show that everything on the way is there: the schedule of the function's own rule.
    Heartbeat,
}

/// Findings of Security Hub or another detector, and the event that brought them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hinted {
    /// The event's id.
    pub event_id: String,
    /// What they say.
    pub hints: Hints,
    /// The event, for another try.
    pub payload: Value,
}

impl Hinted {
    /// What an event says.
    #[must_use]
    pub fn new(hints: Hints, payload: Value) -> Self {
        let event_id = payload.get("id").and_then(Value::as_str).unwrap_or("unnamed").to_owned();
        Self { event_id, hints, payload }
    }
}

/// An event, and its history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delivery {
    /// What EventBridge delivered.
    pub payload: Value,
    /// Why it comes late, when it does.
    pub waited: Option<String>,
    /// How often it was deferred.
    pub attempt: u32,
    /// When it was deferred for the first time: grace periods count from here.
    pub since: Option<Timestamp>,
}

/// A payload that is neither an event nor an order that this version understands.
#[derive(Debug, Error)]
pub enum TaskError {
    /// It comes from a queue.
    #[error(
        "a payload that cannot be read: messages of a queue: no queue leads to a function of Parapet. Remove the event source \
         mapping that sent them, and find out who made it"
    )]
    OfAQueue,
    /// It asks for no step of a sweep that could be run.
    #[error("a payload that cannot be read: {0}")]
    Sweep(#[from] OrderError),
    /// It hands over no burst.
    #[error("a payload that cannot be read: {0}")]
    Burst(#[from] BurstError),
    /// It brings an event back, and has none.
    #[error("a payload that cannot be read: `later` without an `event`")]
    NoEvent,
    /// Another version's task.
    #[error("a payload that cannot be read: task `{0}` is unknown")]
    Unknown(String),
    /// It is Parapet's own, and asks for nothing.
    #[error("a payload that cannot be read: `parapet` names no `task`")]
    NoTask,
}

/// A payload that is too large for a schedule, even without its documents.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("it is {whole} bytes long, {cut} without its documents, and a schedule takes {most}")]
pub struct TooLarge {
    /// Bytes of the whole.
    pub whole: usize,
    /// Bytes of what is left.
    pub cut: usize,
    /// How many there may be.
    pub most: usize,
}

/// The longest chain of deferrals for one event: two hours of two minutes each. A database that is not ready by then needs
/// a person.
pub const MOST_ATTEMPTS: u32 = 60;

/// A record of a failed run that holds a record of a failed run, and so on, was made by hand.
const MOST_WRAPPERS: usize = 4;

/// Reads what was handed over. What is none of this project's own payloads is an event, whatever it is: reading that is the
/// event's business.
///
/// # Errors
/// [`TaskError`] for a message of a queue, and for a payload under `parapet` that cannot be read.
pub fn read(payload: Value, now: Timestamp) -> Result<Task, TaskError> {
    if is_of_a_queue(&payload) {
        return Err(TaskError::OfAQueue);
    }
    let was = payload.get("requestPayload").is_some();
    let payload = unwrapped(payload);
    if let Some(own) = payload.get("parapet") {
        return own_task(own, now);
    }
    if is_heartbeat(&payload) {
        return Ok(Task::Heartbeat);
    }
    // GuardDuty's are events as well, and which of both is the function's business.
    let is_event = hint::detector(&payload) == Some(Detector::GuardDuty);
    if !is_event && let Some(hints) = hint::hints(&payload) {
        return Ok(Task::Hints(Box::new(Hinted::new(hints, payload))));
    }
    let is_replayed = payload.get("replay-name").is_some();
    let waited = if is_replayed {
        Some("EventBridge replays it from an archive")
    } else {
        was.then_some("an earlier run of it failed")
    };
    Ok(Task::Event(Box::new(Delivery { payload, waited: waited.map(str::to_owned), ..Delivery::default() })))
}

/// "Scheduled events" (Amazon EventBridge user guide). Only EventBridge may put an event of such a source on a bus.
fn is_heartbeat(payload: &Value) -> bool {
    payload.get("source").is_some_and(|source| source == "aws.events")
        && payload.get("detail-type").is_some_and(|kind| kind == "Scheduled Event")
}

fn is_of_a_queue(payload: &Value) -> bool {
    let records = payload.get("Records").and_then(Value::as_array);
    records.is_some_and(|records| records.iter().any(|one| one.get("eventSource").is_some_and(|of| of == "aws:sqs")))
}

fn own_task(own: &Value, now: Timestamp) -> Result<Task, TaskError> {
    match own.get("task").and_then(Value::as_str) {
        Some("sweep") => Ok(Task::Sweep(Box::new(Order::read(own, now)?))),
        Some("burst") => Ok(Task::Burst(Box::new(Burst::read(own)?))),
        Some("later") => {
            let event = own.get("event").cloned().ok_or(TaskError::NoEvent)?;
            let text = |key: &str| own.get(key).and_then(Value::as_str);
            let attempt = own.get("attempt").and_then(Value::as_u64).unwrap_or(1);
            Ok(Task::Event(Box::new(Delivery {
                payload: unwrapped(event),
                waited: Some(text("why").unwrap_or("it was deferred").to_owned()),
                attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
                // A time that is still to come would make a grace period endless.
                since: text("since").and_then(|text| text.parse().ok()).filter(|since| *since <= now),
            })))
        }
        Some(other) => Err(TaskError::Unknown(other.to_owned())),
        None => Err(TaskError::NoTask),
    }
}

/// The event in the record of an invocation that failed; anything else as it is.
#[must_use]
pub fn unwrapped(mut payload: Value) -> Value {
    for _ in 0..MOST_WRAPPERS {
        let is_failure = payload.get("requestContext").is_some() && payload.get("requestPayload").is_some();
        match payload.get_mut("requestPayload").filter(|_| is_failure) {
            Some(inner) => payload = inner.take(),
            None => break,
        }
    }
    payload
}

/// What brings a dead letter back: an event as a deferred one, a step of a sweep as it was.
///
/// # Errors
/// [`TaskError`] for what no function takes.
pub fn given_back(letter: Value, now: Timestamp) -> Result<Value, TaskError> {
    Ok(match read(letter, now)? {
        // A person has looked at it: the chain of deferrals begins anew.
        Task::Event(delivery) => Delivery { attempt: 0, ..*delivery }.deferred("given back from the dead letters", now),
        Task::Sweep(order) => order.payload()?,
        Task::Burst(burst) => burst.payload(),
        // What they name is read anew in any case.
        Task::Hints(hinted) => hinted.payload,
        // One that is late shows nothing that the next does not.
        Task::Heartbeat => return Err(TaskError::Unknown("heartbeat".to_owned())),
    })
}

impl Delivery {
    /// The payload that brings the event back.
    #[must_use]
    pub fn deferred(&self, why: &str, now: Timestamp) -> Value {
        json!({ "parapet": {
            "task": "later", "event": self.payload, "why": why, "attempt": self.attempt.saturating_add(1),
            "since": self.since.unwrap_or(now).to_string(),
        } })
    }

    /// The record's `eventID`, else the envelope's: the same for each delivery of an event.
    #[must_use]
    pub fn event_id(&self) -> &str {
        let text = |path: &str| self.payload.pointer(path).and_then(Value::as_str);
        text("/detail/eventID").or_else(|| text("/id")).unwrap_or("unnamed")
    }
}

/// A string of a record that is longer than this is a document, and no name of a resource.
const LONGEST_NAME: usize = 1_024;
const CUT: &str = "(cut: too long for a schedule)";

/// The payload as text of at most `most` bytes. A deferred event proves nothing and names what is to be read: of one that is
/// too large, first the documents in its request are left out, then its response.
///
/// # Errors
/// [`TooLarge`] when it is too large even so.
pub fn fitted(payload: &Value, most: usize) -> Result<String, TooLarge> {
    let whole = payload.to_string();
    if whole.len() <= most {
        return Ok(whole);
    }
    let mut smaller = payload.clone();
    let detail = smaller.pointer_mut("/parapet/event/detail").and_then(Value::as_object_mut);
    if let Some(detail) = detail {
        cut_documents(detail);
        if payload_len(&smaller) > most
            && let Some(response) = smaller.pointer_mut("/parapet/event/detail/responseElements")
        {
            *response = json!({"omitted": true, "reason": "too large for a schedule"});
        }
    }
    let text = smaller.to_string();
    if text.len() <= most {
        return Ok(text);
    }
    Err(TooLarge { whole: whole.len(), cut: text.len(), most })
}

fn payload_len(payload: &Value) -> usize {
    payload.to_string().len()
}

fn cut_documents(detail: &mut Map<String, Value>) {
    for key in ["requestParameters", "responseElements", "additionalEventData"] {
        if let Some(value) = detail.get_mut(key) {
            cut(value);
        }
    }
}

fn cut(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > LONGEST_NAME => CUT.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(cut),
        Value::Object(map) => map.values_mut().for_each(cut),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests;
