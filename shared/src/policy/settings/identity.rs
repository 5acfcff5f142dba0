//! What the guardrails on identities let the operator choose.

use crate::policy::settings::AtMost;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What root may do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RootCallSettings {
    /// Calls that root may make, as service and event name such as `s3:DeleteBucketPolicy`; `*` and `?` match as in IAM. For
    /// calls that AWS allows root only.
    pub allowed_calls: Vec<String>,
}

/// What a trust policy must say of services.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoleTrustSettings {
    /// Services whose access must be restricted to a source (`aws:SourceAccount`, `aws:SourceArn`, `aws:SourceOrgID`), such as
    /// `scheduler.amazonaws.com`; `*` and `?` match as in IAM. No service, if the list is empty: most services only assume
    /// roles that were passed to them in the same account, and some do not send these keys.
    pub pinned_services: Vec<String>,
}

/// Which permissions boundaries may be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BoundarySettings {
    /// ARNs of the policies that may replace another boundary; `*` and `?` match as in IAM.
    pub allowed_boundaries: Vec<String>,
}

/// Which identity providers may be in an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderSettings {
    /// Names of SAML providers, issuers of OIDC providers without `https://`, or ARNs; `*` and `?` match as in IAM.
    pub allowed_providers: Vec<String>,
}

/// Who may have long-term access keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccessKeySettings {
    /// Names of the users that may have keys; `*` and `?` match as in IAM. No user, if the list is empty.
    pub allowed_users: Vec<String>,
    /// Whether users may create keys for themselves; a key created by another principal still violates.
    pub allow_own: bool,
    /// The most active keys that an allowed user may have (AWS's own limit is two keys).
    pub max_active_keys: Option<usize>,
}

/// Who may set whose console password.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordSetterSettings {
    /// ARNs of the principals (or of the roles behind their sessions) that may set passwords of others; `*` and `?` match as
    /// in IAM. No principal, if the list is empty.
    pub allowed_setters: Vec<String>,
    /// Names of users for whom it only notifies, such as break-glass users; `*` and `?` match.
    pub protected_users: Vec<String>,
}

/// What is left to a console user without MFA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MfaSettings {
    /// Whether such a user may still enrol a device by itself. `false` leaves that to an administrator: an attacker who has
    /// the user's password cannot enrol a device.
    pub allow_enrolment: bool,
    /// Names of users for whom it only notifies, such as break-glass users; `*` and `?` match.
    pub protected_users: Vec<String>,
}

impl Default for MfaSettings {
    fn default() -> Self {
        Self { allow_enrolment: true, protected_users: Vec::new() }
    }
}

/// What is done about a user whose key leaked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QuarantineSettings {
    /// Whether the sessions that were opened with the user's credentials are cut too: they outlive their key by up to 36 hours.
    pub cut_sessions: bool,
    /// Names of users for whom it only notifies, such as break-glass users; `*` and `?` match.
    pub protected_users: Vec<String>,
    /// Principals besides AWS that may report a leaked key, by attaching AWS's quarantine policy to its user: ARNs of
    /// principals (or of the roles behind their sessions), `*` and `?` match as in IAM. `"*"` accepts any principal, and also
    /// a policy that a sweep finds.
    pub accepted_from: Vec<String>,
    /// Whether to accept a quarantine that, by the record, the user attached with its own access key: AWS has used found keys
    /// in this way, but so can any holder of the key.
    pub accept_own_key: bool,
}

/// The minimum that the account's password policy must require. The defaults are those of CIS AWS Foundations 5.0.0 (1.7,
/// 1.8) and, for the kinds of characters, of Security Hub's IAM.7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordPolicySettings {
    /// The minimum length of a password; AWS accepts 6 to 128.
    pub min_length: AtMost<128>,
    /// How many earlier passwords may not be used again; AWS remembers 24 at most.
    pub reuse_prevention: AtMost<24>,
    /// The maximum age of a password in days (AWS accepts 1 to 1095). Without it, passwords need not expire.
    pub max_age_days: Option<AtMost<1095>>,
    /// Whether a symbol is required.
    pub require_symbols: bool,
    /// Whether a digit is required.
    pub require_numbers: bool,
    /// Whether an upper-case letter is required.
    pub require_uppercase: bool,
    /// Whether a lower-case letter is required.
    pub require_lowercase: bool,
    /// Whether a policy that was stricter must stay so: the ledger stores the last known good state. `false` allows it to go
    /// down to this baseline.
    pub keep_stricter: bool,
}

impl Default for PasswordPolicySettings {
    fn default() -> Self {
        Self {
            min_length: AtMost(14),
            reuse_prevention: AtMost(24),
            max_age_days: None,
            require_symbols: true,
            require_numbers: true,
            require_uppercase: true,
            require_lowercase: true,
            keep_stricter: true,
        }
    }
}

/// Which administrators may be made by attaching a policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttachedAdminSettings {
    /// ARNs of the policies that may be attached to any principal; `*` and `?` match as in IAM.
    pub allowed_policies: Vec<String>,
}

/// Which policies may be attached although they allow privilege escalation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttachedEscalationSettings {
    /// ARNs of the policies that may be attached to any principal; `*` and `?` match as in IAM.
    pub allowed_policies: Vec<String>,
    /// Which privilege escalation paths count.
    pub ways: Ways,
}

/// Which privilege escalation paths count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EscalationSettings {
    /// Which privilege escalation paths count.
    pub ways: Ways,
}

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
