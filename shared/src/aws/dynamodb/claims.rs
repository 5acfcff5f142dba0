//! The ledger's claims: who works on a step of a sweep (`sweep#…`), and what was deferred (`deferral#…`).

use crate::aws::dynamodb::{Item, Table, text};
use crate::aws::failure;
use crate::operations::sweeps::{Claim, ClaimError, Claims, Key, Position};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::{SignedDuration, Timestamp};

/// A sweep ends within a day; a dead letter of it may be looked at for two weeks.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 16);

impl Claims for Table {
    async fn claim(&self, key: &Key, owner: &str, now: Timestamp, until: Timestamp) -> Result<Claim, ClaimError> {
        let update = self.client.update_item().table_name(&self.name).key("id", text(&key.0));
        let update = update
            .condition_expression(
                "attribute_not_exists(#done) AND (attribute_not_exists(id) OR #owner = :me OR #until < :now)",
            )
            .update_expression("SET #owner = :me, #until = :until, #expires = :expires")
            .expression_attribute_names("#done", "done")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#until", "until")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_values(":me", text(owner))
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":until", number(until))
            .expression_attribute_values(":expires", number(now.checked_add(KEPT).unwrap_or(now)))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(answer) => reached(answer.attributes.as_ref()).map(Claim::Mine),
            Err(SdkError::ServiceError(answer)) if answer.err().is_conditional_check_failed_exception() => {
                let existing = match answer.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(existing) => existing.item.unwrap_or_default(),
                    _ => Item::new(),
                };
                Ok(if existing.contains_key("done") { Claim::Done } else { Claim::Taken })
            }
            Err(error) => Err(self.error(failure(&error)).into()),
        }
    }

    async fn advance(&self, key: &Key, owner: &str, at: &Position) -> Result<(), ClaimError> {
        let reached = serde_json::to_string(at).map_err(ClaimError::Unwritable)?;
        self.note(key, owner, "reached", reached).await
    }

    async fn finish(&self, key: &Key, owner: &str) -> Result<(), ClaimError> {
        self.note(key, owner, "done", Timestamp::now().to_string()).await
    }
}

impl Table {
    /// Notes something in a claim that is still the owner's.
    async fn note(&self, key: &Key, owner: &str, name: &str, value: String) -> Result<(), ClaimError> {
        let update = self.client.update_item().table_name(&self.name).key("id", text(&key.0));
        let update = update
            .condition_expression("#owner = :me")
            .update_expression("SET #note = :value")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#note", name)
            .expression_attribute_values(":me", text(owner))
            .expression_attribute_values(":value", AttributeValue::S(value));
        update.send().await.map(|_| ()).map_err(|error| self.error(failure(&error)).into())
    }
}

fn number(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_second().to_string())
}

/// How far an earlier try of the step had come.
fn reached(old: Option<&Item>) -> Result<Option<Position>, ClaimError> {
    let Some(text) = old.and_then(|item| item.get("reached")?.as_s().ok()) else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(ClaimError::Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_was_is_read_back() {
        let place = crate::engine::observed::Place {
            partition: "aws".to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
        };
        let at = Position { done: 7, ..Position::first("security-group", place).page_from("t".to_owned()) };
        let item = Item::from([("reached".to_owned(), text(serde_json::to_string(&at).unwrap()))]);
        assert_eq!(reached(Some(&item)).unwrap(), Some(at));
        assert_eq!(reached(Some(&Item::new())).unwrap(), None);
        assert_eq!(reached(None).unwrap(), None);
        let bad = Item::from([("reached".to_owned(), text("{"))]);
        assert!(reached(Some(&bad)).unwrap_err().to_string().contains("cannot be read"));
    }
}
