//! Policies of SQS queues.

use super::{GET, LIST, Queues};
use crate::aws::{done, failure};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::sqs::client::Sqs;
use aws_sdk_sqs::types::QueueAttributeName::Policy;

/// Queues of one page: without a number, SQS hands out no token for the next.
const PAGE: i32 = 1000;

serves_policies!(Sqs: Queues);

impl PolicyClient<Queues> for Sqs {
    async fn read(&self, queue: &String, _: ReadDepth) -> Result<Observed<Read>, ReadError> {
        let answer = match self.client.get_queue_attributes().queue_url(queue).attribute_names(Policy).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET.action),
        };
        let policy = answer.attributes().and_then(|attributes| attributes.get(&Policy)).cloned();
        Ok(Observed::Known(Read::of(policy)))
    }

    async fn write(
        &self,
        queue: &String,
        document: Option<&str>,
        _: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        let call = self.client.set_queue_attributes().queue_url(queue);
        let answer = call.attributes(Policy, document.unwrap_or_default()).send().await;
        done(answer, permission)
    }

    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<String>>, ReadError> {
        let call = self.client.list_queues().max_results(PAGE).set_next_token(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST.action),
        };
        Ok(Observed::Known(Listed { found: answer.queue_urls.unwrap_or_default(), next: answer.next_token }))
    }
}
