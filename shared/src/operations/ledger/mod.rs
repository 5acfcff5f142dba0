//! The ledger: one entry a finding, so that it is notified once however often its event comes, and can be found again.
//!
//! Everything works without it. It is written after containment, never before: what stands in the way of a bookkeeping
//! call must not keep a hole open.

use crate::engine::finding::Finding;
use crate::engine::orders::{Orders, Scope, Stop};
use crate::engine::pipeline::Kept;
use crate::notify::fit::fit_finding;
use crate::notify::{Message, Notice, message, message_within};
use crate::policy::Exemption;
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use thiserror::Error;
use uuid::Uuid;

/// How long an entry is kept: long enough to take a finding back in the next quarter, and to answer the question about it.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 100);

/// The id of the heartbeat's item.
pub const HEARTBEAT: &str = "heartbeat";

/// How the 400 KB of an item ("Service, account, and table quotas" of DynamoDB) are shared out, in bytes: what takes a
/// finding back first, then the message, whose place is needed only until the topic has taken it, then what a reader looks
/// up. What is left is for the fields, the seals and the names.
const MOST_KEPT: usize = 140_000;
const MOST_MESSAGE: usize = 130_000;
const MOST_FINDING: usize = 90_000;
/// More than any ARN has.
const MOST_FIELD: usize = 2_048;

/// What is written about a finding.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The finding's id: the key.
    pub id: Uuid,
    /// What lists and filters need, by name.
    pub fields: Vec<(&'static str, String)>,
    /// The whole finding as JSON; without its states where they are too large.
    pub finding: String,
    /// What is needed to undo the finding, as JSON; none when nothing was done.
    pub kept: Option<String>,
    /// Why the ledger does not hold what is needed to undo it although something was done.
    pub not_kept: Option<String>,
    /// The message, to be sent now.
    pub message: Message,
    /// Its body as the ledger keeps it, to be sent again when the channel did not take the message: with less detail where the
    /// whole is too large for an item.
    pub body: String,
    /// There is no notification of it by itself: it is part of a burst.
    pub is_counted: bool,
    /// When it was written.
    pub written: Timestamp,
    /// When it may be forgotten.
    pub expires: Timestamp,
}

impl Entry {
    /// The entry for a finding, and its message.
    ///
    /// # Errors
    /// [`Unwritable`]: what could not be read again is not stored.
    pub fn new(finding: &Finding, now: Timestamp) -> Result<Self, Unwritable> {
        Self::of(finding, now, false)
    }

    /// The entry for a finding that a digest speaks for: rendering a message for it is time that a flood would take from others.
    ///
    /// # Errors
    /// [`Unwritable`], as [`Self::new`].
    pub fn counted(finding: &Finding, now: Timestamp) -> Result<Self, Unwritable> {
        Self::of(finding, now, true)
    }

    fn of(finding: &Finding, now: Timestamp, is_counted: bool) -> Result<Self, Unwritable> {
        let fields = [
            ("guardrail", finding.guardrail.name),
            ("resource", &finding.resource.id),
            ("account", &finding.place.account),
            ("region", &finding.place.region),
            ("severity", finding.severity.word()),
            ("verdict", finding.verdict.word()),
            ("outcome", finding.outcome.word()),
            ("event_id", &finding.cause.event_id),
            ("event_time", &finding.cause.time.to_string()),
            ("actor", &finding.cause.actor.label()),
        ];
        let fields = fields.map(|(name, value)| (name, field(value))).to_vec();
        let (kept, not_kept) = match Kept::of(finding).map(|kept| compact(&kept)) {
            None => (None, None),
            Some(Ok(kept)) => (Some(kept), None),
            Some(Err(why)) => (None, Some(why.to_string())),
        };
        let sent = match &not_kept {
            None => finding.clone(),
            Some(why) => with_note(finding, why),
        };
        let message = if is_counted { Message::in_digest() } else { message(&sent) };
        let body = if message.body.len() <= MOST_MESSAGE {
            message.body.clone()
        } else {
            message_within(&sent, MOST_MESSAGE).body
        };
        let finding = fit_finding(serde_json::to_value(&sent).map_err(Unwritable)?, MOST_FINDING);
        let expires = now + KEPT;
        Ok(Self { id: sent.id, fields, finding, kept, not_kept, message, body, is_counted, written: now, expires })
    }

    /// The entry for a notice, so that it is sent once.
    #[must_use]
    pub fn of_notice(notice: &Notice, now: Timestamp) -> Self {
        let fields = [
            ("guardrail", notice.guardrail),
            ("account", &notice.account),
            ("region", &notice.region),
            ("severity", notice.severity.word()),
            ("outcome", notice.kind),
        ];
        let fields = fields.map(|(name, value)| (name, field(value))).to_vec();
        let message = notice.message();
        let finding = serde_json::json!({ "title": notice.title, "says": notice.says });
        Self {
            id: notice.id(),
            fields,
            finding: fit_finding(finding, MOST_FINDING),
            kept: None,
            not_kept: None,
            body: message.body.clone(),
            message,
            is_counted: false,
            written: now,
            expires: now + KEPT,
        }
    }
}

/// The finding with one more thing to know.
#[must_use]
pub fn with_note(finding: &Finding, note: &str) -> Finding {
    let mut finding = finding.clone();
    finding.reasons.push(note.to_owned());
    finding
}

fn field(text: &str) -> String {
    if text.len() <= MOST_FIELD {
        return text.to_owned();
    }
    let end = (0..=MOST_FIELD).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}... (cut)", text.get(..end).unwrap_or_default())
}

/// A finding without an entry.
#[derive(Debug, Error)]
#[error("the finding cannot be written as JSON: {0}")]
pub struct Unwritable(#[source] serde_json::Error);

/// Why the ledger does not hold what undoes a finding, for its message.
#[derive(Debug, Error)]
enum NotKept {
    #[error("the undo steps cannot be stored: {0}")]
    Unwritable(#[source] serde_json::Error),
    #[error(
        "`parapet undo` cannot undo this: the undo steps have {bytes} bytes, more than the {MOST_KEPT} that the ledger \
         stores; use the commands in the message"
    )]
    TooLarge { bytes: usize },
}

/// The states give way where they are too large: without the one after acting, undoing asks for `--force`. The steps never do: half of them would
/// undo half of it.
fn compact(kept: &Kept) -> Result<String, NotKept> {
    let without_before = || Kept { before: None, ..kept.clone() };
    let shorter: [&dyn Fn() -> Kept; 3] =
        [&|| kept.clone(), &without_before, &|| Kept { after: None, ..without_before() }];
    let mut bytes = 0;
    for form in shorter {
        let text = serde_json::to_string(&form()).map_err(NotKept::Unwritable)?;
        if text.len() <= MOST_KEPT {
            return Ok(text);
        }
        bytes = text.len();
    }
    Err(NotKept::TooLarge { bytes })
}

/// What the ledger knew of a finding.
#[derive(Clone, Debug)]
pub enum EntryState {
    /// Nothing: it is written now.
    New,
    /// Nothing: it is written now, without a signature, for this reason.
    NewUnsigned(String),
    /// It was written, but the channel did not take this message.
    Unsent(Message),
    /// The channel was notified: nothing is left to say.
    Notified,
}

/// A ledger that did not answer, after the client's own attempts.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the ledger `{table}` does not answer (`{code}`): {message}")]
pub struct LedgerError {
    /// The table.
    pub table: String,
    /// AWS's error code.
    pub code: String,
    /// AWS's sentence.
    pub message: String,
}

/// Where findings are kept.
pub trait Ledger: Sync {
    /// Writes an entry unless there is one, in one call, so that of two processes with the same event one is first.
    fn enter(&self, entry: &Entry) -> impl Future<Output = Result<EntryState, LedgerError>> + Send;

    /// Notes that the channel has taken the message.
    fn notified(&self, id: Uuid, now: Timestamp) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

/// One raise of a counter by one, in one atomic write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The counter: one for each window of time.
    pub name: String,
    /// When it may be forgotten.
    pub expires: Timestamp,
    /// How many calls to AWS there were, to be added up as well.
    pub calls: u64,
}

impl Tally {
    /// A count without calls.
    #[must_use]
    pub fn one(name: String, expires: Timestamp) -> Self {
        Self { name, expires, calls: 0 }
    }
}

/// Where a counter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How often it was raised.
    pub count: u64,
    /// The calls in all.
    pub calls: u64,
}

/// Where what is done is counted, and stopped where it is too much.
pub trait Counters: Sync {
    /// Raises a counter by one and answers what it is then: no two callers see the same count.
    fn count(&self, tally: &Tally) -> impl Future<Output = Result<Counted, LedgerError>> + Send;

    /// What a counter is. Zero where there is none.
    fn counted(&self, name: &str) -> impl Future<Output = Result<Counted, LedgerError>> + Send;

    /// Writes a stop: every process writes the same one.
    fn stop(&self, stop: &Stop) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

/// What operating needs of the ledger: standing orders, findings to undo.
pub trait Book: Sync {
    /// The standing orders.
    fn orders(&self) -> impl Future<Output = Result<Orders, LedgerError>> + Send;

    /// Removes the stops of a guardrail in a scope. False when there was none.
    fn lift(&self, guardrail: &str, scope: &Scope) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Writes an exemption.
    fn exempt(&self, exemption: &Exemption) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// What is kept of a finding. None when there is no such finding; without steps when nothing was done.
    fn kept(&self, id: Uuid) -> impl Future<Output = Result<Option<Kept>, LedgerError>> + Send;

    /// Notes that a finding was undone.
    fn undone(&self, id: Uuid, now: Timestamp) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

#[cfg(test)]
mod tests;
