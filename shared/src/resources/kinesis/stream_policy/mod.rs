//! RES-09: the policies of Kinesis data streams and of their consumers with enhanced fan-out.
//!
//! Another account reads or writes a stream by the policy of the stream, and subscribes by that of a consumer. A call names either by its ARN.
//! Sources: "PutResourcePolicy" (Kinesis API reference), "Sharing your data stream with another account" (Kinesis developer guide).

use super::KINESIS;
use crate::engine::resource_policy::prelude::*;

/// A consumer's ARN begins with that of its stream.
const ARNS: &[&str] = &["kinesis:${Region}:${Account}:stream/*"];
const GET: Permission = Permission::on("kinesis:GetResourcePolicy", ARNS);
const LIST: Permission = Permission::read("kinesis:ListStreams");
const PUT: Permission = Permission::on("kinesis:PutResourcePolicy", ARNS);
const DELETE: Permission = Permission::on("kinesis:DeleteResourcePolicy", ARNS);

/// The policies of streams and consumers.
pub type StreamPolicies = Policies<Streams>;

/// Streams and consumers, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Streams;

impl ResourcePolicy for Streams {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "kinesis-stream-policy";
    const NOUN: &'static str = "Kinesis stream";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "Kinesis stream",
        public: "kinesis-stream-policy-public" is "RES-09" at Critical,
        untrusted: "kinesis-stream-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1530",
        triggers: &["PutResourcePolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:kinesis:%:%:stream/*"],
        not_watched: &[
            ("DeleteResourcePolicy", "without a policy only the account's own principals may use the stream"),
            ("CreateStream, RegisterStreamConsumer", "streams and consumers are made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the stream to its own account.",
        beside: "A consumer with enhanced fan-out has a policy of its own, which is evaluated when it changes; the sweep reads those of streams.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::Kinesis::ResourcePolicy", "ResourcePolicy"), ("aws_kinesis_resource_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("kinesis.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let named = event.request.text(&["resourceARN"]).or_else(|| event.request.text(&["resourceArn"]));
        let arn = named.ok_or_else(|| Unlocatable::new(event, "the record names no stream"))?;
        Ok(Some(Change::of(arn.to_owned(), event.request.at(&["policy"]))))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        let name = arn.split_once(":stream/").map_or(arn.as_str(), |(_, name)| name).to_owned();
        Resource { id: arn.clone(), kind: "AwsKinesisStream", name }
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(stream: &str, document: &str) -> String {
        format!("aws kinesis put-resource-policy --resource-arn {stream} --policy {}", argument(document))
    }

    fn delete_line(stream: &str) -> String {
        format!("aws kinesis delete-resource-policy --resource-arn {stream}")
    }
}

impl SignedPolicy for Streams {
    const API: &'static Api = &KINESIS;
    /// It says so of a stream without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(arn: &String) -> Request {
        Request::named("GetResourcePolicy", json!({"ResourceARN": arn}))
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "Policy", None)
    }

    fn put(arn: &String, document: &str, _: Option<&str>) -> Request {
        Request::named("PutResourcePolicy", json!({"ResourceARN": arn, "Policy": document}))
    }

    fn delete(arn: &String, _: Option<&str>) -> Request {
        Request::named("DeleteResourcePolicy", json!({"ResourceARN": arn}))
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::named("ListStreams", json!({})).member("NextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed {
            found: answer.texts("StreamSummaries", "StreamARN"),
            next: answer.text("NextToken").map(str::to_owned),
        }
    }
}
