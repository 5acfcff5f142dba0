//! DynamoDB: the ledger.

mod beat;
mod book;
mod claims;
mod kept;
mod trust;

use crate::aws::failure;
use crate::notify::Message;
use crate::operations::ledger::{Entry, EntryState, Ledger, LedgerError};
use crate::operations::signature::{Kind, Trust};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

/// The table that the template makes: partition key `id`, time to live in `expires`.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
    sealing: trust::Sealing,
}

type Item = HashMap<String, AttributeValue>;

impl Table {
    /// The table `name`, with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, name: &str) -> Self {
        Self { client: Client::new(config), name: name.to_owned(), sealing: trust::Sealing::default() }
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn error(&self, failure: crate::aws::Failure) -> LedgerError {
        LedgerError { table: self.name.clone(), code: failure.code, message: failure.message }
    }
}

impl Ledger for Table {
    async fn enter(&self, entry: &Entry) -> Result<EntryState, LedgerError> {
        let id = entry.id.to_string();
        let mut item = item(entry);
        // Signed behind containment, and written whether it could be signed or not.
        let unsigned = match self.seal_item(&id, &item, entry.written).await {
            Ok(seal) => {
                item.extend(seal.map(|seal| (trust::SEAL.to_owned(), seal)));
                None
            }
            Err(why) => entry.kept.is_some().then(|| unsigned(&why.to_string())),
        };
        if entry.is_counted
            && let Ok(Some(seal)) = self.seal_mark(Kind::Notified, &id, &entry.written.to_string(), entry.written).await
        {
            item.insert(trust::NOTIFIED_SEAL.to_owned(), seal);
        }
        let new = || unsigned.clone().map_or(EntryState::New, EntryState::NewUnsigned);
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item.clone()));
        let put = put.condition_expression("attribute_not_exists(id)");
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let existing = match put.send().await {
            Ok(_) => return Ok(new()),
            Err(SdkError::ServiceError(answer)) if answer.err().is_conditional_check_failed_exception() => {
                match answer.into_err() {
                    PutItemError::ConditionalCheckFailedException(existing) => existing.item.unwrap_or_default(),
                    _ => Item::new(),
                }
            }
            Err(error) => return Err(self.error(failure(&error))),
        };
        let (trust, notified) =
            tokio::join!(self.trust_item(&id, &existing), self.mark(Kind::Notified, &id, &existing));
        if notified.is_some() {
            return Ok(EntryState::Notified);
        }
        if !trust.is_believed() && gives_way(&trust, &existing, entry) {
            // Another principal has written it before us, to keep the undo steps out of the ledger or the channel quiet.
            let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
            return put.send().await.map(|_| new()).map_err(|error| self.error(failure(&error)));
        }
        if trust.is_believed() { Ok(state_of(&existing)) } else { Ok(EntryState::New) }
    }

    async fn notified(&self, id: Uuid, now: Timestamp) -> Result<(), LedgerError> {
        self.set_mark(Kind::Notified, id, now).await
    }
}

fn unsigned(why: &str) -> String {
    format!("the undo steps in the ledger are not signed, so `parapet undo` needs --unsigned: {why}")
}

/// Whether an item that is not believed is written over. Older undo steps that were never signed stay, unless there are
/// newer ones.
fn gives_way(trust: &Trust, existing: &Item, entry: &Entry) -> bool {
    match trust {
        Trust::Forged { .. } | Trust::Ended => true,
        Trust::Unsigned => entry.kept.is_some() || !existing.contains_key("kept"),
        Trust::Unverified { .. } | Trust::NotAsked | Trust::Signed => false,
    }
}

fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

fn item(entry: &Entry) -> Item {
    let mut item: Item = entry.fields.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    item.insert("id".to_owned(), text(entry.id));
    item.insert("finding".to_owned(), text(&entry.finding));
    item.extend(entry.kept.as_ref().map(|kept| ("kept".to_owned(), text(kept))));
    item.insert("written".to_owned(), text(entry.written));
    if entry.is_counted {
        item.insert("told".to_owned(), text(entry.written));
    }
    item.insert("expires".to_owned(), AttributeValue::N(entry.expires.as_second().to_string()));
    item.insert("subject".to_owned(), text(&entry.message.subject));
    item.insert("body".to_owned(), text(&entry.body));
    let attributes = entry.message.attributes.iter().map(|(name, value)| ((*name).to_owned(), text(value)));
    item.insert("attributes".to_owned(), AttributeValue::M(attributes.collect()));
    item
}

/// What an older entry says that is believed and was not notified: its message. One that cannot be read says nothing, and twice
/// notified is better than never.
fn state_of(item: &Item) -> EntryState {
    let string = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let unsent = || {
        let attributes = item.get("attributes")?.as_m().ok()?;
        let known = Message::ATTRIBUTES.into_iter();
        let attributes = known.filter_map(|name| Some((name, attributes.get(name)?.as_s().ok()?.clone()))).collect();
        Some(Message { subject: string("subject")?, body: string("body")?, attributes })
    };
    unsent().map_or(EntryState::New, EntryState::Unsent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::sample;
    use rstest::rstest;

    fn entry() -> Entry {
        let finding = sample::remediated();
        Entry::new(&finding, finding.times.received).unwrap()
    }

    #[test]
    fn an_unsent_entry_gives_its_message_back_as_it_was() {
        let entry = entry();
        let EntryState::Unsent(kept) = state_of(&item(&entry)) else { panic!("not unsent") };
        assert_eq!(kept, entry.message);
    }

    #[rstest]
    #[case::a_forged_one(Trust::Forged { why: "w".to_owned() }, true, false, true)]
    #[case::an_unsigned_one_without_undo_steps(Trust::Unsigned, false, false, true)]
    #[case::unsigned_undo_steps_for_newer_ones(Trust::Unsigned, true, true, true)]
    #[case::unsigned_undo_steps_for_none(Trust::Unsigned, true, false, false)]
    #[case::one_that_cannot_be_verified_now(Trust::Unverified { why: "w".to_owned() }, false, true, false)]
    #[case::a_signed_one(Trust::Signed, false, true, false)]
    fn an_item_that_is_not_believed_gives_way(
        #[case] trust: Trust,
        #[case] has_steps: bool,
        #[case] brings_one: bool,
        #[case] expected: bool,
    ) {
        let steps = |is_there: bool| is_there.then(|| "{}".to_owned());
        let existing = item(&Entry { kept: steps(has_steps), ..entry() });
        assert_eq!(gives_way(&trust, &existing, &Entry { kept: steps(brings_one), ..entry() }), expected);
    }

    #[test]
    fn an_entry_that_cannot_be_read_does_not_silence_its_finding() {
        let mut item = item(&entry());
        item.remove("body");
        assert!(matches!(state_of(&item), EntryState::New));
        assert!(matches!(state_of(&Item::new()), EntryState::New));
    }
}
