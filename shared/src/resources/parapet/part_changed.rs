//! LOG-13: what Parapet's functions work with is changed by deployments alone: the topic and its subscriptions, the queue of dead letters, the ledger and its keys, the
//! policy object, alarms, schedules and logs.
//!
//! Sources: the actions of these names in the API references of the services. S3 records calls about objects only where a trail asks for data events of
//! the policy's bucket; a policy that cannot be read any more is notified by every function.

use super::{is_deployed, noticed, part, stack_here};
use crate::engine::arn::arn_part;
use crate::engine::notice::prelude::*;
use crate::engine::own::Stack;
use serde_json::Value;

/// Changes of what Parapet's functions work with.
pub type PartChanges = Notices<PartChange>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartChange;

const SNS: &[&str] = &[
    "AddPermission",
    "DeleteTopic",
    "PutDataProtectionPolicy",
    "RemovePermission",
    "SetSubscriptionAttributes",
    "SetTopicAttributes",
    "Unsubscribe",
];
const SQS: &[&str] = &["AddPermission", "DeleteQueue", "PurgeQueue", "RemovePermission", "SetQueueAttributes"];
const DYNAMODB: &[&str] = &[
    "DeleteResourcePolicy",
    "DeleteTable",
    "PutResourcePolicy",
    "UpdateContinuousBackups",
    "UpdateTable",
    "UpdateTimeToLive",
];
const KMS: &[&str] = &["DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion"];
const S3: &[&str] =
    &["DeleteBucket", "DeleteBucketPolicy", "DeleteObject", "PutBucketPolicy", "PutObject", "PutObjectAcl"];
const SCHEDULER: &[&str] = &["DeleteSchedule", "DeleteScheduleGroup", "UpdateSchedule"];
const LOGS: &[&str] = &["DeleteLogGroup"];
const ALARMS: &[&str] = &["DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm"];

impl Notice for PartChange {
    type Settings = NoSettings;

    const KIND: &'static str = "parapet-part-change";
    const HEARS_ITSELF: bool = true;
    const ABOUT: &'static About = &About {
        name: "parapet-part-changed",
        catalogue_id: "LOG-13",
        title: "A resource that Parapet depends on was changed or deleted",
        description: "The topic, one of its subscriptions, the queue of dead letters, the ledger, its keys, the policy object or its bucket, an alarm, a schedule or a log group of \
            Parapet's stack was changed, opened or deleted: findings are not notified, failures are lost, or what an operator decided is not known. What CloudFormation \
            changes for the role that the stack's parameter `DeployRole` names is left alone.",
        severity: Severity::Critical,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &[
            "AddPermission",
            "DeleteAlarms",
            "DeleteBucket",
            "DeleteBucketPolicy",
            "DeleteLogGroup",
            "DeleteObject",
            "DeleteQueue",
            "DeleteResourcePolicy",
            "DeleteSchedule",
            "DeleteScheduleGroup",
            "DeleteTable",
            "DeleteTopic",
            "DisableAlarmActions",
            "DisableKey",
            "PurgeQueue",
            "PutBucketPolicy",
            "PutDataProtectionPolicy",
            "PutKeyPolicy",
            "PutMetricAlarm",
            "PutObject",
            "PutObjectAcl",
            "PutResourcePolicy",
            "RemovePermission",
            "ScheduleKeyDeletion",
            "SetQueueAttributes",
            "SetSubscriptionAttributes",
            "SetTopicAttributes",
            "Unsubscribe",
            "UpdateContinuousBackups",
            "UpdateSchedule",
            "UpdateTable",
            "UpdateTimeToLive",
        ],
        remediation: "Notifies: what it was is in no record. Deploy the stack again; restore the ledger from a point in time.",
        actions: &[],
        ids: &[
            "arn:%:sns:%:%:*",
            "arn:%:sqs:%:%:%",
            "arn:%:dynamodb:%:%:table/%",
            "arn:%:kms:%:%:key/%",
            "arn:%:s3:::*",
            "arn:%:scheduler:%:%:*",
            "arn:%:logs:%:%:log-group:*",
            "arn:%:cloudwatch:%:%:alarm:*",
        ],
        not_watched: &[
            ("Subscribe", "who is notified beside the others loses nothing"),
            (
                "DeleteObjects",
                "its record does not name the objects: that the policy is gone is notified when it is read",
            ),
            ("CreateGrant", "the policies of the ledger's keys let no principal call it"),
            ("PutRetentionPolicy", "the retention of these log groups is another guardrail's"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        Ok(Self::all_noticed(event)?.into_iter().next())
    }

    fn all_noticed(event: &Event) -> Result<Vec<Noticed>, Unlocatable> {
        let Some(arns) = named_by(event) else { return Ok(Vec::new()) };
        // What a service does by itself: Scheduler deletes the schedules that are over.
        if event.actor.is_aws() {
            return Ok(Vec::new());
        }
        if arns.is_empty() {
            return Err(Unlocatable::new(event, "the record names no resource"));
        }
        Ok(arns.iter().map(|arn| noticed(event, arn, &event.name, &what(event))).collect())
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        stack_here(terms).is_some_and(|stack| is_part(&seen.name, stack, terms)) && !is_deployed(seen, terms)
    }

    fn named(arn: &str, _: &Place) -> Resource {
        let name = arn.splitn(6, ':').nth(5).unwrap_or(arn).to_owned();
        Resource { id: arn.to_owned(), kind: "Other", name }
    }
}

fn what(event: &Event) -> String {
    let verb = match event.name.as_str() {
        name if event.is_deletion() || name.starts_with("Schedule") => "was deleted, or will be",
        "Unsubscribe" => "was deleted",
        "PurgeQueue" => "was emptied",
        "DisableKey" | "DisableAlarmActions" => "was disabled",
        _ => "was changed",
    };
    format!("it {verb}")
}

/// The ARNs of what the call names; none where it is none of these.
fn named_by(event: &Event) -> Option<Vec<String>> {
    let text = |member: &str| event.request.text(&[member]);
    let here = |service: &str, before: &str, name: &str| super::arn_of(event, service, &event.region, before, name);
    let one = |arn: Option<String>| Some(arn.into_iter().collect());
    let is = |source: &str, names: &[&str]| event.is_one_of(source, names);
    if is("sns.amazonaws.com", SNS) {
        let topic = text("topicArn").or_else(|| text("resourceArn"));
        return one(topic.or_else(|| text("subscriptionArn")).map(str::to_owned));
    }
    if is("sqs.amazonaws.com", SQS) {
        let url = text("queueUrl").and_then(|url| url.trim_end_matches('/').rsplit('/').next());
        return one(url.map(|name| here("sqs", "", name)));
    }
    if is("dynamodb.amazonaws.com", DYNAMODB) {
        let table = text("tableName").or_else(|| text("resourceArn"));
        return one(table.map(|name| here("dynamodb", "table/", name)));
    }
    if is("kms.amazonaws.com", KMS) {
        return one(text("keyId").map(|id| here("kms", "key/", id)));
    }
    if is("s3.amazonaws.com", S3) {
        let object = text("key").map(|key| format!("/{key}")).unwrap_or_default();
        return one(text("bucketName").map(|bucket| format!("arn:{}:s3:::{bucket}{object}", event.partition())));
    }
    if is("scheduler.amazonaws.com", SCHEDULER) {
        let group =
            if event.name == "DeleteScheduleGroup" { text("name") } else { text("groupName").or(Some("default")) };
        let schedule = text("name").filter(|_| event.name != "DeleteScheduleGroup");
        return one(group.map(|group| match schedule {
            Some(schedule) => here("scheduler", "schedule/", &format!("{group}/{schedule}")),
            None => here("scheduler", "schedule-group/", group),
        }));
    }
    if is("logs.amazonaws.com", LOGS) {
        return one(text("logGroupName").map(|name| here("logs", "log-group:", name)));
    }
    if is("monitoring.amazonaws.com", ALARMS) {
        let list = event.request.at(&["alarmNames"]).and_then(Value::as_array);
        let names = list.into_iter().flatten().filter_map(Value::as_str).chain(text("alarmName"));
        return Some(names.map(|name| here("cloudwatch", "alarm:", name)).collect());
    }
    None
}

/// Whether what the ARN names is the stack's.
fn is_part(arn: &str, stack: &Stack, terms: &Terms<'_>) -> bool {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let is_named = |name: &str| part(name, terms).is_some();
    match arn_part(arn, 2) {
        // A subscription's id follows its topic.
        Some("sns") => is_named(resource.split(':').next().unwrap_or(resource)),
        Some("sqs") => is_named(resource),
        Some("dynamodb") => is_named(resource.trim_start_matches("table/").split('/').next().unwrap_or_default()),
        // By its id, by its ARN, or by an alias, which is not known to be one of these.
        Some("kms") => stack.keys.iter().any(|key| {
            key == arn || resource.strip_prefix("key/").is_some_and(|id| key.rsplit('/').next() == Some(id))
        }),
        Some("s3") => stack
            .policy
            .as_deref()
            .and_then(|uri| uri.strip_prefix("s3://"))
            .is_some_and(|object| object == resource || object.split('/').next() == Some(resource)),
        Some("scheduler") => resource.split('/').nth(1) == Some(stack.name.as_str()),
        Some("logs") => is_named(resource.trim_start_matches("log-group:")),
        Some("cloudwatch") => is_named(resource.trim_start_matches("alarm:")),
        _ => false,
    }
}
