//! RES-06: the policies of SQS queues.
//!
//! A queue has none unless one is written; an empty text removes it. `SetQueueAttributes` and `CreateQueue` carry the whole document,
//! `AddPermission` only what it adds. A change takes up to 60 seconds to reach every part of SQS.
//! Sources: "SetQueueAttributes" (SQS API reference), "Basic examples of Amazon SQS policies" (SQS developer guide).

#[cfg(feature = "sqs")]
mod client;

use crate::engine::observed::Observed;
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
        controls: &["SQS.3", "IAM Access Analyzer AWS::SQS::Queue"],
        untrusted_controls: &["IAM Access Analyzer AWS::SQS::Queue"],
        technique: "T1530",
        triggers: &["SetQueueAttributes", "CreateQueue", "AddPermission"],
        actions: Self::WRITES,
        ids: &["arn:%:sqs:%:%:%"],
        not_watched: &[("RemovePermission", "it removes a statement: what is left was there before")],
        default: "If nothing is left, the queue has no policy, which allows its own account.",
        beside: "S3, SNS and EventBridge send by a statement of their own, which stays.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::SQS::QueueInlinePolicy", "PolicyDocument"),
        ("AWS::SQS::QueuePolicy", "PolicyDocument"),
        ("aws_sqs_queue", "policy"),
        ("aws_sqs_queue_policy", "policy"),
    ];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = SET;

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
        let url = url.ok_or_else(|| Unlocatable::new(event, "the record names no queue"))?.to_owned();
        // An empty text removes the policy.
        if policy.and_then(serde_json::Value::as_str).is_some_and(str::is_empty) {
            return Ok(Some(Change { subject: url, document: Observed::Absent }));
        }
        Ok(Some(Change::of(url, policy)))
    }

    fn named(url: &String, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let (owner, name) = parts(url).unwrap_or((account, url));
        let (id, name) = (format!("arn:{partition}:sqs:{region}:{owner}:{name}"), name.to_owned());
        Resource { id, kind: "AwsSqsQueue", name }
    }

    fn owner(url: &String) -> Option<&str> {
        parts(url).map(|(owner, _)| owner)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(queue: &str, document: &str) -> String {
        let attributes = argument(&json!({ "Policy": document }).to_string());
        format!("aws sqs set-queue-attributes --queue-url {queue} --attributes {attributes}")
    }
}

/// Account and name of `https://sqs.eu-central-1.amazonaws.com/111122223333/orders`. None for a URL of another form: the caller writes it, and
/// what it says at another place is no owner.
fn parts(url: &str) -> Option<(&str, &str)> {
    let (_, path) = url.split_once("://")?.1.split_once('/')?;
    let (owner, name) = path.split_once('/')?;
    let is_account = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
    (is_account && !name.is_empty() && !name.contains(['/', '?', '#'])).then_some((owner, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_named_by_its_url_and_by_nothing_behind_it() {
        assert_eq!(
            parts("https://sqs.eu-central-1.amazonaws.com/111122223333/orders"),
            Some(("111122223333", "orders"))
        );
        for other in [
            "https://x/111122223333/999988887777/",
            "https://x/111122223333/a?b=/999988887777/c",
            "orders",
            "https://x/1/a",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
