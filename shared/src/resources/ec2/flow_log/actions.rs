//! What can be done about a flow log.

use super::state::FlowLogConfig;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::{jmespath, word};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::{self, Write as _};

pub(crate) const CREATE_FLOW_LOGS: Permission = Permission::on(
    "ec2:CreateFlowLogs",
    &[
        "ec2:${Region}:${Account}:vpc-flow-log/*",
        "ec2:${Region}:${Account}:network-interface/*",
        "ec2:${Region}:${Account}:subnet/*",
        "ec2:${Region}:${Account}:transit-gateway/*",
        "ec2:${Region}:${Account}:transit-gateway-attachment/*",
        "ec2:${Region}:${Account}:vpc/*",
    ],
);
pub(crate) const DELETE_FLOW_LOGS: Permission =
    Permission::on("ec2:DeleteFlowLogs", &["ec2:${Region}:${Account}:vpc-flow-log/*"]);
pub(crate) const CREATE_LOG_DELIVERY: Permission = Permission::setting("logs:CreateLogDelivery");
pub(crate) const PASS_ROLE: Permission = Permission::on("iam:PassRole", &["iam::${Account}:role/*"])
    .when("iam:PassedToService", "vpc-flow-logs.amazonaws.com");
pub(crate) const CREATE_TAGS: Permission =
    Permission::on("ec2:CreateTags", &["ec2:${Region}:${Account}:vpc-flow-log/*"])
        .when("ec2:CreateAction", "CreateFlowLogs");

/// The calls that make and delete flow logs. Both name it by its settings: one that is made has an id that is unknown
/// beforehand, so its removal finds it by content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowLogAction {
    /// Make it.
    Create(FlowLogConfig),
    /// Delete the one with these settings.
    Delete(FlowLogConfig),
}

impl FlowLogAction {
    /// The settings of either call.
    #[must_use]
    pub fn config(&self) -> &FlowLogConfig {
        match self {
            Self::Create(config) | Self::Delete(config) => config,
        }
    }
}

impl fmt::Display for FlowLogAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self {
            Self::Create(_) => "create",
            Self::Delete(_) => "delete",
        };
        write!(f, "{verb} the flow log for {}", self.config())
    }
}

impl Action for FlowLogAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Create(_) => CREATE_FLOW_LOGS.action,
            Self::Delete(_) => DELETE_FLOW_LOGS.action,
        }
    }

    fn command(&self, region: &str) -> String {
        match self {
            Self::Create(config) => in_region(&create(config), region),
            Self::Delete(config) => {
                let found = in_region(&find(config), region);
                in_region(&format!("aws ec2 delete-flow-logs --flow-log-ids $({found})"), region)
            }
        }
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// What is deleted is found by its settings: whatever has the same.
    fn effect(&self) -> Effect {
        match self {
            Self::Create(_) => Effect::Recreating,
            Self::Delete(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

fn create(config: &FlowLogConfig) -> String {
    let kind = config.resource_type().unwrap_or_default();
    let mut line = format!("aws ec2 create-flow-logs --resource-type {kind} --resource-ids {}", word(&config.resource));
    let mut option = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let _ = write!(line, " --{name} {}", word(value));
        }
    };
    option("traffic-type", config.traffic.as_deref());
    option("log-destination-type", Some(config.destination_type()));
    // One names the place: AWS refuses both.
    match &config.destination {
        Some(arn) => option("log-destination", Some(arn)),
        None => option("log-group-name", config.log_group.as_deref()),
    }
    option("deliver-logs-permission-arn", config.role.as_deref());
    option("deliver-cross-account-role", config.cross_account_role.as_deref());
    option("log-format", config.format.as_deref());
    option("max-aggregation-interval", config.interval.map(|seconds| seconds.to_string()).as_deref());
    option("destination-options", options(config).map(|value| value.to_string()).as_deref());
    option("tag-specifications", tags(config).map(|value| value.to_string()).as_deref());
    option("tag-field-specifications", tag_fields(config).map(|value| value.to_string()).as_deref());
    line
}

fn options(config: &FlowLogConfig) -> Option<Value> {
    let options = config.options.as_ref()?;
    let mut map = serde_json::Map::new();
    let format = options.file_format.clone().map(Value::from);
    let fields = [
        ("FileFormat", format),
        ("HiveCompatiblePartitions", options.hive.map(Value::from)),
        ("PerHourPartition", options.per_hour.map(Value::from)),
    ];
    map.extend(fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    Some(Value::Object(map))
}

fn tags(config: &FlowLogConfig) -> Option<Value> {
    let tags: Vec<_> = config.own_tags().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    (!tags.is_empty()).then(|| json!([{"ResourceType": "vpc-flow-log", "Tags": tags}]))
}

fn tag_fields(config: &FlowLogConfig) -> Option<Value> {
    let fields = config.tag_fields.iter().map(|(kind, keys)| json!({"ResourceType": kind, "TagKeys": keys}));
    let fields: Vec<_> = fields.collect();
    (!fields.is_empty()).then_some(Value::Array(fields))
}

/// The line that prints the id of the flow log with these settings.
fn find(config: &FlowLogConfig) -> String {
    let mut test = vec![format!("LogDestinationType=={}", jmespath(config.destination_type()))];
    let mut is = |field: &str, value: Option<&str>| {
        test.extend(value.map(|value| format!("{field}=={}", jmespath(value))));
    };
    is("TrafficType", config.traffic.as_deref());
    match &config.destination {
        Some(arn) => is("LogDestination", Some(arn)),
        None => is("LogGroupName", config.log_group.as_deref()),
    }
    is("LogFormat", config.format.as_deref());
    let query = format!("FlowLogs[?{}].FlowLogId", test.join(" && "));
    let filter = format!("Name=resource-id,Values={}", config.resource);
    let filter = word(&filter);
    format!("aws ec2 describe-flow-logs --filter {filter} --query {} --output text", word(&query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_of_a_flow_log_is_on_the_command_line() {
        let config = FlowLogConfig {
            resource: "vpc-1".to_owned(),
            traffic: Some("ALL".to_owned()),
            destination_type: Some("s3".to_owned()),
            destination: Some("arn:aws:s3:::logs/it's/".to_owned()),
            format: Some("${version} ${action}".to_owned()),
            interval: Some(60),
            options: Some(crate::resources::ec2::flow_log::state::FileOptions {
                file_format: Some("parquet".to_owned()),
                hive: Some(false),
                per_hour: Some(true),
            }),
            tags: [("team".to_owned(), "net".to_owned()), ("aws:cloudformation:stack-name".to_owned(), "x".to_owned())]
                .into(),
            tag_fields: vec![("vpc".to_owned(), vec!["team".to_owned()])],
            ..FlowLogConfig::default()
        };
        assert_eq!(
            FlowLogAction::Create(config.clone()).command("eu-west-1"),
            "aws ec2 create-flow-logs --resource-type VPC --resource-ids vpc-1 --traffic-type ALL \
             --log-destination-type s3 --log-destination \"arn:aws:s3:::logs/it's/\" --log-format '${version} ${action}' \
             --max-aggregation-interval 60 --destination-options \
             '{\"FileFormat\":\"parquet\",\"HiveCompatiblePartitions\":false,\"PerHourPartition\":true}' \
             --tag-specifications '[{\"ResourceType\":\"vpc-flow-log\",\"Tags\":[{\"Key\":\"team\",\"Value\":\"net\"}]}]' \
             --tag-field-specifications '[{\"ResourceType\":\"vpc\",\"TagKeys\":[\"team\"]}]' --region eu-west-1"
        );
        assert_eq!(
            FlowLogAction::Delete(config).command(""),
            "aws ec2 delete-flow-logs --flow-log-ids $(aws ec2 describe-flow-logs --filter \
             'Name=resource-id,Values=vpc-1' --query 'FlowLogs[?LogDestinationType==`\"s3\"` && TrafficType==`\"ALL\"` && \
             LogDestination==`\"arn:aws:s3:::logs/it'\"'s/\\\"\"'` && LogFormat==`\"${version} ${action}\"`].FlowLogId' \
             --output text)"
        );
    }

    #[test]
    fn an_action_round_trips() {
        let config = FlowLogConfig { resource: "vpc-1".to_owned(), ..FlowLogConfig::default() };
        let text = serde_json::to_string(&FlowLogAction::Delete(config.clone())).unwrap();
        assert_eq!(serde_json::from_str::<FlowLogAction>(&text).unwrap(), FlowLogAction::Delete(config));
    }
}
