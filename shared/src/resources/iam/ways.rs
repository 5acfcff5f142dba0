//! Which privilege escalation paths count, for the guardrails on what policies grant.

use crate::policy::GuardrailSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which privilege escalation paths count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EscalationSettings {
    /// Which privilege escalation paths count.
    pub ways: Ways,
}

impl GuardrailSettings for EscalationSettings {}

/// What a privilege escalation path may need besides its actions. Each value includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ways {
    /// Nothing: the actions change the permissions of a principal, or become another principal.
    Principal,
    /// A role that may be passed to a service that runs the caller's code.
    #[default]
    PassRole,
    /// A privileged resource that exists already. Noisy: many harmless policies have these actions.
    Existing,
}

impl From<Ways> for iam_policy::Tier {
    fn from(ways: Ways) -> Self {
        match ways {
            Ways::Principal => Self::Principal,
            Ways::PassRole => Self::PassRole,
            Ways::Existing => Self::Existing,
        }
    }
}
