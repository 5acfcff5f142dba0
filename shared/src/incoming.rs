//! What a function may be handed: an event, or a message of its own queue, which holds an event that was put off, one that
//! failed and is tried again, or a page of a sweep.
//!
//! Shapes: "Using Lambda with Amazon SQS" and "Adding a destination" (the record of an asynchronous invocation) in the AWS
//! Lambda developer guide; everything under the key `parapet` is this project's own.

use crate::model::Place;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// Handle this event.
    Event(Box<Delivery>),
    /// Begin a sweep: one page message for each family and each account and region.
    Sweep,
    /// Walk through one page of a sweep.
    Page(PageOrder),
}

/// An event, and its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// What EventBridge delivered.
    pub payload: Value,
    /// Why it was put off, when it was.
    pub waited: Option<String>,
    /// How often it was put off.
    pub attempt: u32,
}

/// One page of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageOrder {
    /// The family's kind.
    pub kind: String,
    /// The account and region.
    pub place: Place,
    /// Where the page begins; none for the first.
    pub from: Option<String>,
    /// Which page it is, from 1.
    pub number: u32,
}

/// A message of a queue, by its id.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// `messageId`: what could not be done is answered by it.
    pub id: String,
    /// What it asks for, or why that cannot be read.
    pub task: Result<Task, TaskError>,
}

/// A message under `parapet` that this version does not understand.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("a message that cannot be read: {0}")]
pub struct TaskError(pub String);

/// What was handed over.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// One thing.
    One(Task),
    /// Messages of a queue.
    Batch(Vec<Queued>),
}

/// The longest chain of waits for one event: two hours of two minutes each. A database that is not ready by then needs a
/// person.
pub const MOST_ATTEMPTS: u32 = 60;

/// Reads what was handed over. What is neither a batch nor one of this project's own messages is an event, whatever it is:
/// reading that is the event's business.
///
/// # Errors
/// [`TaskError`] for a message under `parapet` that cannot be read.
pub fn read(payload: Value) -> Result<Incoming, TaskError> {
    let records = payload.get("Records").and_then(Value::as_array).filter(|records| {
        !records.is_empty()
            && records.iter().all(|record| record.get("eventSource").is_some_and(|source| source == "aws:sqs"))
    });
    let Some(records) = records else { return task(payload).map(Incoming::One) };
    let queued = records.iter().map(|record| {
        let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
        let body =
            serde_json::from_str(text("body")).map_err(|error| TaskError(format!("its body is no JSON: {error}")));
        Queued { id: text("messageId").to_owned(), task: body.and_then(task) }
    });
    Ok(Incoming::Batch(queued.collect()))
}

fn task(payload: Value) -> Result<Task, TaskError> {
    let Some(own) = payload.get("parapet") else {
        return Ok(Task::Event(Box::new(Delivery { payload: unwrapped(payload), waited: None, attempt: 0 })));
    };
    let unreadable = |error: serde_json::Error| TaskError(error.to_string());
    match own.get("task").and_then(Value::as_str) {
        Some("sweep") => Ok(Task::Sweep),
        Some("page") => serde_json::from_value(own.clone()).map(Task::Page).map_err(unreadable),
        Some("later") => {
            let event = own.get("event").cloned().ok_or_else(|| TaskError("`later` without an `event`".to_owned()))?;
            let why = own.get("why").and_then(Value::as_str).unwrap_or("it was put off");
            let attempt = own.get("attempt").and_then(Value::as_u64).unwrap_or(1);
            Ok(Task::Event(Box::new(Delivery {
                payload: event,
                waited: Some(why.to_owned()),
                attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
            })))
        }
        Some(other) => Err(TaskError(format!("task `{other}` is unknown"))),
        None => Err(TaskError("`parapet` names no `task`".to_owned())),
    }
}

/// The event in the record of an invocation that failed; anything else as it is.
#[must_use]
pub fn unwrapped(payload: Value) -> Value {
    let is_failure = payload.get("requestContext").is_some() && payload.get("requestPayload").is_some();
    if !is_failure {
        return payload;
    }
    payload.get("requestPayload").cloned().unwrap_or(payload)
}

impl Delivery {
    /// The message that brings the event back.
    #[must_use]
    pub fn later(&self, why: &str) -> Value {
        json!({ "parapet": {
            "task": "later", "event": self.payload, "why": why, "attempt": self.attempt.saturating_add(1),
        } })
    }
}

impl PageOrder {
    /// The message that asks for the page.
    #[must_use]
    pub fn message(&self) -> Value {
        let mut own = serde_json::to_value(self).unwrap_or_default();
        if let Some(map) = own.as_object_mut() {
            map.insert("task".to_owned(), "page".into());
        }
        json!({ "parapet": own })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(payload: Value) -> Task {
        match read(payload) {
            Ok(Incoming::One(task)) => task,
            other => panic!("{other:?}"),
        }
    }

    fn event() -> Value {
        json!({"detail-type": "AWS API Call via CloudTrail", "detail": {"eventID": "e"}})
    }

    #[test]
    fn an_event_is_handled_as_it_is() {
        let Task::Event(delivery) = one(event()) else { panic!("no event") };
        assert_eq!(*delivery, Delivery { payload: event(), waited: None, attempt: 0 });
    }

    #[test]
    fn what_was_put_off_comes_back_with_its_reason() {
        let delivery = Delivery { payload: event(), waited: None, attempt: 0 };
        let Task::Event(back) = one(delivery.later("grace")) else { panic!("no event") };
        assert_eq!(*back, Delivery { payload: event(), waited: Some("grace".to_owned()), attempt: 1 });
        let Task::Event(again) = one(back.later("grace")) else { panic!("no event") };
        assert_eq!(again.attempt, 2);
    }

    #[test]
    fn a_failed_run_gives_its_event_back() {
        let failed =
            json!({"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": event()});
        let Task::Event(delivery) = one(failed) else { panic!("no event") };
        assert_eq!(delivery.payload, event());
    }

    #[test]
    fn a_page_is_what_was_asked_for() {
        let place =
            Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: "eu-west-1".to_owned() };
        let order = PageOrder { kind: "security-group".to_owned(), place, from: Some("t".to_owned()), number: 3 };
        assert_eq!(one(order.message()), Task::Page(order));
    }

    #[test]
    fn a_batch_is_read_message_by_message() {
        let message = |id: &str, body: &str| json!({"eventSource": "aws:sqs", "messageId": id, "body": body});
        let sweep = json!({"parapet": {"task": "sweep"}}).to_string();
        let batch =
            json!({"Records": [message("a", &sweep), message("b", "no json"), message("c", "{\"parapet\": {}}")]});
        let Ok(Incoming::Batch(queued)) = read(batch) else { panic!("no batch") };
        assert_eq!(queued[0], Queued { id: "a".to_owned(), task: Ok(Task::Sweep) });
        assert!(queued[1].task.as_ref().unwrap_err().0.contains("no JSON"));
        assert_eq!(queued[2].task.as_ref().unwrap_err().0, "`parapet` names no `task`");
    }

    #[test]
    fn records_of_another_source_are_not_a_batch() {
        let payload = json!({"Records": [{"eventSource": "aws:s3"}]});
        assert!(matches!(one(payload), Task::Event(_)));
    }
}
