//! What the guardrails on identities let the operator choose.

use crate::policy::settings::AtMost;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What root may do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RootCallSettings {
    /// Calls that root may make, as service and event name such as `s3:DeleteBucketPolicy`; `*` and `?` match as in IAM. For
    /// what AWS lets nobody else do.
    pub allowed_calls: Vec<String>,
}

/// What a trust policy must say of services.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoleTrustSettings {
    /// Services that must say for whom they act (`aws:SourceAccount`, `aws:SourceArn`, `aws:SourceOrgID`), such as
    /// `scheduler.amazonaws.com`; `*` and `?` match as in IAM. None, where the list is empty: most services assume only the
    /// roles that were passed to them in the same account, and some send no such key.
    pub pinned_services: Vec<String>,
}

/// Which permissions boundaries may be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BoundarySettings {
    /// ARNs of the policies that may take the place of another boundary; `*` and `?` match as in IAM.
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
    /// Names of the users that may have keys; `*` and `?` match as in IAM. Nobody, where the list is empty.
    pub allowed_users: Vec<String>,
    /// Whether any user may make keys for itself; a key made by somebody else still violates.
    pub allow_own: bool,
    /// The most active keys that an allowed user may have (AWS's own limit is two keys).
    pub max_active_keys: Option<usize>,
}

/// Who may set whose console password.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordSetterSettings {
    /// ARNs of the principals (or of the roles behind their sessions) that may set passwords of others; `*` and `?` match as
    /// in IAM. Nobody, where the list is empty.
    pub allowed_setters: Vec<String>,
    /// Names of users that are only told about, such as break-glass users; `*` and `?` match.
    pub protected_users: Vec<String>,
}

/// What is left to a console user without MFA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MfaSettings {
    /// Whether such a user may still enrol a device by itself. `false` leaves that to an administrator: somebody who has the
    /// user's password cannot enrol a device of their own.
    pub allow_enrolment: bool,
    /// Names of users that are only told about, such as break-glass users; `*` and `?` match.
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
    /// Names of users that are only told about, such as break-glass users; `*` and `?` match.
    pub protected_users: Vec<String>,
    /// Who beside AWS may say that a key leaked, by putting AWS's quarantine policy on its user: ARNs of principals (or of the
    /// roles behind their sessions), `*` and `?` match as in IAM. `"*"` is anybody, and also a policy that a sweep finds.
    pub accepted_from: Vec<String>,
    /// Whether a quarantine counts that the record shows the user itself putting on, by its own access key: AWS has acted so
    /// with keys that it found. So can whoever holds the key.
    pub accept_own_key: bool,
}

/// What the account's password policy must ask at least. The defaults are those of CIS AWS Foundations 5.0.0 (1.7, 1.8) and, for
/// the kinds of characters, of Security Hub's IAM.7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordPolicySettings {
    /// The least length of a password; AWS takes 6 to 128.
    pub min_length: AtMost<128>,
    /// How many earlier passwords may not be used again; AWS remembers 24 at most.
    pub reuse_prevention: AtMost<24>,
    /// After how many days a password has to be changed (AWS takes 1 to 1095). Without it, passwords need not expire.
    pub max_age_days: Option<AtMost<1095>>,
    /// Whether a symbol is asked for.
    pub require_symbols: bool,
    /// Whether a digit is asked for.
    pub require_numbers: bool,
    /// Whether an upper-case letter is asked for.
    pub require_uppercase: bool,
    /// Whether a lower-case letter is asked for.
    pub require_lowercase: bool,
    /// Whether a policy that was stricter than all this has to stay so: the ledger keeps how it was. `false` lets it go down to this.
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
    /// ARNs of the policies that may be attached to anybody; `*` and `?` match as in IAM.
    pub allowed_policies: Vec<String>,
}

/// Which policies may be attached although they are a way to more permissions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttachedEscalationSettings {
    /// ARNs of the policies that may be attached to anybody; `*` and `?` match as in IAM.
    pub allowed_policies: Vec<String>,
    /// Which ways count.
    pub ways: Ways,
}

/// Which ways to more permissions count.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EscalationSettings {
    /// Which ways count.
    pub ways: Ways,
}

/// How much a way to more permissions may need beside its actions. Each includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ways {
    /// Nothing: it changes what a principal may do, or becomes another principal.
    Principal,
    /// A role that may be passed to a service which runs code of the caller.
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
