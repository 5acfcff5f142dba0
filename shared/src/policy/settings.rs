//! What each guardrail lets the operator choose. A guardrail that is not listed here does not exist for the policy file.

mod identity;
mod values;

pub use identity::*;
pub use values::*;

use crate::policy::{Common, GuardrailPolicy, Mode};
use crate::resources::ec2::block_public_access::AskedBlocking;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
