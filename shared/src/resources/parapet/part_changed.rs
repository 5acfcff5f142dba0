//! LOG-13: what Parapet's functions work with is changed by deployments alone: the topic and its subscriptions, the queue of dead letters, the ledger and its keys, the
//! policy object, alarms, schedules, logs, and the event buses.
//!
//! Sources: the actions of these names in the API references of the services. S3 records calls about objects only where a trail asks for data events of
//! the policy's bucket; a policy that cannot be read any more is notified by every function.

use super::{is_deployed, noticed, part, stack_here};
use crate::engine::arn::arn_part;
use crate::engine::notice::prelude::*;
use crate::engine::own::Stack;
use crate::resources::parapet::manifest::MANIFEST;
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
const S3: &[&str] = &[
    "DeleteBucket",
    "DeleteBucketPolicy",
    "DeleteBucketPublicAccessBlock",
    "DeleteObject",
    "PutBucketAcl",
    "PutBucketLifecycle",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutObject",
    "PutObjectAcl",
];
const SCHEDULERS: &str = "scheduler.amazonaws.com";
const SCHEDULER: &[&str] = &["DeleteSchedule", "DeleteScheduleGroup", "UpdateSchedule"];
const LOGS: &[&str] = &["DeleteLogGroup", "DeleteLogStream"];
const ALARMS: &[&str] = &["DeleteAlarms", "DisableAlarmActions", "PutAlarmMuteRule", "PutMetricAlarm"];
/// Of a rule that leads to no function: the others are put back by another guardrail.
const RULES: &[&str] = &["DeleteRule", "DisableRule", ENABLE, "PutRule", "PutTargets", "RemoveTargets"];
/// Of any rule: what disabled it brought no record where the rules of this function were disabled, too.
const ENABLE: &str = "EnableRule";
const BUSES: &[&str] = &["DeleteEventBus", "PutPermission", "RemovePermission", "UpdateEventBus"];

impl Notice for PartChange {
    type Settings = NoSettings;

    const KIND: &'static str = "parapet-part-change";
    const HEARS_ITSELF: bool = true;
    const ABOUT: &'static About = &About {
        name: "parapet-part-changed",
        catalogue_id: "LOG-13",
        title: "A resource that Parapet depends on was changed or deleted",
        description: "The topic, one of its subscriptions, the queue of dead letters, the ledger, its keys, the key that the stack's parameter `KmsKeyArn` names, the policy object or its bucket, an alarm, a schedule, a log group or the bus of members of \
            Parapet's stack was changed, opened or deleted, its alarms were muted, a rule of it was enabled again that was disabled, or the account's default bus was changed: findings are not notified, failures are lost, \
            no event comes, or what an operator decided is not known. What CloudFormation changes for the role that the stack's parameter `DeployRole` names is left alone.",
        severity: Severity::Critical,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &[
            "AddPermission",
            "DeleteAlarms",
            "DeleteBucket",
            "DeleteBucketPolicy",
            "DeleteBucketPublicAccessBlock",
            "DeleteEventBus",
            "DeleteLogGroup",
            "DeleteLogStream",
            "DeleteObject",
            "DeleteQueue",
            "DeleteResourcePolicy",
            "DeleteRule",
            "DeleteSchedule",
            "DeleteScheduleGroup",
            "DeleteTable",
            "DeleteTopic",
            "DisableAlarmActions",
            "DisableKey",
            "DisableRule",
            ENABLE,
            "PurgeQueue",
            "PutAlarmMuteRule",
            "PutBucketAcl",
            "PutBucketLifecycle",
            "PutBucketPolicy",
            "PutBucketPublicAccessBlock",
            "PutDataProtectionPolicy",
            "PutKeyPolicy",
            "PutMetricAlarm",
            "PutObject",
            "PutObjectAcl",
            "PutPermission",
            "PutResourcePolicy",
            "PutRule",
            "PutTargets",
            "RemovePermission",
            "RemoveTargets",
            "ScheduleKeyDeletion",
            "SetQueueAttributes",
            "SetSubscriptionAttributes",
            "SetTopicAttributes",
            "Unsubscribe",
            "UpdateContinuousBackups",
            "UpdateEventBus",
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
            "arn:%:events:%:%:event-bus/%",
            "arn:%:events:%:%:rule/%",
        ],
        not_watched: &[
            ("Subscribe", "who is notified beside the others loses nothing"),
            (
                "DeleteObjects",
                "its record does not name the objects: that the policy is gone is notified when it is read",
            ),
            ("SetAlarmState", "the next evaluation, within minutes, sets it back and notifies"),
            (
                "CreateGrant",
                "the policies of the ledger's keys let no principal call it, and for the key that encrypts what is stored the services do",
            ),
            (
                "RevokeGrant, RetireGrant",
                "the services that use the key end grants themselves, and the calls name a grant and not who uses it: a revoked one shows as \
                 the failure of what used it, and the heartbeat's alarm when the functions no longer start",
            ),
            ("PutRetentionPolicy", "the retention of these log groups is another guardrail's"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        Ok(Self::all_noticed(event)?.into_iter().next())
    }

    fn all_noticed(event: &Event) -> Result<Vec<Noticed>, Unlocatable> {
        let Some(arns) = named_by(event) else { return Ok(Vec::new()) };
        // Scheduler itself deletes the schedules that are over.
        if event.is_one_of(SCHEDULERS, SCHEDULER) && event.actor.is_aws() {
            return Ok(Vec::new());
        }
        if arns.is_empty() {
            return Err(Unlocatable::new(event, "the record names no resource"));
        }
        Ok(arns.iter().map(|arn| noticed(event, arn, &event.name, &what(event))).collect())
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        let is_enabled = seen.signs.iter().any(|sign| sign.element == ENABLE);
        let is_rule = || seen.name.rsplit('/').next().is_some_and(|name| part(name, terms).is_some());
        let is_part = |stack| is_part(&seen.name, stack, terms) || is_enabled && is_rule();
        stack_here(terms).is_some_and(is_part) && !is_deployed(seen, terms)
    }

    fn named(arn: &str, _: &Place) -> Resource {
        let name = arn.splitn(6, ':').nth(5).unwrap_or(arn).to_owned();
        Resource { id: arn.to_owned(), kind: "Other", name }
    }
}

fn what(event: &Event) -> String {
    let verb = match event.name.as_str() {
        "DeleteBucketPolicy" | "DeleteBucketPublicAccessBlock" | "DeleteResourcePolicy" => "has other permissions",
        "ScheduleKeyDeletion" => "will be deleted",
        "PurgeQueue" => "was emptied",
        "PutAlarmMuteRule" => "was muted",
        "DisableKey" | "DisableAlarmActions" | "DisableRule" => "was disabled",
        ENABLE => "was enabled again, and was disabled before: what it brings did not arrive meanwhile",
        name if name.starts_with("Delete") || name == "Unsubscribe" => "was deleted",
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
    if is(SCHEDULERS, SCHEDULER) {
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
        let list = |path: &[&str]| event.request.at(path).and_then(Value::as_array).cloned().unwrap_or_default();
        let lists = [list(&["alarmNames"]), list(&["muteTargets", "alarmNames"])].concat();
        let names = lists.iter().filter_map(Value::as_str).chain(text("alarmName"));
        return Some(names.map(|name| here("cloudwatch", "alarm:", name)).collect());
    }
    if is("events.amazonaws.com", RULES) {
        return one(text("name").or_else(|| text("rule")).map(|name| here("events", "rule/", name)));
    }
    if is("events.amazonaws.com", BUSES) {
        let bus = text("eventBusName").or_else(|| text("name")).unwrap_or(DEFAULT_BUS);
        // Who else may put events on the default bus is another guardrail's: the rules ask for AWS's own.
        let is_about_it = event.name == "UpdateEventBus" || bus.rsplit('/').next() != Some(DEFAULT_BUS);
        return is_about_it.then(|| vec![here("events", "event-bus/", bus)]);
    }
    None
}

/// The bus that AWS's own events come by.
const DEFAULT_BUS: &str = "default";

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
        Some("events") => {
            let bus = resource.trim_start_matches("event-bus/");
            let is_other_rule = |name| part(name, terms).is_some_and(|id| !MANIFEST.rules.contains_key(id));
            bus == DEFAULT_BUS || resource.strip_prefix("rule/").map_or_else(|| is_named(bus), is_other_rule)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_triggers_are_the_calls_of_the_services() {
        let calls = [SNS, SQS, DYNAMODB, KMS, S3, SCHEDULER, LOGS, ALARMS, RULES, BUSES].concat();
        let triggers: BTreeSet<&str> = PartChange::ABOUT.triggers.iter().copied().collect();
        assert_eq!(triggers, calls.into_iter().collect());
    }
}
