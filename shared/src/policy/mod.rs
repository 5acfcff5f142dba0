//! The operator's settings: one YAML file, validated as strictly as it is small.
//!
//! Unknown keys are errors that name the key and the line, so that a typo never silently switches a guardrail off.
//! The JSON Schema that editors use ([`schema`]) is generated from the same types.

mod account_id;
mod bad_value;
mod custom;
pub mod edit;
mod exemption;
mod file;
mod fingerprint;
mod limits;
mod pattern;
mod problems;
mod schema;
mod settings;
mod until;
mod version;
mod warnings;

pub use account_id::AccountId;
pub use bad_value::BadValue;
pub(crate) use custom::ROLE;
pub use custom::{
    CustomGuardrail, CustomName, Declared, Document, DocumentVersion, EventName, EventSource, Expression, IdKind,
    LONGEST_EXPRESSION, Line, MOST_GUARDRAILS, Owner, PREFIX, Parameter, Runbook, declared, is_custom,
};
pub use exemption::{Exemption, LONGEST_DAYS, NonEmpty, Subject};
pub use file::{FilePlace, PolicyError, Unknown};
pub use fingerprint::{BUILT_IN, fingerprint};
pub(crate) use limits::within;
pub use limits::{Breaker, Flapping, Grace, YieldsTo};
pub use pattern::{exact_pattern, matches_pattern};
pub use schema::schema;
pub use settings::*;
pub use until::Until;
pub use version::Version;
pub(crate) use warnings::place_in_custom;
pub use warnings::{Holds, List, Warning, could_be_about, resource_ids};

use crate::engine::guardrail::{About, Class};
use crate::engine::verdict::Severity;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How far a guardrail goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Does not look.
    Off,
    /// Judges and notifies of what it would do.
    #[default]
    Notify,
    /// Closes what is open.
    Enforce,
}

impl Mode {
    /// The mode's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Notify => "notify",
            Self::Enforce => "enforce",
        }
    }
}

/// The policy file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Parapet policy")]
pub struct Policy {
    /// The format's version: 1.
    pub version: Version,
    /// What holds where nothing else is said.
    #[serde(default)]
    pub defaults: Defaults,
    /// Accounts that are yours or a partner's: twelve digits each.
    #[serde(default)]
    pub trusted_accounts: Vec<AccountId>,
    /// AWS Organizations ids (`o-…`) that are yours or a partner's.
    #[serde(default)]
    pub trusted_organizations: Vec<String>,
    /// Principals that lose nothing that they had, so that no one is locked out: `user/name`, `role/name` or `group/name`,
    /// where `*` and `?` match as in IAM; a unique id (`AROA…`), which no other principal can ever have; or both, joined by `#`
    /// (`role/name#AROA…`). Of a name without an id, a role that was made within the last seven days is not taken for the
    /// protected one: it is judged like any other, and notified as suspicious. Without the list: the roles by which AWS
    /// Organizations, Control Tower and StackSets administer an account. Roles that AWS itself owns (paths
    /// `/aws-service-role/` and `/aws-reserved/`) and Parapet's own are left alone whatever stands here.
    pub protected_principals: Option<Vec<String>>,
    /// Mode and settings of each guardrail.
    #[serde(default)]
    pub guardrails: Guardrails,
    /// Guardrails of your own, in CEL: docs/custom-guardrails.md.
    #[serde(default)]
    pub custom: Vec<CustomGuardrail>,
    /// Who may own the runbooks that they start: `amazon`, `self` or accounts. Without the list, none is started.
    #[serde(default)]
    pub runbook_owners: Vec<Owner>,
    /// What differs in an account.
    #[serde(default)]
    pub accounts: BTreeMap<AccountId, AccountPolicy>,
    /// What is allowed all the same, by whom, why and until when.
    // Nothing behind the key is an empty list: taking the last exemption out of the file must not break it.
    #[serde(default, deserialize_with = "list_or_nothing")]
    #[schemars(extend("type" = ["array", "null"]))]
    pub exemptions: Vec<Exemption>,
}

fn list_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Exemption>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// What holds where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// The mode of every guardrail that names none. Without it, `PARAPET_MODE` decides, else `notify`.
    pub mode: Option<Mode>,
    /// The most that is done about a change that CloudFormation made (`invokedBy`): `notify` keeps a stack and its
    /// guardrail from fighting. Without it such changes are treated like any other.
    pub cloudformation: Option<Mode>,
    /// The most that a sweep does about what it finds: `notify` leaves what stood open before to people. Without it a sweep
    /// goes as far as an event does.
    pub sweep: Option<Mode>,
    /// The highest remediation class that `enforce` runs by itself. R1, the default, is exact and without side effect;
    /// R2 may disrupt something (a connection, a deployment).
    #[serde(default)]
    pub max_class: MaxClass,
    /// How long a remediation of class R2 waits before the resource is judged again and then closed: time for the person
    /// at it to finish or to mend it. 0, the default, does not wait; at most 900 seconds, the longest that SQS holds a
    /// message back.
    #[serde(default)]
    pub grace_seconds: Grace,
    /// When sweeps and remediations of class R2 stop in an account.
    #[serde(default)]
    pub breaker: Breaker,
    /// Flapping: when the same is opened again and again, and whose changes win then.
    #[serde(default)]
    #[serde(rename = "feud")]
    pub flapping: Flapping,
}

/// The highest remediation class that runs by itself. R3, which loses something, never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MaxClass {
    /// Reversible, exact, no side effect.
    #[default]
    R1,
    /// Reversible, but disruptive: users may notice it.
    R2,
}

impl MaxClass {
    /// Whether a remediation of `class` may run by itself.
    #[must_use]
    pub fn allows(self, class: Class) -> bool {
        match class {
            Class::R0 | Class::R3 => false,
            Class::R1 => true,
            Class::R2 => self == Self::R2,
        }
    }
}

/// What differs in an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPolicy {
    /// The mode of every guardrail there, whatever `guardrails` says; one that is `off` stays off.
    pub mode: Option<Mode>,
    /// The mode of single guardrails there, by name. Wins over everything else.
    #[serde(default)]
    pub guardrails: BTreeMap<GuardrailName, AccountGuardrail>,
}

/// What an account says of one guardrail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountGuardrail {
    /// Its mode there.
    pub mode: Mode,
}

/// One guardrail's entry: its mode and its own settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound(deserialize = "S: Default + Deserialize<'de>"))]
#[schemars(bound = "S: Default + Serialize + JsonSchema")]
pub struct GuardrailPolicy<S> {
    /// `off`, `notify` or `enforce`; the default mode where none is named.
    pub mode: Option<Mode>,
    /// The highest remediation class that `enforce` runs by itself, where it differs from the default.
    pub max_class: Option<MaxClass>,
    /// How long its remediation waits, where it differs from the default.
    pub grace_seconds: Option<Grace>,
    /// The severity to report, where it differs from the guardrail's own.
    pub severity: Option<Severity>,
    /// What is this guardrail's alone.
    #[serde(default)]
    pub settings: S,
}

/// The settings-free part of a guardrail's entry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Common {
    /// See [`GuardrailPolicy::mode`].
    pub mode: Option<Mode>,
    /// See [`GuardrailPolicy::max_class`].
    pub max_class: Option<MaxClass>,
    /// See [`GuardrailPolicy::grace_seconds`].
    pub grace_seconds: Option<Grace>,
    /// See [`GuardrailPolicy::severity`].
    pub severity: Option<Severity>,
}

/// What `protected_principals` says of a principal. A later one wins over an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protects {
    /// Nothing.
    No,
    /// Its name is on the list, without an id.
    ByName,
    /// Its name is on the list with the id of another one.
    NotThisId,
    /// Its unique id is on the list.
    ById,
}

/// "Understanding unique ID prefixes" (IAM identifiers, IAM user guide): of users, groups and roles.
fn is_unique_id(text: &str) -> bool {
    let is_plain = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_plain && ["AIDA", "AGPA", "AROA"].iter().any(|prefix| text.starts_with(prefix))
}

/// Roles by which AWS's own services administer an account, under the names that they give: "Accessing member accounts"
/// (Organizations), "Roles and accounts" (Control Tower), "Grant self-managed permissions" (CloudFormation StackSets).
/// Whole names: behind a pattern anybody who may make roles could hide.
pub const PROTECTED: &[&str] = &[
    "role/AWSCloudFormationStackSetExecutionRole",
    "role/AWSControlTowerExecution",
    "role/OrganizationAccountAccessRole",
];

impl Policy {
    /// Whether this principal (`role/name`), whose unique id is `id` where that is known, is protected.
    #[must_use]
    pub fn protects(&self, principal: &str, id: Option<&str>) -> Protects {
        let Some(entries) = &self.protected_principals else {
            return if PROTECTED.contains(&principal) { Protects::ByName } else { Protects::No };
        };
        let found = entries.iter().map(|entry| match (entry.split_once('#'), id) {
            (None, _) if is_unique_id(entry) => match id {
                Some(id) if id == entry => Protects::ById,
                Some(_) | None => Protects::No,
            },
            (None, _) if matches_pattern(entry, principal) => Protects::ByName,
            (Some((name, pin)), Some(id)) if matches_pattern(name, principal) => {
                if pin == id {
                    Protects::ById
                } else {
                    Protects::NotThisId
                }
            }
            (Some((name, _)), None) if matches_pattern(name, principal) => Protects::ByName,
            (None | Some(_), _) => Protects::No,
        });
        found.max().unwrap_or(Protects::No)
    }

    /// The mode of a guardrail in an account. The most specific word wins: the account's on the guardrail, the
    /// account's, the guardrail's, the file's default, `fallback` (`PARAPET_MODE`). A guardrail that is `off` stays off
    /// unless the account names it.
    #[must_use]
    pub fn mode(&self, about: &About, account: &str, fallback: Mode) -> Mode {
        let own = self.guardrails.common(about.name).mode;
        let here = self.accounts.get(account);
        if let Some(entry) = here.and_then(|here| here.guardrails.get(about.name)) {
            return entry.mode;
        }
        if own == Some(Mode::Off) {
            return Mode::Off;
        }
        here.and_then(|here| here.mode).or(own).or(self.defaults.mode).unwrap_or(fallback)
    }

    /// Lets no mode that the file names go further than `most`: a replay changes nothing.
    pub fn limit(&mut self, most: Mode) {
        let limited = |mode: Option<Mode>| mode.map(|mode| mode.min(most));
        self.defaults.mode = limited(self.defaults.mode);
        self.defaults.sweep = limited(self.defaults.sweep);
        self.guardrails.limit(most);
        for account in self.accounts.values_mut() {
            account.mode = limited(account.mode);
            for guardrail in account.guardrails.values_mut() {
                guardrail.mode = guardrail.mode.min(most);
            }
        }
    }

    /// Whether `enforce` may run this guardrail's remediation by itself.
    #[must_use]
    pub fn allows(&self, about: &About) -> bool {
        let own = self.guardrails.common(about.name).max_class;
        own.unwrap_or(self.defaults.max_class).allows(about.class)
    }

    /// How long this guardrail's remediation waits; none when it does not. Only class R2, which may disrupt something, waits.
    #[must_use]
    pub fn grace(&self, about: &About) -> Option<Duration> {
        let own = self.guardrails.common(about.name).grace_seconds;
        let Grace(seconds) = own.unwrap_or(self.defaults.grace_seconds);
        (about.class == Class::R2 && seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }

    /// The severity to report.
    #[must_use]
    pub fn severity(&self, about: &About, found: Severity) -> Severity {
        self.guardrails.common(about.name).severity.unwrap_or(found)
    }
}

#[cfg(test)]
mod tests;
