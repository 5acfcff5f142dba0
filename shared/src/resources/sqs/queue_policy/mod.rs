//! RES-06: the policies of SQS queues.
//!
//! A queue has none unless one is written; an empty text removes it. `SetQueueAttributes` and `CreateQueue` carry the whole document,
//! `AddPermission` only what it adds. A change takes up to 60 seconds to reach every part of SQS.
//! Sources: "SetQueueAttributes" (SQS API reference), "Basic examples of Amazon SQS policies" (SQS developer guide).

#[cfg(feature = "sqs")]
mod client;

use crate::engine::resource_policy::prelude::*;
use serde_json::json;

const GET: Permission = Permission::on("sqs:GetQueueAttributes", &["sqs:${Region}:${Account}:*"]);
const LIST: Permission = Permission::read("sqs:ListQueues");
const SET: Permission = Permission::on("sqs:SetQueueAttributes", &["sqs:${Region}:${Account}:*"]);

/// The policies of SQS queues.
pub type QueuePolicies = Policies<Queues>;

/// SQS queues, each by its URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queues;

impl ResourcePolicy for Queues {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "sqs-queue-policy";
    const NOUN: &'static str = "SQS queue";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "SQS queue",
        public: "sqs-queue-policy-public" is "RES-06" at Critical,
        untrusted: "sqs-queue-policy-untrusted" is "RES-06",
        class: R1,
        controls: &["SQS.3"],
        technique: "T1530",
        triggers: &["SetQueueAttributes", "CreateQueue", "AddPermission"],
        actions: &[SET],
        ids: &["arn:%:sqs:%:%:%"],
        not_watched: &[("RemovePermission", "it removes a statement: what is left was there before")],
        default: "If nothing is left, the queue has no policy, which allows its own account.",
        beside: "S3, SNS and EventBridge send by a statement of their own, which stays.",
    };
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = SET;
    const WRITES: &'static [Permission] = &[SET];

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("sqs.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let policy = event.request.at(&["attributes", "Policy"]);
        if policy.is_none() && event.name != "AddPermission" && event.request.value().is_some() {
            return Ok(None);
        }
        let is_new = event.name == "CreateQueue";
        let url = if is_new { event.response.text(&["queueUrl"]) } else { event.request.text(&["queueUrl"]) };
        let url = url.ok_or_else(|| Unlocatable::new(event, "the record names no queue"))?;
        Ok(Some(Change::of(url.to_owned(), policy)))
    }

    fn named(url: &String, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let name = url.rsplit('/').next().unwrap_or(url).to_owned();
        let owner = Self::owner(url).unwrap_or(account);
        Resource { id: format!("arn:{partition}:sqs:{region}:{owner}:{name}"), kind: "AwsSqsQueue", name }
    }

    /// `https://sqs.eu-central-1.amazonaws.com/111122223333/orders`
    fn owner(url: &String) -> Option<&str> {
        url.rsplit('/').nth(1).filter(|part| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit()))
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(queue: &str, document: &str) -> String {
        let attributes = argument(&json!({ "Policy": document }).to_string());
        format!("aws sqs set-queue-attributes --queue-url {queue} --attributes {attributes}")
    }
}
