//! Who may do what a guardrail objects to: callers that policy names.

use crate::engine::arn::arn_part;
use crate::engine::event::Event;
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The ARNs of an event's caller by which policy may name it: a session's name is the caller's choice, and none of them.
#[must_use]
pub fn callers(event: &Event) -> Vec<String> {
    event.actor.principals()
}

/// Whether the caller is the service-linked role of a service, by its ARNs: no other principal can assume one, and IAM reserves the path.
#[must_use]
pub fn are_service_linked(by: &[String]) -> bool {
    by.iter().any(|arn| arn_part(arn, 5).is_some_and(|name| name.starts_with("role/aws-service-role/")))
}

/// Whether one of the caller's ARNs is among these, which may have wildcards.
#[must_use]
pub fn are_among(patterns: &[String], by: &[String]) -> bool {
    by.iter().any(|arn| patterns.iter().any(|pattern| matches_pattern(pattern, arn)))
}

/// Whose calls are wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AllowedPrincipals {
    /// ARNs of the principals (or of the roles behind their sessions) that may do this; `*` and `?` match as in IAM. What they have left is how it
    /// should be from then on: the role of deployments, of AWS Control Tower (`role/AWSControlTowerExecution`) or of a service
    /// (`role/aws-service-role/*`).
    pub allowed_principals: Vec<String>,
}

impl AllowedPrincipals {
    /// Whether one of the caller's ARNs is among them.
    #[must_use]
    pub fn allow(&self, by: &[String]) -> bool {
        are_among(&self.allowed_principals, by)
    }
}

impl GuardrailSettings for AllowedPrincipals {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS }]
    }
}

/// What an entry of such a list looks like.
pub(crate) const PRINCIPALS: Holds = Holds {
    shapes: Holds::CALLERS,
    form: "the ARN of a user or a role",
    everything: Some("allows every principal: the guardrail finds nothing"),
};
