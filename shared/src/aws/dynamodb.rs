//! DynamoDB: the ledger.

mod book;
mod claims;

use super::failure;
use crate::ledger::{Entry, Ledger, LedgerError, Standing};
use crate::notify::Message;
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
}

type Item = HashMap<String, AttributeValue>;

impl Table {
    /// The table `name`, with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, name: &str) -> Self {
        Self { client: Client::new(config), name: name.to_owned() }
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn error(&self, failure: super::Failure) -> LedgerError {
        LedgerError { table: self.name.clone(), code: failure.code, message: failure.message }
    }
}

impl Ledger for Table {
    async fn enter(&self, entry: &Entry) -> Result<Standing, LedgerError> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item(entry)));
        let put = put.condition_expression("attribute_not_exists(id)");
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Standing::New),
            Err(SdkError::ServiceError(answer)) if answer.err().is_conditional_check_failed_exception() => {
                let held = match answer.into_err() {
                    PutItemError::ConditionalCheckFailedException(held) => held.item.unwrap_or_default(),
                    _ => Item::new(),
                };
                Ok(standing(&held))
            }
            Err(error) => Err(self.error(failure(&error))),
        }
    }

    async fn told(&self, id: Uuid, now: Timestamp) -> Result<(), LedgerError> {
        let update = self.client.update_item().table_name(&self.name).key("id", text(id));
        let update = update.update_expression("SET told = :now").expression_attribute_values(":now", text(now));
        update.send().await.map(|_| ()).map_err(|error| self.error(failure(&error)))
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
    item.insert("body".to_owned(), text(&entry.message.body));
    let attributes = entry.message.attributes.iter().map(|(name, value)| ((*name).to_owned(), text(value)));
    item.insert("attributes".to_owned(), AttributeValue::M(attributes.collect()));
    item
}

/// What an older entry says: told, or with a message that is still to be sent. One that cannot be read says nothing, and
/// twice told is better than never.
fn standing(item: &Item) -> Standing {
    let string = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    let untold = || {
        let attributes = item.get("attributes")?.as_m().ok()?;
        let known = Message::ATTRIBUTES.into_iter();
        let attributes = known.filter_map(|name| Some((name, attributes.get(name)?.as_s().ok()?.clone()))).collect();
        Some(Message { subject: string("subject")?, body: string("body")?, attributes })
    };
    if item.contains_key("told") { Standing::Told } else { untold().map_or(Standing::New, Standing::Untold) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::{message, sample};

    fn entry() -> Entry {
        let finding = sample::remediated();
        Entry::new(&finding, message(&finding), finding.times.received)
    }

    #[test]
    fn an_untold_entry_gives_its_message_back_as_it_was() {
        let entry = entry();
        let Standing::Untold(kept) = standing(&item(&entry)) else { panic!("not untold") };
        assert_eq!(kept, entry.message);
    }

    #[test]
    fn a_told_entry_is_told() {
        let mut item = item(&entry());
        item.insert("told".to_owned(), text("2026-01-31T12:00:00Z"));
        assert!(matches!(standing(&item), Standing::Told));
    }

    #[test]
    fn an_entry_that_cannot_be_read_does_not_silence_its_finding() {
        let mut item = item(&entry());
        item.remove("body");
        assert!(matches!(standing(&item), Standing::New));
        assert!(matches!(standing(&Item::new()), Standing::New));
    }
}
