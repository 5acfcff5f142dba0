//! Which log groups are protected: those that hold what happened, by the names that AWS gives them or asks for ("Sending web ACL traffic logs to a
//! CloudWatch Logs log group", AWS WAF developer guide; "Sending events to CloudWatch Logs", CloudTrail user guide; "Control plane logs", EKS user guide).

use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::callers::PRINCIPALS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which groups are protected, and from whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProtectedGroupSettings {
    /// Names of the log groups that are protected; `*` and `?` match as in IAM. Without the setting those of CloudTrail and AWS Control Tower, of VPC
    /// flow logs, of AWS WAF, of Route 53, of the control planes of EKS clusters and of Parapet's functions, by their usual names.
    pub protected_groups: Vec<String>,
    /// ARNs of the principals (or of the roles behind their sessions) that may change them; `*` and `?` match as in IAM.
    pub allowed_principals: Vec<String>,
}

/// The usual names.
pub(super) fn usual() -> Vec<String> {
    let usual = [
        "aws-cloudtrail-logs-*",
        "CloudTrail/*",
        "/aws/cloudtrail/*",
        "aws-controltower/*",
        "aws-waf-logs-*",
        "/aws/vpc/*",
        "*flow-logs*",
        "*flowlogs*",
        "/aws/route53/*",
        "/aws/eks/*/cluster",
        "/aws/lambda/parapet-*",
    ];
    usual.map(str::to_owned).into()
}

impl Default for ProtectedGroupSettings {
    fn default() -> Self {
        Self { protected_groups: usual(), allowed_principals: Vec::new() }
    }
}

pub(super) const GROUPS: Holds = Holds { shapes: &["*"], form: "the name of a log group", everything: None };

impl GuardrailSettings for ProtectedGroupSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "protected_groups", entries: &self.protected_groups, holds: GROUPS },
            List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS },
        ]
    }
}

impl ProtectedGroupSettings {
    /// Whether the guardrail is about a group that one with these ARNs has changed.
    pub(super) fn are_about(&self, group: &str, by: &[String]) -> bool {
        are_about(&self.protected_groups, &self.allowed_principals, group, by)
    }
}

pub(super) fn are_about(protected: &[String], allowed: &[String], group: &str, by: &[String]) -> bool {
    let is_one = |patterns: &[String], text: &str| patterns.iter().any(|pattern| matches_pattern(pattern, text));
    is_one(protected, group) && !by.iter().any(|arn| is_one(allowed, arn))
}
