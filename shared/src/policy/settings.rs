//! What each guardrail lets the operator choose. A guardrail that is not listed here does not exist for the policy file.

use super::{Common, GuardrailPolicy, Mode};
use crate::model::block_public_access::AskedBlocking;
use ipnet::IpNet;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

macro_rules! guardrails {
    ($($(#[$doc:meta])* $field:ident = $name:literal: $settings:ty,)+) => {
        /// Mode and settings of each guardrail, by its name.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Guardrails {
            $($(#[$doc])* #[serde(rename = $name)] pub $field: GuardrailPolicy<$settings>,)+
        }

        /// A guardrail's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[allow(non_camel_case_types, reason = "each variant is the field of the guardrail that it names")]
        pub enum GuardrailName {
            $($(#[$doc])* #[serde(rename = $name)] $field,)+
        }

        impl std::borrow::Borrow<str> for GuardrailName {
            fn borrow(&self) -> &str {
                match self { $(Self::$field => $name,)+ }
            }
        }

        impl Guardrails {
            /// Every name, in the order of the catalogue.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// Lets no mode go further than `most`.
            pub(super) fn limit(&mut self, most: Mode) {
                $(self.$field.mode = self.$field.mode.map(|mode| mode.min(most));)+
            }

            /// The guardrails whose own settings the file changes.
            pub(super) fn with_settings(&self) -> Vec<&'static str> {
                let all = [$(($name, self.$field.settings != <$settings>::default())),+];
                all.into_iter().filter(|(_, has_settings)| *has_settings).map(|(name, _)| name).collect()
            }

            /// What the file says of the guardrail `name` beside its settings.
            #[must_use]
            pub fn common(&self, name: &str) -> Common {
                match name {
                    $($name => Common {
                        mode: self.$field.mode,
                        max_class: self.$field.max_class,
                        grace_seconds: self.$field.grace_seconds,
                        severity: self.$field.severity,
                    },)+
                    _ => Common::default(),
                }
            }
        }
    };
}

guardrails! {
    /// NET-01: ingress from the whole internet to an administrative or high-risk port.
    security_group_admin_port_open = "security-group-admin-port-open": PortSettings,
    /// NET-02: ingress from the whole internet to everything.
    security_group_all_traffic_open = "security-group-all-traffic-open": AllTrafficSettings,
    /// NET-03: ingress from networks that together cover too much of the internet.
    security_group_near_world_open = "security-group-near-world-open": PortSettings,
    /// NET-05: rules on the default group of a VPC.
    security_group_default_has_rules = "security-group-default-has-rules": NoSettings,
    /// IAM-01: an access key for the root user.
    root_access_key_created = "root-access-key-created": NoSettings,
    /// IAM-02: an access key for a user that policy does not allow to have one.
    access_key_not_allowed = "access-key-not-allowed": AccessKeySettings,
    /// EC2-07: new EBS volumes are not encrypted by default.
    ebs_encryption_default_off = "ebs-encryption-default-off": NoSettings,
    /// EC2-07: the key that new EBS volumes are encrypted with is another one.
    ebs_default_key_changed = "ebs-default-key-changed": EbsKeySettings,
    /// EC2-08: the serial console of every instance can be reached.
    serial_console_access_enabled = "serial-console-access-enabled": NoSettings,
    /// EC2-09: an instance gives its metadata without a session token.
    instance_metadata_v1_allowed = "instance-metadata-v1-allowed": NoSettings,
    /// EC2-10: new instances give their metadata without a session token by default.
    instance_metadata_defaults_weak = "instance-metadata-defaults-weak": NoSettings,
    /// EC2-01: an EBS snapshot that everyone can read.
    snapshot_public = "snapshot-public": NoSettings,
    /// EC2-02: an EBS snapshot shared with an account that is not trusted.
    snapshot_shared_with_untrusted = "snapshot-shared-with-untrusted": NoSettings,
    /// EC2-03: an image that everyone can launch.
    image_public = "image-public": NoSettings,
    /// EC2-04: an image shared with an account or an organisation that is not trusted.
    image_shared_with_untrusted = "image-shared-with-untrusted": NoSettings,
    /// EC2-05: block public access for snapshots switched off or weakened.
    snapshot_block_public_access_off = "snapshot-block-public-access-off": AskedBlockingSettings,
    /// EC2-06: block public access for images switched off.
    image_block_public_access_off = "image-block-public-access-off": NoSettings,
    /// NET-08: a network ACL that lets the internet through to an administrative or high-risk port.
    network_acl_admin_port_open = "network-acl-admin-port-open": NetworkAclSettings,
    /// NET-11: a flow log that was deleted.
    flow_log_deleted = "flow-log-deleted": FlowLogSettings,
    /// NET-09: a subnet that gives out public addresses.
    subnet_assigns_public_address = "subnet-assigns-public-address": SubnetSettings,
    /// NET-14: a transit gateway that accepts attachments by itself.
    transit_gateway_accepts_by_itself = "transit-gateway-accepts-by-itself": NoSettings,
    /// ACC-01: root signs in to the console.
    root_console_sign_in = "root-console-sign-in": NoSettings,
    /// ACC-03: a user or root signs in to the console without MFA.
    console_sign_in_without_mfa = "console-sign-in-without-mfa": NoSettings,
    /// ACC-02: root makes a call.
    root_api_call = "root-api-call": RootCallSettings,
    /// IAM-12: a role that can be assumed from outside.
    role_trust_open = "role-trust-open": RoleTrustSettings,
    /// IAM-13: a permissions boundary was removed or changed.
    permissions_boundary_changed = "permissions-boundary-changed": BoundarySettings,
    /// IAM-14: an identity provider that policy does not name.
    identity_provider_not_allowed = "identity-provider-not-allowed": ProviderSettings,
    /// DB-01: a snapshot of a database that everybody may restore.
    db_snapshot_public = "db-snapshot-public": NoSettings,
    /// DB-01: a snapshot of a database that an untrusted account may restore.
    db_snapshot_shared_with_untrusted = "db-snapshot-shared-with-untrusted": NoSettings,
    /// DB-02: a DB instance that is publicly accessible.
    db_instance_publicly_accessible = "db-instance-publicly-accessible": NoSettings,
    /// DB-03: a DB instance without deletion protection.
    db_instance_deletion_protection_off = "db-instance-deletion-protection-off": DeletionProtectionSettings,
    /// DB-03: a DB cluster without deletion protection.
    db_cluster_deletion_protection_off = "db-cluster-deletion-protection-off": DeletionProtectionSettings,
    /// DB-03: a DynamoDB table without deletion protection.
    dynamodb_table_deletion_protection_off = "dynamodb-table-deletion-protection-off": DeletionProtectionSettings,
    /// DB-03: a load balancer without deletion protection.
    load_balancer_deletion_protection_off = "load-balancer-deletion-protection-off": DeletionProtectionSettings,
    /// IAM-04: a console password that somebody else set.
    console_password_set_by_another = "console-password-set-by-another": PasswordSetterSettings,
    /// IAM-05: a user with a console password and no MFA device.
    console_user_without_mfa = "console-user-without-mfa": MfaSettings,
    /// IAM-16: a password policy of the account that is weaker than it should be or was, or none.
    password_policy_weak = "password-policy-weak": PasswordPolicySettings,
    /// IAM-17: working keys of a user of whom AWS found one leaked.
    quarantined_user_has_active_keys = "quarantined-user-has-active-keys": QuarantineSettings,
    /// A session cut that denies nothing any more.
    session_cut_expired = "session-cut-expired": NoSettings,
    /// IAM-07: an attached policy makes a principal administrator.
    attached_policy_grants_admin = "attached-policy-grants-admin": AttachedAdminSettings,
    /// IAM-07: an attached policy lets a principal become more than it is.
    attached_policy_grants_escalation = "attached-policy-grants-escalation": AttachedEscalationSettings,
    /// IAM-08: an inline policy makes a principal administrator.
    inline_policy_grants_admin = "inline-policy-grants-admin": NoSettings,
    /// IAM-08: an inline policy lets a principal become more than it is.
    inline_policy_grants_escalation = "inline-policy-grants-escalation": EscalationSettings,
    /// IAM-09: the default version of a managed policy makes its holders administrators.
    managed_policy_grants_admin = "managed-policy-grants-admin": NoSettings,
    /// IAM-09: the default version of a managed policy lets its holders become more than they are.
    managed_policy_grants_escalation = "managed-policy-grants-escalation": EscalationSettings,
}

/// A guardrail without settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// Which ports must not be open to the internet, and for whom they may be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PortSettings {
    /// The ports to watch, TCP and UDP. Without it, and without `allowed_ports`: the built-in list of administrative
    /// and high-risk ports.
    pub ports: Option<Vec<u16>>,
    /// Turns the question round: every port is watched but these (Security Hub EC2.18 allows 80 and 443).
    pub allowed_ports: Option<Vec<u16>>,
    /// Networks that may reach the watched ports however wide they are.
    pub allowed_cidrs: Vec<Cidr>,
}

/// For whom all traffic may be open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AllTrafficSettings {
    /// Networks that may reach everything however wide they are.
    pub allowed_cidrs: Vec<Cidr>,
}

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

/// Which keys new EBS volumes may be encrypted with by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EbsKeySettings {
    /// The default keys that are right, as EC2 names them: the ARN of a key, or `alias/aws/ebs` for the one that AWS
    /// manages; `*` and `?` match as in IAM. Where the list is empty: the key that was the default when Parapet last
    /// saw it.
    pub allowed_kms_keys: Vec<String>,
}

/// How much public sharing is to be blocked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AskedBlockingSettings {
    /// The least that is to be blocked. Without it: what it was when it was last seen to be good, and at least
    /// `block-new-sharing`. Security Hub EC2.182 asks for `block-all-sharing`, which also hides snapshots that are public
    /// on purpose.
    pub expected: Option<AskedBlocking>,
}

/// Which ports network ACLs must not let the internet through to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkAclSettings {
    /// The ports to watch, TCP and UDP. Without it, and without `allowed_ports`: the built-in list of administrative
    /// and high-risk ports.
    pub ports: Option<Vec<u16>>,
    /// Turns the question round: every port is watched but these.
    pub allowed_ports: Option<Vec<u16>>,
    /// Networks that may reach the watched ports however wide they are.
    pub allowed_cidrs: Vec<Cidr>,
    /// Whether ranges of ephemeral ports, which replies to outgoing connections need, count as well.
    pub judge_reply_ports: bool,
    /// Whether a sweep counts the entries that AWS makes with every VPC (100 and 101, everything allowed).
    pub judge_default_entries: bool,
}

impl NetworkAclSettings {
    /// The choice of ports, as security groups have it.
    #[must_use]
    pub fn ports(&self) -> PortSettings {
        PortSettings { ports: self.ports.clone(), allowed_ports: self.allowed_ports.clone(), ..PortSettings::default() }
    }
}

/// Where flow logs may record to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FlowLogSettings {
    /// ARNs of the buckets (with their prefix), log groups and streams that flow logs belong into; `*` and `?` match as in IAM.
    /// Where the list is empty: log groups and streams of the account itself and of `trusted_accounts`. The ARN of a bucket
    /// does not tell whose it is, so a flow log to one is made anew only where the list names it.
    pub allowed_destinations: Vec<String>,
}

/// Which subnets may give out public addresses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubnetSettings {
    /// Whether only IPv4 counts (Security Hub EC2.15).
    pub ignore_ipv6: bool,
    /// Whether default subnets, which AWS makes public by design, are treated like all others.
    pub include_default_subnets: bool,
}

/// What has to be protected from deletion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeletionProtectionSettings {
    /// Names of the resources that have to be; `*` and `?` match as in IAM. All, where the list is empty.
    pub only: Vec<String>,
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

/// A number that AWS takes: no larger than `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct AtMost<const MOST: u32>(u32);

impl<const MOST: u32> AtMost<MOST> {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MOST: u32> TryFrom<u32> for AtMost<MOST> {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        if number <= MOST { Ok(Self(number)) } else { Err(format!("{number} is more than AWS takes: at most {MOST}")) }
    }
}

impl<const MOST: u32> From<AtMost<MOST>> for u32 {
    fn from(number: AtMost<MOST>) -> Self {
        number.0
    }
}

impl<const MOST: u32> JsonSchema for AtMost<MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("AtMost{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "maximum": MOST })
    }
}

/// A network in the policy file, host bits masked as AWS does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr(pub IpNet);

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        crate::net::parse_cidr(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for Cidr {
    fn schema_name() -> Cow<'static, str> {
        "Cidr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A network such as `203.0.113.0/24` or `2001:db8::/32`.",
            "pattern": "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"
        })
    }
}
