//! What each guardrail lets the operator choose. A guardrail that is not listed here does not exist for the policy file.

use super::{Common, GuardrailPolicy, Mode};
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

impl From<Ways> for crate::iam_policy::Tier {
    fn from(ways: Ways) -> Self {
        match ways {
            Ways::Principal => Self::Principal,
            Ways::PassRole => Self::PassRole,
            Ways::Existing => Self::Existing,
        }
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
