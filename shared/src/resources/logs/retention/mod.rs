//! How long a log group keeps its events: LOG-10.
//!
//! Sources: "PutRetentionPolicy", "DeleteRetentionPolicy", "DescribeLogGroups" (CloudWatch Logs API reference): events that have expired are deleted up to
//! 72 hours after the setting was changed, so that what is set back at once loses nothing. Without a retention, events are kept for ever.
//!
//! Log groups are not listed by the sweep: an account has thousands of them, and few are protected. What a group had before is known where a call
//! that set it was seen.

pub mod cut;

use super::LOGS;
use crate::engine::count::counted;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::engine::unreadable::Unreadable;
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use cut::LogGroupRetentionCut;
use serde_json::{Value, json};

const GROUPS: &[&str] = &["logs:${Region}:${Account}:log-group:*"];
const DESCRIBE: Permission = Permission::read("logs:DescribeLogGroups");
pub(crate) const PUT: Permission = Permission::on("logs:PutRetentionPolicy", GROUPS);
pub(crate) const DELETE: Permission = Permission::on("logs:DeleteRetentionPolicy", GROUPS);

/// The family of the retention of log groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogGroupRetentions;

document_family!(
    LogGroupRetentions,
    "log-group-retention",
    reads: &[DESCRIBE],
    lists: &[],
    undoes: &[PUT, DELETE],
    LogGroupRetentionCut,
);

impl Document for LogGroupRetentions {
    /// Days; none for ever.
    type Value = Option<u64>;

    const SOURCE: &'static str = "logs.amazonaws.com";
    const TRIGGERS: &'static [&'static str] = &["PutRetentionPolicy", "DeleteRetentionPolicy"];

    const PLANNED: &'static [PlannedForm<Held<Option<u64>>>] =
        &[PlannedForm::one("AWS::Logs::LogGroup", planned), PlannedForm::one("aws_cloudwatch_log_group", planned)];

    fn set_by(event: &Event) -> Option<Option<u64>> {
        match event.name.as_str() {
            "DeleteRetentionPolicy" => Some(None),
            _ => event.request.at(&["retentionInDays"]).and_then(Value::as_u64).map(Some),
        }
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        let named = event.request.text(&["logGroupName"]);
        named.map(str::to_owned).ok_or_else(|| Unlocatable::new(event, "the record names no log group"))
    }

    fn named(group: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:logs:{region}:{account}:log-group:{group}");
        Resource { id, kind: "Other", name: group.to_owned() }
    }

    fn is_strictest(days: &Option<u64>) -> bool {
        days.is_none()
    }

    fn permission(days: &Option<u64>) -> Permission {
        if days.is_some() { PUT } else { DELETE }
    }

    fn says(group: &str, days: &Option<u64>) -> String {
        match days {
            Some(days) => format!("keep the events of log group {group} for {days}", days = counted(days, "day")),
            None => format!("keep the events of log group {group} for ever"),
        }
    }

    fn line(group: &str, days: &Option<u64>) -> String {
        let group = word(group);
        match days {
            Some(days) => {
                format!("aws logs put-retention-policy --log-group-name {group} --retention-in-days {days}")
            }
            None => format!("aws logs delete-retention-policy --log-group-name {group}"),
        }
    }
}

/// Events are kept for ever where no number of days stands, or Terraform's 0. By its name a group is protected or not: it has to be known where there
/// is one.
fn planned(it: &PlannedResource<'_>) -> Result<Option<Held<Option<u64>>>, Unreadable> {
    let days = it.number(it.called("RetentionInDays", "retention_in_days"))?;
    let days = days.and_then(|days| u64::try_from(days).ok()).filter(|days| *days > 0);
    let prefix = it.text("name_prefix").ok().flatten();
    let name = match it.text(it.called("LogGroupName", "name")) {
        Err(why) if days.is_some() && prefix.is_none() => return Err(why),
        read => read.ok().flatten().or(prefix),
    };
    Ok(Some(Held::planned(name.unwrap_or_else(|| it.name.to_owned()), days)))
}

impl SignedFamily for LogGroupRetentions {
    const API: &'static Api = &LOGS;

    /// Names are listed in order: the one that is asked for comes before those that it begins.
    fn get(key: &Of<Option<u64>>) -> Request {
        Request::named("DescribeLogGroups", json!({ "logGroupNamePrefix": key.name }))
    }

    fn got(key: &Of<Option<u64>>, answer: &Answer) -> Observed<Held<Option<u64>>> {
        let is_it = |group: &&Value| group["logGroupName"].as_str() == Some(key.name.as_str());
        match answer.list("logGroups").iter().find(is_it) {
            Some(group) => Observed::Known(Held::of(key, group["retentionInDays"].as_u64())),
            None if answer.body.get("logGroups").is_none() => {
                Observed::Unknown { why: format!("the answer does not show log group `{}`", key.name) }
            }
            None => Observed::Absent,
        }
    }

    fn list(_: Option<&str>) -> Option<Request> {
        None
    }

    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }

    fn actions() -> Vec<Write<Self>> {
        [Some(90), None].map(|days| Write::whole("audit", days)).into()
    }
}

impl SignedAction for Write<LogGroupRetentions> {
    const API: &'static Api = &LOGS;

    fn request(&self) -> Request {
        match self.value {
            Some(days) => {
                Request::named("PutRetentionPolicy", json!({"logGroupName": self.name, "retentionInDays": days}))
            }
            None => Request::named("DeleteRetentionPolicy", json!({ "logGroupName": self.name })),
        }
    }
}
