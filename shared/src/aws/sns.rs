//! SNS: the security channel.

use crate::aws::{CallError, Failure, failure};
use crate::engine::unavailable::Unavailable;
use crate::notify::Message;
use crate::operations::channel::Publish;
use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use std::collections::HashMap;
use tracing::error;

/// The topic that the security channel subscribes to.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
    /// A second topic, of another account, which gets every message as well.
    watcher: Option<String>,
}

/// The attribute by which a subscription leaves heartbeats out, and its value.
const HEARTBEAT: (&str, &str) = ("parapet", "heartbeat");

impl Topic {
    /// The topic `arn`, with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: &str) -> Self {
        Self { client: Client::new(config), arn: arn.to_owned(), watcher: None }
    }

    /// With a second topic, which gets every message as well: what is wrong with the first one cannot be said by it.
    #[must_use]
    pub fn watched_by(self, watcher: Option<&str>) -> Self {
        Self { watcher: watcher.map(str::to_owned), ..self }
    }

    /// Sends a heartbeat to the second topic, where there is one: an alarm beside that topic is on the count of its messages.
    ///
    /// # Errors
    /// [`Unavailable`]: it did not take it.
    pub async fn beat(&self, text: &str) -> Result<(), Unavailable> {
        let Some(watcher) = &self.watcher else { return Ok(()) };
        let (name, value) = HEARTBEAT;
        let call = self.client.publish().topic_arn(watcher).subject("Parapet: heartbeat").message(text);
        let call = call.set_message_attributes(Some(attributes([(name, value)])));
        call.send().await.map(|_| ()).map_err(|error| unpublished(watcher, failure(&error)))
    }

    async fn send(&self, arn: &str, message: &Message) -> Result<(), Unavailable> {
        let named = message.attributes.iter().map(|(name, value)| (*name, value.as_str()));
        let call = self.client.publish().topic_arn(arn).subject(&message.subject).message(&message.body);
        let call = call.message_structure("json").set_message_attributes(Some(attributes(named)));
        call.send().await.map(|_| ()).map_err(|error| unpublished(arn, failure(&error)))
    }

    /// How many subscriptions of it are confirmed; none where the answer does not say.
    ///
    /// # Errors
    /// [`Unavailable`]: it is not there, or SNS does not answer.
    pub async fn subscriptions(&self) -> Result<Option<u64>, Unavailable> {
        let answer = self.client.get_topic_attributes().topic_arn(&self.arn).send().await;
        let answer = answer.map_err(|error| {
            Unavailable::new(CallError::about("sns:GetTopicAttributes", "of", &self.arn, failure(&error)))
        })?;
        Ok(answer.attributes.and_then(|all| all.get("SubscriptionsConfirmed")?.parse().ok()))
    }
}

impl Publish for Topic {
    async fn publish(&self, message: &Message) -> Result<(), Unavailable> {
        // The second one first: it is there for what the first one does not take any more. That it does not take something is the heartbeat's to say.
        if let Some(watcher) = &self.watcher
            && let Err(problem) = self.send(watcher, message).await
        {
            error!(%problem, "the second topic did not take a message");
        }
        self.send(&self.arn, message).await
    }
}

fn attributes<'a>(named: impl IntoIterator<Item = (&'a str, &'a str)>) -> HashMap<String, MessageAttributeValue> {
    let attribute = |value| MessageAttributeValue::builder().data_type("String").string_value(value).build().ok();
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), attribute(value)?))).collect()
}

fn unpublished(arn: &str, failure: Failure) -> Unavailable {
    Unavailable::new(CallError::about("sns:Publish", "to", arn, failure))
}
