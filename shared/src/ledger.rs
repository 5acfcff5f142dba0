//! The ledger: one entry a finding, so that it is told once however often its event comes, and can be found again.
//!
//! Everything works without it. It is written after containment, never before: what stands in the way of a bookkeeping
//! call must not keep a hole open.

use crate::finding::Finding;
use crate::notify::{Message, Notice};
use crate::orders::{Orders, Scope, Stop};
use crate::pipeline::Kept;
use crate::policy::Exemption;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::future::Future;
use thiserror::Error;
use uuid::Uuid;

/// How long an entry is kept: long enough to take a finding back in the next quarter, and to answer the question about it.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 100);

/// The largest finding that is kept whole, in bytes of JSON: DynamoDB's items end at 400 KB, the message beside it may take
/// 256.
const MOST: usize = 100_000;

/// What is written about a finding.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The finding's id: the key.
    pub id: Uuid,
    /// What lists and filters need, by name.
    pub fields: Vec<(&'static str, String)>,
    /// The whole finding as JSON; without its states where they are too large.
    pub finding: String,
    /// What is needed to take the finding back, as JSON; none when nothing was done.
    pub kept: Option<String>,
    /// The message, to be sent again as it was when the channel did not take it.
    pub message: Message,
    /// Nobody is notified of it by itself: it is part of a burst.
    pub is_counted: bool,
    /// When it was written.
    pub written: Timestamp,
    /// When it may be forgotten.
    pub expires: Timestamp,
}

impl Entry {
    /// The entry for a finding whose message is `message`.
    #[must_use]
    pub fn new(finding: &Finding, message: Message, now: Timestamp) -> Self {
        let fields = vec![
            ("guardrail", finding.guardrail.name.to_owned()),
            ("resource", finding.resource.id.clone()),
            ("account", finding.place.account.clone()),
            ("region", finding.place.region.clone()),
            ("severity", finding.severity.word().to_owned()),
            ("verdict", finding.verdict.to_owned()),
            ("outcome", finding.outcome.word().to_owned()),
            ("event_id", finding.cause.event_id.clone()),
            ("event_time", finding.cause.time.to_string()),
            ("actor", finding.cause.actor.label()),
        ];
        Self {
            id: finding.id,
            fields,
            finding: whole(finding),
            kept: Kept::of(finding).map(|kept| compact(&kept)),
            message,
            is_counted: false,
            written: now,
            expires: now + KEPT,
        }
    }
}

impl Entry {
    /// The entry for a notice, so that it is told once.
    #[must_use]
    pub fn of_notice(notice: &Notice, message: Message, now: Timestamp) -> Self {
        let fields = vec![
            ("guardrail", notice.guardrail.to_owned()),
            ("account", notice.account.clone()),
            ("region", notice.region.clone()),
            ("severity", notice.severity.word().to_owned()),
            ("outcome", notice.kind.to_owned()),
        ];
        let finding = serde_json::json!({ "title": notice.title, "says": notice.says }).to_string();
        Self {
            id: notice.id(),
            fields,
            finding,
            kept: None,
            message,
            is_counted: false,
            written: now,
            expires: now + KEPT,
        }
    }
}

/// The state after acting gives way where it is too large: then taking back asks for `--force`.
fn compact(kept: &Kept) -> String {
    let text = serde_json::to_string(kept).unwrap_or_default();
    if text.len() <= MOST {
        return text;
    }
    serde_json::to_string(&Kept { after: None, ..kept.clone() }).unwrap_or_default()
}

fn whole(finding: &Finding) -> String {
    let mut value = serde_json::to_value(finding).unwrap_or_default();
    let text = value.to_string();
    if text.len() <= MOST {
        return text;
    }
    for state in ["before", "after"] {
        if let Some(slot) = value.get_mut(state) {
            *slot = Value::String("left out: too large for the ledger".to_owned());
        }
    }
    value.to_string()
}

/// What the ledger knew of a finding.
#[derive(Clone, Debug)]
pub enum Standing {
    /// Nothing: it is written now.
    New,
    /// It was written, but the channel did not take this message.
    Untold(Message),
    /// It was told: nothing is left to say.
    Told,
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
    fn enter(&self, entry: &Entry) -> impl Future<Output = Result<Standing, LedgerError>> + Send;

    /// Notes that the channel has taken the message.
    fn told(&self, id: Uuid, now: Timestamp) -> impl Future<Output = Result<(), LedgerError>> + Send;
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

    /// Writes a stop: the same one whoever writes it.
    fn stop(&self, stop: &Stop) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

/// What operating needs of the ledger: standing orders, findings to take back.
pub trait Book: Sync {
    /// The standing orders.
    fn orders(&self) -> impl Future<Output = Result<Orders, LedgerError>> + Send;

    /// Takes away the stops of a guardrail in a scope. False when there was none.
    fn lift(&self, guardrail: &str, scope: &Scope) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// Writes an exemption.
    fn exempt(&self, exemption: &Exemption) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Takes an exemption away. False when there was none.
    fn end_exemption(&self, exemption: &Exemption) -> impl Future<Output = Result<bool, LedgerError>> + Send;

    /// What is kept of a finding. None when there is no such finding; without steps when nothing was done.
    fn kept(&self, id: Uuid) -> impl Future<Output = Result<Option<Kept>, LedgerError>> + Send;

    /// Notes that a finding was taken back.
    fn undone(&self, id: Uuid, now: Timestamp) -> impl Future<Output = Result<(), LedgerError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::message;
    use crate::notify::sample;

    /// DynamoDB's limit for an item, names and values together.
    const ITEM: usize = 400 * 1024;

    fn size(entry: &Entry) -> usize {
        let fields: usize = entry.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        let attributes: usize = entry.message.attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
        fields + attributes + entry.finding.len() + entry.message.subject.len() + entry.message.body.len()
    }

    #[test]
    fn an_entry_holds_the_finding_and_what_lists_ask_for() {
        let finding = sample::remediated();
        let entry = Entry::new(&finding, message(&finding), finding.times.received);
        let value: Value = serde_json::from_str(&entry.finding).unwrap();
        assert_eq!(value["id"], finding.id.to_string());
        assert_eq!(value["before"], finding.before);
        assert!(entry.fields.contains(&("outcome", "remediated".to_owned())));
        assert_eq!(entry.expires, finding.times.received + KEPT);
    }

    #[test]
    fn a_huge_state_is_left_out_and_the_item_fits() {
        let mut finding = sample::remediated();
        finding.before = Value::String("x".repeat(5_000_000));
        let entry = Entry::new(&finding, message(&finding), finding.times.received);
        let value: Value = serde_json::from_str(&entry.finding).unwrap();
        assert_eq!(value["before"], "left out: too large for the ledger");
        assert!(size(&entry) < ITEM, "{}", size(&entry));
    }
}
