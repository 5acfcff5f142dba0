//! SNS: the security channel.

use crate::aws::{CallError, failure};
use crate::engine::unavailable::Unavailable;
use crate::notify::Message;
use crate::operations::channel::Publish;
use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use std::collections::HashMap;

/// The topic that the security channel subscribes to.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
}

impl Topic {
    /// The topic `arn`, with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: &str) -> Self {
        Self { client: Client::new(config), arn: arn.to_owned() }
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
        let attribute =
            |value: &String| MessageAttributeValue::builder().data_type("String").string_value(value).build().ok();
        let attributes: HashMap<String, MessageAttributeValue> = message
            .attributes
            .iter()
            .filter_map(|(name, value)| Some(((*name).to_owned(), attribute(value)?)))
            .collect();
        let call = self.client.publish().topic_arn(&self.arn).subject(&message.subject).message(&message.body);
        let answer = call.message_structure("json").set_message_attributes(Some(attributes)).send().await;
        answer
            .map(|_| ())
            .map_err(|error| Unavailable::new(CallError::about("sns:Publish", "to", &self.arn, failure(&error))))
    }
}
