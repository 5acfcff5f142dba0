//! What of the table is signed, and what of it is believed.

use crate::aws::dynamodb::{Item, Table, text};
use crate::aws::kms::Keys;
use crate::engine::unavailable::Unavailable;
use crate::operations::ledger::LedgerError;
use crate::operations::signature::{Claim, Doubt, Kind, Trust, check, seal};
use crate::policy::Until;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// The attribute that carries an item's seal.
pub(super) const SEAL: &str = "seal";
/// What is added to a finding's item later, each with a seal of its own. Everything else in an item is under its seal.
pub(super) const NOTIFIED: &str = "told";
pub(super) const UNDONE: &str = "undone";
pub(super) const NOTIFIED_SEAL: &str = "told_seal";
const UNDONE_SEAL: &str = "undone_seal";
const LATER: [&str; 5] = [SEAL, NOTIFIED, NOTIFIED_SEAL, UNDONE, UNDONE_SEAL];

/// More items that are not believed than these are not remembered: a principal that can write could write without end.
const MOST_DOUBTS: usize = 256;

/// The keys, and what was not believed since anybody asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Sealing {
    pub(super) keys: Option<Arc<Keys>>,
    doubts: Arc<Mutex<Doubts>>,
}

#[derive(Debug, Default)]
struct Doubts {
    /// What this process has said already: orders are read every minute.
    known: BTreeMap<String, Trust>,
    new: Vec<Doubt>,
}

/// Something that is about an item, without the item.
pub(super) struct Words<'a> {
    pub(super) kind: Kind,
    pub(super) key: &'a str,
    pub(super) about: About<'a>,
    pub(super) expires: i64,
    pub(super) payload: &'a [&'a str],
}

/// Account, region and resource.
#[derive(Clone, Copy, Default)]
pub(super) struct About<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) resource: &'a str,
}

impl Table {
    /// The same table, whose items are signed with these keys and believed only when they are.
    #[must_use]
    pub fn sealed_with(mut self, keys: Option<Keys>) -> Self {
        self.sealing.keys = keys.map(Arc::new);
        self
    }

    /// Whether items are signed here.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.sealing.keys.is_some()
    }

    /// What was read and not believed since the last time that this was asked; each item once.
    #[must_use]
    pub fn doubts(&self) -> Vec<Doubt> {
        std::mem::take(&mut self.sealing.doubts.lock().unwrap_or_else(PoisonError::into_inner).new)
    }

    fn doubt(&self, item: &str, trust: &Trust) {
        if trust.is_believed() || matches!(trust, Trust::Ended) {
            return;
        }
        let mut doubts = self.sealing.doubts.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = doubts.known.get(item).is_some_and(|known| known == trust);
        if is_known || doubts.known.len() >= MOST_DOUBTS {
            return;
        }
        doubts.known.insert(item.to_owned(), trust.clone());
        doubts.new.push(Doubt { item: item.to_owned(), trust: trust.clone() });
    }

    fn claim<'a>(&'a self, words: &Words<'a>, version: i64) -> Claim<'a> {
        let Words { kind, key, about: About { account, region, resource }, expires, payload } = *words;
        Claim { kind, table: &self.name, key, account, region, resource, version, expires, payload }
    }

    /// The seal of what is written now. None where nothing is signed.
    pub(super) async fn seal(&self, words: &Words<'_>, now: Timestamp) -> Result<Option<AttributeValue>, Unavailable> {
        let Some(keys) = &self.sealing.keys else { return Ok(None) };
        let seal = seal(&**keys, &self.claim(words, now.as_millisecond())).await?;
        Ok(Some(text(seal)))
    }

    /// What is to be thought of what was read.
    pub(super) async fn trust(&self, words: &Words<'_>, seal: Option<&AttributeValue>) -> Trust {
        let Some(keys) = &self.sealing.keys else { return Trust::NotAsked };
        let seal = seal.and_then(|seal| seal.as_s().ok());
        let trust = check(&**keys, self.claim(words, 0), seal.map(String::as_str), Timestamp::now()).await;
        self.doubt(words.key, &trust);
        trust
    }

    /// The same for a finding's item or a notice's.
    pub(super) async fn trust_item(&self, id: &str, item: &Item) -> Trust {
        let parts = parts(item);
        let payload: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.trust(&of_item(id, item, &payload), item.get(SEAL)).await
    }

    /// The seal of a finding's item or a notice's, all of it.
    pub(super) async fn seal_item(
        &self,
        id: &str,
        item: &Item,
        now: Timestamp,
    ) -> Result<Option<AttributeValue>, Unavailable> {
        let parts = parts(item);
        let payload: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.seal(&of_item(id, item, &payload), now).await
    }

    /// Whether what was added to a finding later (that it was notified, or undone) is there and believed: when it was.
    pub(super) async fn mark(&self, kind: Kind, id: &str, item: &Item) -> Option<Timestamp> {
        let (name, seal) = names(kind);
        let at = item.get(name)?.as_s().ok()?;
        let when: Timestamp = at.parse().ok()?;
        let words = of_mark(kind, id, at, when);
        self.trust(&words.words(), item.get(seal)).await.is_believed().then_some(when)
    }

    /// The seal of what is added at `at`.
    pub(super) async fn seal_mark(
        &self,
        kind: Kind,
        id: &str,
        at: &str,
        when: Timestamp,
    ) -> Result<Option<AttributeValue>, Unavailable> {
        self.seal(&of_mark(kind, id, at, when).words(), when).await
    }

    /// Adds it, with its seal where it can be made. Without one it is there for a reader, and decides nothing.
    pub(super) async fn set_mark(&self, kind: Kind, id: Uuid, now: Timestamp) -> Result<(), LedgerError> {
        let (name, seal_name) = names(kind);
        let (id, at) = (id.to_string(), now.to_string());
        let seal = self.seal_mark(kind, &id, &at, now).await;
        let update = self.client.update_item().table_name(&self.name).key("id", text(&id));
        let update = update.expression_attribute_names("#at", name).expression_attribute_values(":at", text(&at));
        let update = match seal {
            Ok(Some(seal)) => update
                .update_expression("SET #at = :at, #seal = :seal")
                .expression_attribute_names("#seal", seal_name)
                .expression_attribute_values(":seal", seal),
            Ok(None) => update.update_expression("SET #at = :at"),
            Err(why) => {
                tracing::warn!(id, name, %why, "written without a signature");
                update.update_expression("SET #at = :at")
            }
        };
        update.send().await.map(|_| ()).map_err(|error| self.error(crate::aws::failure(&error)))
    }
}

fn names(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Undone => (UNDONE, UNDONE_SEAL),
        Kind::Notified | Kind::Finding | Kind::Suspension | Kind::Exemption | Kind::Kept => (NOTIFIED, NOTIFIED_SEAL),
    }
}

/// What is added to a finding.
struct Mark<'a> {
    kind: Kind,
    id: &'a str,
    expires: i64,
    payload: [&'a str; 1],
}

impl Mark<'_> {
    fn words(&self) -> Words<'_> {
        Words { kind: self.kind, key: self.id, about: About::default(), expires: self.expires, payload: &self.payload }
    }
}

/// It holds as long as the finding itself: the id says of what it is.
fn of_mark<'a>(kind: Kind, id: &'a str, at: &'a str, when: Timestamp) -> Mark<'a> {
    Mark { kind, id, expires: (when + crate::operations::ledger::KEPT).as_second(), payload: [at] }
}

fn of_item<'a>(id: &'a str, item: &'a Item, payload: &'a [&'a str]) -> Words<'a> {
    let field = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str);
    let about = About { account: field("account"), region: field("region"), resource: field("resource") };
    Words { kind: Kind::Finding, key: id, about, expires: expires(item), payload }
}

/// When an item may be forgotten; one that does not say has been.
pub(super) fn expires(item: &Item) -> i64 {
    item.get("expires").and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default()
}

/// Everything in an item but what is added later: name, type and value of each attribute, in the order of their names.
fn parts(item: &Item) -> Vec<String> {
    let sorted: BTreeMap<&String, &AttributeValue> =
        item.iter().filter(|(name, _)| !LATER.contains(&name.as_str())).collect();
    let mut parts = Vec::new();
    for (name, value) in sorted {
        parts.push(name.clone());
        match value {
            AttributeValue::S(text) => parts.extend(["S".to_owned(), text.clone()]),
            AttributeValue::N(number) => parts.extend(["N".to_owned(), number.clone()]),
            AttributeValue::M(map) => {
                let inner = self::parts(map);
                parts.extend(["M".to_owned(), inner.len().to_string()]);
                parts.extend(inner);
            }
            // Nothing of ours is of another type; whatever it is, it is under the seal.
            other => parts.push(format!("{other:?}")),
        }
    }
    parts
}

/// What an order says of itself, read as far as it can be: what cannot be read is still under its seal.
pub(super) struct OrderWords {
    key: String,
    json: String,
    parsed: Value,
}

impl OrderWords {
    /// `item` is the item that holds it, `name` its attribute.
    pub(super) fn new(item: &str, name: &str, json: &str) -> Self {
        let parsed = serde_json::from_str(json).unwrap_or_default();
        Self { key: format!("{item} {name}"), json: json.to_owned(), parsed }
    }

    /// The claim's words, with `payload` as room for its content.
    pub(super) fn words<'a>(&'a self, kind: Kind, payload: &'a mut [&'a str; 1]) -> Words<'a> {
        let field = |name: &str| self.parsed.get(name).and_then(Value::as_str).unwrap_or_default();
        let end = ["until", "expires"].iter().find_map(|name| self.parsed.get(name)?.as_str()?.parse::<Until>().ok());
        let expires = end.map_or(i64::MAX, |end| end.end().as_second());
        *payload = [&self.json];
        let about = About { account: field("account"), region: field("region"), resource: field("resource") };
        Words { kind, key: &self.key, about, expires, payload }
    }
}
