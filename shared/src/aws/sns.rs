//! SNS: the security channel.

use super::{FailureKind, failure};
use crate::notify::Message;
use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use std::collections::HashMap;
use thiserror::Error;

/// The topic that the security channel subscribes to.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
}

/// A message that SNS did not take.
#[derive(Debug, Error)]
#[error("cannot publish to `{topic}` (`{code}`): {message}")]
pub struct PublishError {
    topic: String,
    code: String,
    message: String,
    /// The role may not publish.
    pub is_denied: bool,
}

impl Topic {
    /// The topic `arn`, with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: &str) -> Self {
        Self { client: Client::new(config), arn: arn.to_owned() }
    }

    /// Publishes one message.
    ///
    /// # Errors
    /// [`PublishError`] naming the topic and AWS's reason.
    pub async fn publish(&self, message: Message) -> Result<(), PublishError> {
        let attributes: HashMap<String, MessageAttributeValue> = message
            .attributes
            .into_iter()
            .filter_map(|(name, value)| {
                let value = MessageAttributeValue::builder().data_type("String").string_value(value).build().ok()?;
                Some((name.to_owned(), value))
            })
            .collect();
        let call = self.client.publish().topic_arn(&self.arn).subject(message.subject).message(message.body);
        let answer = call.message_structure("json").set_message_attributes(Some(attributes)).send().await;
        answer.map(|_| ()).map_err(|error| {
            let failure = failure(&error);
            PublishError {
                topic: self.arn.clone(),
                is_denied: failure.kind == FailureKind::Denied,
                code: failure.code,
                message: failure.message,
            }
        })
    }
}
