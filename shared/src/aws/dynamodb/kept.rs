//! What the ledger keeps for later: the undo steps of a finding, and states under a name (`kept#…`).

use crate::aws::dynamodb::trust::{About, SEAL, Words, expires};
use crate::aws::dynamodb::{Table, text};
use crate::aws::failure;
use crate::engine::family::{Counter, MOST_COUNTED};
use crate::engine::memory::{Memory, MemoryError};
use crate::engine::observed::Place;
use crate::engine::pipeline::Kept;
use crate::engine::unavailable::Unavailable;
use crate::operations::ledger::LedgerError;
use crate::operations::signature::{Kind, Trust};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// A sweep writes a kept state anew each time; one that is older than a year is of something that is gone.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

/// `kept#KIND#ACCOUNT#REGION#…`: where it is about a place, its name says so.
fn about(name: &str) -> About<'_> {
    let mut parts = name.split('#').skip(2);
    About { account: parts.next().unwrap_or_default(), region: parts.next().unwrap_or_default(), resource: name }
}

impl Table {
    /// What is kept of a finding, with what is to be thought of it.
    pub(super) async fn undo_steps(&self, id: Uuid) -> Result<Option<Kept>, LedgerError> {
        let id_text = id.to_string();
        let Some(item) = self.item(&id_text).await? else { return Ok(None) };
        let (trust, undone) = tokio::join!(self.trust_item(&id_text, &item), self.mark(Kind::Undone, &id_text, &item));
        if trust == Trust::Ended {
            return Ok(None);
        }
        let string = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let unreadable =
            |why: String| LedgerError { table: self.name.clone(), code: "Unreadable".to_owned(), message: why };
        let mut kept: Kept = match string("kept") {
            Some(json) => serde_json::from_str(json).map_err(|error| unreadable(format!("finding {id}: {error}")))?,
            None => {
                let field = |name: &str| string(name).cloned().unwrap_or_default();
                let partition = field("resource").split(':').nth(1).unwrap_or("aws").to_owned();
                Kept {
                    guardrail: field("guardrail"),
                    resource: field("resource"),
                    place: Place { partition, account: field("account"), region: field("region") },
                    ..Kept::nothing(id)
                }
            }
        };
        kept.undone = undone;
        kept.trust = trust;
        kept.is_sealed = item.contains_key(SEAL);
        Ok(Some(kept))
    }
}

impl Memory for Table {
    async fn recall(&self, name: &str) -> Result<Option<String>, MemoryError> {
        let item = self.item(name).await.map_err(Unavailable::new)?;
        let Some(item) = item else { return Ok(None) };
        let Some(state) = item.get("state").and_then(|state| state.as_s().ok()) else { return Ok(None) };
        let payload = [state.as_str()];
        let words =
            Words { kind: Kind::Kept, key: name, about: about(name), expires: expires(&item), payload: &payload };
        match self.trust(&words, item.get(SEAL)).await {
            Trust::NotAsked | Trust::Signed => Ok(Some(state.clone())),
            Trust::Ended => Ok(None),
            doubtful @ (Trust::Unsigned | Trust::Forged { .. } | Trust::Unverified { .. }) => {
                let problem = doubtful.problem().unwrap_or_default();
                Err(MemoryError::NotBelieved(problem))
            }
        }
    }

    /// The item holds the ids in the order in which they came.
    async fn count(&self, counter: &Counter) -> Result<Option<u64>, MemoryError> {
        let number = |number: &dyn ToString| AttributeValue::N(number.to_string());
        let event = text(&counter.event);
        let update = self.client.update_item().table_name(&self.name).key("id", text(&counter.name));
        let update = update
            .condition_expression(
                "attribute_not_exists(#events) OR (NOT contains(#events, :event) AND size(#events) < :most)",
            )
            .update_expression("SET #events = list_append(if_not_exists(#events, :none), :one), #expires = :expires")
            .expression_attribute_names("#events", "events")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_values(":event", event.clone())
            .expression_attribute_values(":most", number(&MOST_COUNTED))
            .expression_attribute_values(":none", AttributeValue::L(Vec::new()))
            .expression_attribute_values(":one", AttributeValue::L(vec![event.clone()]))
            .expression_attribute_values(":expires", number(&counter.expires.as_second()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let item = match update.send().await {
            Ok(answer) => answer.attributes,
            Err(SdkError::ServiceError(answer)) if answer.err().is_conditional_check_failed_exception() => {
                match answer.into_err() {
                    UpdateItemError::ConditionalCheckFailedException(existing) => existing.item,
                    _ => None,
                }
            }
            Err(error) => return Err(Unavailable::new(self.error(failure(&error))).into()),
        };
        // An answer that shows no list is not the answer that the list is full.
        let events = item.as_ref().and_then(|item| item.get("events")?.as_l().ok()).ok_or_else(|| {
            let message = format!("the answer to `{}` holds no list of events", counter.name);
            Unavailable::new(LedgerError { table: self.name.clone(), code: "NoCount".to_owned(), message })
        })?;
        Ok((1..).zip(events).find(|(_, known)| **known == event).map(|(number, _)| number))
    }

    /// A state that cannot be signed does not take the place of one that is.
    async fn keep(&self, name: &str, state: &str) -> Result<(), MemoryError> {
        let now = Timestamp::now();
        let expires = (now + KEPT).as_second();
        let payload = [state];
        let words = Words { kind: Kind::Kept, key: name, about: about(name), expires, payload: &payload };
        let seal = self.seal(&words, now).await?;
        let put = self.client.put_item().table_name(&self.name).item("id", text(name)).item("state", text(state));
        let put = put.item("written", text(now)).item("expires", AttributeValue::N(expires.to_string()));
        let put = match seal {
            Some(seal) => put.item(SEAL, seal),
            None => put,
        };
        put.send().await.map(|_| ()).map_err(|error| Unavailable::new(self.error(failure(&error))).into())
    }
}
