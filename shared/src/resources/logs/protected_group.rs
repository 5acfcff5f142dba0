//! LOG-10: log groups that hold what happened go on holding it.
//!
//! Sources: "DeleteLogGroup", "DeleteLogStream", "DeleteSubscriptionFilter", "DeleteMetricFilter", "DisassociateKmsKey" (CloudWatch Logs API
//! reference); the names are those that AWS gives or asks for ("Sending web ACL traffic logs to a CloudWatch Logs log group", AWS WAF developer guide;
//! "Sending events to CloudWatch Logs", CloudTrail user guide; "Control plane logs", EKS user guide).

use crate::engine::notice::prelude::*;
use crate::resources::logs::protected::ProtectedGroupSettings;

/// Protected log groups.
pub type ProtectedGroups = Notices<ProtectedGroup>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProtectedGroup;

impl Notice for ProtectedGroup {
    type Settings = ProtectedGroupSettings;

    const KIND: &'static str = "protected-log-group";
    const ABOUT: &'static About = &About {
        name: "protected-log-group-weakened",
        catalogue_id: "LOG-10",
        title: "A protected log group was deleted or weakened",
        description: "A principal that is not among `allowed_principals` deleted a log group that is among `protected_groups` or one of its streams, deleted a \
            subscription filter or a metric filter of it, or took its KMS key away. Other log groups are left \
            alone: they come and go with what writes to them.",
        severity: Severity::High,
        class: Class::R0,
        controls: &["CloudWatch.16"],
        technique: "T1562.008",
        triggers: &[
            "DeleteLogGroup",
            "DeleteLogStream",
            "DeleteSubscriptionFilter",
            "DeleteMetricFilter",
            "DisassociateKmsKey",
        ],
        remediation: "Notifies: deleted events cannot be brought back, and the filter or the key that stood there before is in no record. Deletion \
            protection (`PutLogGroupDeletionProtection`) prevents the deletion of a group.",
        actions: &[],
        ids: &["arn:%:logs:%:%:log-group:*"],
        not_watched: &[
            ("PutRetentionPolicy, DeleteRetentionPolicy", "how long events are kept is another guardrail's"),
            (
                "PutSubscriptionFilter, PutMetricFilter",
                "they may write over a filter of the same name with another pattern or destination: what it filtered before is not known",
            ),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of("logs.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(None);
        }
        let text = |member: &str| event.request.text(&[member]);
        // By its name, or as part of its ARN.
        let of_arn =
            || text("resourceIdentifier")?.split_once(":log-group:").map(|(_, name)| name.trim_end_matches(":*"));
        let Some(group) = text("logGroupName").or_else(of_arn) else {
            // The key of stored query results is no group's.
            if text("resourceIdentifier").is_some() {
                return Ok(None);
            }
            return Err(Unlocatable::new(event, "the record names no log group"));
        };
        let what = |member: &str| text(member).unwrap_or("?");
        let (element, why) = match event.name.as_str() {
            "DeleteLogGroup" => {
                ("deleted".to_owned(), format!("log group `{group}` was deleted with all of its events"))
            }
            "DeleteLogStream" => {
                let stream = what("logStreamName");
                (
                    format!("stream {stream}"),
                    format!("stream `{stream}` of log group `{group}` was deleted with its events"),
                )
            }
            "DeleteSubscriptionFilter" => {
                let filter = what("filterName");
                let why = format!(
                    "subscription filter `{filter}` of log group `{group}` was deleted: its destination receives no more events"
                );
                (format!("subscription filter {filter}"), why)
            }
            "DeleteMetricFilter" => {
                let filter = what("filterName");
                let why =
                    format!("metric filter `{filter}` of log group `{group}` was deleted: no alarm sees its events");
                (format!("metric filter {filter}"), why)
            }
            _ => ("no key".to_owned(), format!("log group `{group}` is not encrypted with its KMS key any more")),
        };
        Ok(Some(Noticed::of(event, group).sign(&element, Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        Self::settings(terms).are_about(&seen.name, &seen.by)
    }

    fn named(group: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:logs:{region}:{account}:log-group:{group}");
        Resource { id, kind: "Other", name: group.to_owned() }
    }
}
