//! What can be done about a rule.

use super::state::{Content, RuleRef};
use crate::engine::count::counted;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::request::{Api, Means, Protocol, Request};
use crate::engine::shell::word;
use crate::engine::signed::SignedAction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// "Amazon EventBridge API reference".
pub const EVENTS: Api = Api {
    signed_as: "events",
    host: "events",
    protocol: Protocol::Json { version: "1.1", target: "AWSEvents" },
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("ConcurrentModificationException", Means::Transient),
        ("InternalException", Means::Transient),
    ],
};

/// The rules of the stack, on the default bus and on that of the members, whose names both begin with the stack's.
const RULES: &[&str] = &["events:${Region}:${Account}:rule/${AWS::StackName}-*"];

pub(crate) const DESCRIBE_RULE: Permission = Permission::on("events:DescribeRule", RULES);
pub(crate) const LIST_TARGETS: Permission = Permission::on("events:ListTargetsByRule", RULES);
pub(crate) const LIST_RULES: Permission = Permission::read("events:ListRules");
pub(crate) const ENABLE_RULE: Permission = Permission::on("events:EnableRule", RULES);
pub(crate) const DISABLE_RULE: Permission = Permission::on("events:DisableRule", RULES);
pub(crate) const PUT_RULE: Permission = Permission::on("events:PutRule", RULES);
pub(crate) const DELETE_RULE: Permission = Permission::on("events:DeleteRule", RULES);
pub(crate) const PUT_TARGETS: Permission = Permission::on("events:PutTargets", RULES);
pub(crate) const REMOVE_TARGETS: Permission = Permission::on("events:RemoveTargets", RULES);

/// The calls that change a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleAction {
    /// Enable it.
    Enable(RuleRef),
    /// Disable it.
    Disable(RuleRef),
    /// Write it whole.
    Put {
        /// The rule.
        rule: RuleRef,
        /// All of its content: what is left out is not kept.
        content: Content,
        /// Whether it is enabled.
        enabled: bool,
        /// Whether there is none.
        #[serde(default)]
        is_new: bool,
    },
    /// Delete it.
    Delete(RuleRef),
    /// Write these targets.
    Target {
        /// The rule.
        rule: RuleRef,
        /// The targets.
        targets: Vec<Value>,
        /// Whether there are none with these ids.
        #[serde(default)]
        is_new: bool,
    },
    /// Remove the targets with these ids.
    Untarget {
        /// The rule.
        rule: RuleRef,
        /// Their ids.
        ids: Vec<String>,
    },
}

impl RuleAction {
    /// The rule.
    #[must_use]
    pub fn rule(&self) -> &RuleRef {
        match self {
            Self::Enable(rule)
            | Self::Disable(rule)
            | Self::Delete(rule)
            | Self::Put { rule, .. }
            | Self::Target { rule, .. }
            | Self::Untarget { rule, .. } => rule,
        }
    }

    /// One of each, for the test that holds the requests against the service's model.
    pub(super) fn each() -> Vec<Self> {
        let rule = || RuleRef { name: "orders".to_owned(), bus: Some("partners".to_owned()), ..RuleRef::default() };
        let text = |text: &str| Some(text.to_owned());
        let content = Content {
            pattern: Some(json!({"source": ["aws.ec2"]})),
            schedule: text("rate(1 hour)"),
            description: text("x"),
            role: text("arn:aws:iam::111122223333:role/x"),
        };
        let target = json!({"Id": "function", "Arn": "arn:aws:lambda:eu-central-1:111122223333:function:x",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 1}, "DeadLetterConfig": {"Arn": "arn:aws:sqs:::x"}});
        vec![
            Self::Enable(rule()),
            Self::Disable(rule()),
            Self::Put { rule: rule(), content, enabled: true, is_new: false },
            Self::Put { rule: rule(), content: Content::default(), enabled: false, is_new: true },
            Self::Delete(rule()),
            Self::Target { rule: rule(), targets: vec![target.clone()], is_new: false },
            Self::Target { rule: rule(), targets: vec![target], is_new: true },
            Self::Untarget { rule: rule(), ids: vec!["function".to_owned()] },
        ]
    }
}

fn state(is_enabled: bool) -> &'static str {
    if is_enabled { "ENABLED" } else { "DISABLED" }
}

impl fmt::Display for RuleAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.rule().name;
        match self {
            Self::Enable(_) => write!(f, "enable rule {name}"),
            Self::Disable(_) => write!(f, "disable rule {name}"),
            Self::Put { is_new: true, .. } => write!(f, "create rule {name}"),
            Self::Put { .. } => write!(f, "write the pattern of rule {name}"),
            Self::Delete(_) => write!(f, "delete rule {name}"),
            Self::Target { targets, .. } => write!(f, "write {} of rule {name}", counted(targets.len(), "target")),
            Self::Untarget { ids, .. } => write!(f, "remove target {} of rule {name}", ids.join(", ")),
        }
    }
}

impl Action for RuleAction {
    fn permission(&self) -> &'static str {
        let permission = match self {
            Self::Enable(_) => ENABLE_RULE,
            Self::Disable(_) => DISABLE_RULE,
            Self::Put { .. } => PUT_RULE,
            Self::Delete(_) => DELETE_RULE,
            Self::Target { .. } => PUT_TARGETS,
            Self::Untarget { .. } => REMOVE_TARGETS,
        };
        permission.action
    }

    fn command(&self, region: &str) -> String {
        let rule = self.rule();
        let name = word(&rule.name);
        let bus = rule.bus.as_ref().map(|bus| format!(" --event-bus-name {}", word(bus))).unwrap_or_default();
        let line = match self {
            Self::Enable(_) => format!("aws events enable-rule --name {name}{bus}"),
            Self::Disable(_) => format!("aws events disable-rule --name {name}{bus}"),
            Self::Delete(_) => format!("aws events delete-rule --name {name}{bus}"),
            Self::Put { content, enabled, .. } => {
                let pattern = content.pattern.as_ref().map(Value::to_string);
                let options = [
                    ("event-pattern", pattern.as_ref()),
                    ("schedule-expression", content.schedule.as_ref()),
                    ("description", content.description.as_ref()),
                    ("role-arn", content.role.as_ref()),
                ];
                let options =
                    options.iter().filter_map(|(name, value)| Some(format!(" --{name} {}", word(value.as_ref()?))));
                format!(
                    "aws events put-rule --name {name}{bus} --state {}{}",
                    state(*enabled),
                    options.collect::<String>()
                )
            }
            Self::Target { targets, .. } => {
                let targets = json!(targets).to_string();
                format!("aws events put-targets --rule {name}{bus} --targets {}", word(&targets))
            }
            Self::Untarget { ids, .. } => {
                let ids: String = ids.iter().map(|id| format!(" {}", word(id))).collect();
                format!("aws events remove-targets --rule {name}{bus} --ids{ids}")
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn elements(&self) -> usize {
        1
    }

    fn effect(&self) -> Effect {
        match self {
            // A target that was removed: it is written again, and no other is touched.
            Self::Enable(_) | Self::Target { is_new: true, .. } => Effect::Restoring,
            Self::Put { is_new: true, .. } => Effect::Recreating,
            Self::Disable(_) | Self::Put { .. } | Self::Delete(_) | Self::Target { .. } | Self::Untarget { .. } => {
                Effect::Overwriting
            }
        }
    }
}

impl SignedAction for RuleAction {
    const API: &'static Api = &EVENTS;

    fn request(&self) -> Request {
        let rule = self.rule();
        let named = |operation, member: &str| {
            let call = Request::named(operation, json!({ member: rule.name }));
            call.member("EventBusName", rule.bus.as_deref())
        };
        match self {
            Self::Enable(_) => named("EnableRule", "Name"),
            Self::Disable(_) => named("DisableRule", "Name"),
            Self::Delete(_) => named("DeleteRule", "Name"),
            Self::Put { content, enabled, .. } => named("PutRule", "Name")
                .member("State", Some(state(*enabled)))
                .member("EventPattern", content.pattern.as_ref().map(Value::to_string))
                .member("ScheduleExpression", content.schedule.as_deref())
                .member("Description", content.description.as_deref())
                .member("RoleArn", content.role.as_deref()),
            Self::Target { targets, .. } => named("PutTargets", "Rule").member("Targets", Some(targets.clone())),
            Self::Untarget { ids, .. } => named("RemoveTargets", "Rule").member("Ids", Some(ids.clone())),
        }
    }
}
