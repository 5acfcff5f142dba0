//! Amazon CloudWatch: alarms.

pub mod alarm_actions;
pub mod alarms_deleted;

pub use alarm_actions::AlarmSwitches;
pub use alarms_deleted::DeletedAlarms;

use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::request::{Api, Means, Protocol};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::callers::PRINCIPALS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// "Amazon CloudWatch API reference".
pub const CLOUDWATCH: Api = Api {
    signed_as: "monitoring",
    host: "monitoring",
    protocol: Protocol::Json { version: "1.0", target: "GraniteServiceVersion20100801" },
    errors: &[("ResourceNotFound", Means::NotThere), ("InternalServiceFault", Means::Transient)],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "monitoring.amazonaws.com";

const IDS: &[&str] = &["arn:%:cloudwatch:%:%:alarm:*"];

/// Which alarms may be switched off or deleted, and by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AlarmSettings {
    /// Names of alarms that the guardrail is not about; `*` and `?` match as in IAM. Without the setting those that target tracking policies of
    /// autoscaling make and delete all the time: `TargetTracking-*`.
    pub ignored_alarms: Vec<String>,
    /// ARNs of the principals (or of the roles behind their sessions) that may do this; `*` and `?` match as in IAM.
    pub allowed_principals: Vec<String>,
}

impl Default for AlarmSettings {
    fn default() -> Self {
        Self { ignored_alarms: vec!["TargetTracking-*".to_owned()], allowed_principals: Vec::new() }
    }
}

const ALARMS: Holds = Holds {
    shapes: &["*"],
    form: "the name of an alarm",
    everything: Some("leaves out every alarm: the guardrail finds nothing"),
};

impl GuardrailSettings for AlarmSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "ignored_alarms", entries: &self.ignored_alarms, holds: ALARMS },
            List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS },
        ]
    }
}

impl AlarmSettings {
    /// Whether the guardrail is about an alarm that one with these ARNs has changed.
    fn are_about(&self, alarm: &str, by: &[String]) -> bool {
        let is_one = |patterns: &[String], text: &str| patterns.iter().any(|pattern| matches_pattern(pattern, text));
        !is_one(&self.ignored_alarms, alarm) && !by.iter().any(|arn| is_one(&self.allowed_principals, arn))
    }
}

/// The alarms that a call names.
fn named_by(event: &Event) -> Result<Vec<String>, Unlocatable> {
    let names = event.request.at(&["alarmNames"]).and_then(|names| names.as_array());
    let names = names.map(|names| names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect::<Vec<_>>());
    names.filter(|names| !names.is_empty()).ok_or_else(|| Unlocatable::new(event, "the record names no alarm"))
}

fn resource(alarm: &str, Place { partition, account, region }: &Place) -> Resource {
    let id = format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm}");
    Resource { id, kind: "AwsCloudWatchAlarm", name: alarm.to_owned() }
}

/// What is not known of an alarm.
fn hidden<T>(alarm: &str) -> Observed<T> {
    Observed::Unknown { why: format!("the answer does not show whether the actions of alarm `{alarm}` are enabled") }
}
