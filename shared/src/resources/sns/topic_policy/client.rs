//! Policies of SNS topics.

use super::{GET, LIST, SUBSCRIPTIONS, Topics};
use crate::aws::{done, failure};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::sns::client::Sns;

/// A message names no more subscriptions than this.
const MOST_SHOWN: usize = 5;

impl Sns {
    /// Who is subscribed, for a person. What cannot be read is left out: it is beside the finding.
    async fn subscriptions(&self, topic: &str) -> Vec<String> {
        let Ok(answer) = self.client.list_subscriptions_by_topic().topic_arn(topic).send().await else {
            return vec![format!("who is subscribed is unknown: `{}` failed", SUBSCRIPTIONS.action)];
        };
        let all = answer.subscriptions();
        if all.is_empty() {
            return vec!["the topic has no subscriptions".to_owned()];
        }
        let of = |one: &aws_sdk_sns::types::Subscription| {
            format!("{} of account {}", one.protocol().unwrap_or("unknown"), one.owner().unwrap_or("unknown"))
        };
        let shown: Vec<String> = all.iter().take(MOST_SHOWN).map(of).collect();
        let more = if all.len() > MOST_SHOWN || answer.next_token().is_some() { " and more" } else { "" };
        vec![format!("subscribed to the topic: {}{more}", shown.join(", "))]
    }
}

serves_policies!(Sns: Topics);

impl PolicyClient<Topics> for Sns {
    async fn read(&self, topic: &String, depth: ReadDepth) -> Result<Observed<Read>, ReadError> {
        let answer = match self.client.get_topic_attributes().topic_arn(topic).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET.action),
        };
        let policy = answer.attributes().and_then(|attributes| attributes.get("Policy")).cloned();
        let felt = match depth {
            ReadDepth::Full => self.subscriptions(topic).await,
            ReadDepth::Quick => Vec::new(),
        };
        Ok(Observed::Known(Read { felt, ..Read::of(policy) }))
    }

    async fn write(
        &self,
        topic: &String,
        document: Option<&str>,
        _: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        let call = self.client.set_topic_attributes().topic_arn(topic).attribute_name("Policy");
        let answer = call.attribute_value(document.unwrap_or_default()).send().await;
        done(answer, permission)
    }

    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<String>>, ReadError> {
        let answer = match self.client.list_topics().set_next_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST.action),
        };
        let found = answer.topics().iter().filter_map(|topic| topic.topic_arn().map(str::to_owned)).collect();
        Ok(Observed::Known(Listed { found, next: answer.next_token }))
    }
}
