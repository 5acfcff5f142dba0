//! SQS: the dead letters. They are read here, and written by AWS's services alone.

use crate::aws::{CallError, Failure, failure};
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use std::time::Duration;

/// A queue, by its URL.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

/// A message that was received: invisible to others until it is deleted or its time is up.
#[derive(Clone, Debug)]
pub struct Received {
    /// SQS's id.
    pub id: String,
    /// What it says.
    pub body: String,
    /// Message attributes of type String: EventBridge says here why it could not deliver.
    pub attributes: Vec<(String, String)>,
    /// When it was sent, in milliseconds since 1970.
    pub sent: Option<i64>,
    receipt: String,
}

impl Received {
    /// A message as it is before it is received, for tests of what reads one.
    #[must_use]
    pub fn of(id: &str, body: &str, attributes: Vec<(String, String)>) -> Self {
        Self { id: id.to_owned(), body: body.to_owned(), attributes, sent: None, receipt: String::new() }
    }
}

impl Queue {
    /// The queue `url`, with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, url: &str) -> Self {
        Self { client: Client::new(config), url: url.to_owned() }
    }

    /// Up to ten messages; none when the queue is empty. They stay invisible for `invisible`.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn receive(&self, invisible: Duration) -> Result<Vec<Received>, CallError> {
        const MOST: i32 = 10;
        let call = self.client.receive_message().queue_url(&self.url).max_number_of_messages(MOST);
        let call = call.visibility_timeout(i32::try_from(invisible.as_secs()).unwrap_or(i32::MAX));
        let call = call.message_attribute_names("All");
        let call = call.message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        let answer = call.send().await;
        let answer = answer.map_err(|error| self.error("sqs:ReceiveMessage", failure(&error)))?;
        Ok(answer.messages.unwrap_or_default().into_iter().map(received).collect())
    }

    /// Lets others receive a message again at once, which was received and is not deleted.
    ///
    /// # Errors
    /// When SQS does not do it: then they can when its time is up.
    pub async fn release(&self, message: &Received) -> Result<(), CallError> {
        let call = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(&message.receipt);
        let answer = call.visibility_timeout(0).send().await;
        answer.map(|_| ()).map_err(|error| self.error("sqs:ChangeMessageVisibility", failure(&error)))
    }

    /// How many messages were received and not deleted, or are delayed: about, as SQS says.
    ///
    /// # Errors
    /// When SQS does not answer.
    pub async fn out_of_sight(&self) -> Result<usize, CallError> {
        use QueueAttributeName::{ApproximateNumberOfMessagesDelayed, ApproximateNumberOfMessagesNotVisible};
        let names = [ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed];
        let call = self.client.get_queue_attributes().queue_url(&self.url);
        let answer = call.set_attribute_names(Some(names.to_vec())).send().await;
        let answer = answer.map_err(|error| self.error("sqs:GetQueueAttributes", failure(&error)))?;
        let all = answer.attributes.unwrap_or_default();
        Ok(names.iter().filter_map(|name| all.get(name)?.parse::<usize>().ok()).sum())
    }

    /// Removes a received message for good.
    ///
    /// # Errors
    /// When SQS does not do it.
    pub async fn delete(&self, message: &Received) -> Result<(), CallError> {
        let call = self.client.delete_message().queue_url(&self.url).receipt_handle(&message.receipt);
        call.send().await.map(|_| ()).map_err(|error| self.error("sqs:DeleteMessage", failure(&error)))
    }

    fn error(&self, permission: &'static str, cause: Failure) -> CallError {
        CallError::about(permission, "to", &self.url, cause)
    }
}

fn received(message: Message) -> Received {
    let sent = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp)?.parse().ok());
    let attributes = message.message_attributes.unwrap_or_default().into_iter();
    Received {
        id: message.message_id.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        attributes: attributes.filter_map(|(name, value)| Some((name, value.string_value?))).collect(),
        sent,
        receipt: message.receipt_handle.unwrap_or_default(),
    }
}
