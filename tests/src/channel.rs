//! The security channel: an SNS topic, and an SQS queue that is subscribed to it.

use crate::Result;
use crate::aws::Clients;
use serde_json::Value;

/// A topic and a queue that hears it.
pub struct Channel {
    /// The topic's ARN.
    pub topic: String,
    queue: String,
    sqs: aws_sdk_sqs::Client,
}

impl Channel {
    /// Makes both, under this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn open(clients: &Clients, name: &str) -> Result<Self> {
        let topic = clients.sns.create_topic().name(name).send().await?.topic_arn.unwrap_or_default();
        let queue = clients.sqs.create_queue().queue_name(name).send().await?.queue_url.unwrap_or_default();
        let queue_arn = topic.replacen(":sns:", ":sqs:", 1);
        clients.sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(queue_arn).send().await?;
        Ok(Self { topic, queue, sqs: clients.sqs.clone() })
    }

    /// The notifications since the last call: SNS's own envelope around each message.
    ///
    /// # Errors
    /// AWS's, or a message that is no JSON.
    pub async fn hear(&self) -> Result<Vec<Value>> {
        let mut heard = Vec::new();
        loop {
            let call = self.sqs.receive_message().queue_url(&self.queue).max_number_of_messages(10);
            let messages = call.wait_time_seconds(0).send().await?.messages.unwrap_or_default();
            if messages.is_empty() {
                return Ok(heard);
            }
            for message in messages {
                heard.push(serde_json::from_str(message.body().unwrap_or_default())?);
                let receipt = message.receipt_handle().unwrap_or_default();
                self.sqs.delete_message().queue_url(&self.queue).receipt_handle(receipt).send().await?;
            }
        }
    }
}
