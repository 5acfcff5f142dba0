//! RES-05: the policies of SNS topics.
//!
//! Every topic has one: SNS writes a default, which lets the owner's account in (`AWS:SourceOwner`). `SetTopicAttributes` carries the whole
//! document, as does `CreateTopic` where it names one; `AddPermission` only what it adds.
//! Sources: "Example cases for Amazon SNS access control" and "SetTopicAttributes" (SNS developer guide and API reference).

#[cfg(feature = "sns")]
mod client;

use crate::engine::resource_policy::prelude::*;
use serde_json::json;

const GET: Permission = Permission::on("sns:GetTopicAttributes", &["sns:${Region}:${Account}:*"]);
const SUBSCRIPTIONS: Permission = Permission::on("sns:ListSubscriptionsByTopic", &["sns:${Region}:${Account}:*"]);
const LIST: Permission = Permission::read("sns:ListTopics");
const SET: Permission = Permission::on("sns:SetTopicAttributes", &["sns:${Region}:${Account}:*"]);

/// The policies of SNS topics.
pub type TopicPolicies = Policies<Topics>;

/// SNS topics, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Topics;

impl ResourcePolicy for Topics {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "sns-topic-policy";
    const NOUN: &'static str = "SNS topic";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "SNS topic",
        public: "sns-topic-policy-public" is "RES-05" at Critical,
        untrusted: "sns-topic-policy-untrusted" is "RES-05",
        class: R1,
        controls: &["SNS.4", "IAM Access Analyzer AWS::SNS::Topic"],
        untrusted_controls: &["IAM Access Analyzer AWS::SNS::Topic"],
        technique: "T1530",
        triggers: &["SetTopicAttributes", "CreateTopic", "AddPermission"],
        actions: Self::WRITES,
        ids: &["arn:%:sns:%:%:%"],
        not_watched: &[
            ("RemovePermission", "it removes a statement: what is left was there before"),
            ("PutDataProtectionPolicy", "it says what messages may contain, not who may publish or subscribe"),
        ],
        default: "If nothing is left, the topic gets the default policy of SNS, which allows its own account.",
        beside: "S3, CloudWatch and other services publish by a statement of their own, which stays.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::SNS::TopicInlinePolicy", "PolicyDocument"),
        ("AWS::SNS::TopicPolicy", "PolicyDocument"),
        ("aws_sns_topic", "policy"),
        ("aws_sns_topic_policy", "policy"),
    ];
    const READS: &'static [Permission] = &[GET, SUBSCRIPTIONS];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = SET;

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("sns.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let is_new = event.name == "CreateTopic";
        let policy = match event.name.as_str() {
            "SetTopicAttributes" if event.request.text(&["attributeName"]).is_some_and(|name| name != "Policy") => {
                return Ok(None);
            }
            "SetTopicAttributes" => event.request.at(&["attributeValue"]),
            // Without one, SNS writes its default, which lets only the account in.
            "CreateTopic" => match (event.request.at(&["attributes", "Policy"]), event.request.value()) {
                (None, Some(_)) => return Ok(None),
                (policy, _) => policy,
            },
            _ => None,
        };
        let arn = if is_new { event.response.text(&["topicArn"]) } else { event.request.text(&["topicArn"]) };
        let arn = arn.ok_or_else(|| Unlocatable::new(event, "the record names no topic"))?;
        Ok(Some(Change::of(arn.to_owned(), policy)))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        let name = arn.rsplit(':').next().unwrap_or(arn).to_owned();
        Resource { id: arn.clone(), kind: "AwsSnsTopic", name }
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    /// What SNS writes for a topic that is made without a policy.
    fn when_nothing_is_left(arn: &String, place: &Place) -> Nothing {
        const ACTIONS: [&str; 8] = [
            "SNS:Publish",
            "SNS:RemovePermission",
            "SNS:SetTopicAttributes",
            "SNS:DeleteTopic",
            "SNS:ListSubscriptionsByTopic",
            "SNS:GetTopicAttributes",
            "SNS:AddPermission",
            "SNS:Subscribe",
        ];
        let owner = Self::owner(arn).unwrap_or(&place.account);
        let statement = json!({
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ACTIONS,
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": owner}},
        });
        let default = json!({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]});
        Nothing::Write(default.to_string())
    }

    fn put_line(topic: &str, document: &str) -> String {
        let document = argument(document);
        format!("aws sns set-topic-attributes --topic-arn {topic} --attribute-name Policy --attribute-value {document}")
    }
}
