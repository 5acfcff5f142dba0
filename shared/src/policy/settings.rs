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
    /// Whether a policy that was stricter than all this has to stay so. `false` lets it go down to this.
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
