//! IAM-02: only the users that policy names have long-term access keys.

use super::NOT_WATCHED;
use super::state::UPDATE_ACCESS_KEY;
use super::state::{AccessKey, KeyAction, Owner, UserKey};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct AccessKeyNotAllowed;

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

impl GuardrailSettings for AccessKeySettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_users", entries: &self.allowed_users, holds: ALLOWED_USERS }]
    }
}

const ALLOWED_USERS: Holds = Holds {
    shapes: Holds::NAME,
    form: "the name of a user, without a path",
    everything: Some("allows every user: the guardrail finds nothing"),
};

static ABOUT: About = About {
    name: "access-key-not-allowed",
    catalogue_id: "IAM-02",
    title: "Access key not allowed",
    description: "An IAM user that is not among `allowed_users` has an active long-term access key. With \
        `allow_own`, users may create keys for themselves, and only a key created by another principal violates. \
        With `max_active_keys`, an allowed user may have at most that many. A reactivated key counts like a new one. \
        Inactive keys comply.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM.3", "CIS AWS Foundations 5.0.0/1.12"],
    technique: "T1098.001",
    triggers: &["CreateAccessKey", "UpdateAccessKey", "UpdateUser"],
    remediation: "Sets the key to inactive. Never deletes it, because the secret cannot be recovered.",
    actions: &[UPDATE_ACCESS_KEY],
    ids: &["arn:%:iam::%:user/%/access-key/%"],
    not_watched: NOT_WATCHED,
};

impl Guardrail<AccessKey, KeyAction> for AccessKeyNotAllowed {
    type Settings = AccessKeySettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, key: &AccessKey, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.settings(self);
        let Owner::User(user) = &key.owner else { return Verdict::Compliant };
        if !key.is_active {
            return Verdict::Compliant;
        }
        let named = settings.allowed_users.iter().any(|pattern| matches_pattern(pattern, user));
        if !named {
            let made_by_another = match (settings.allow_own, &key.made_by_owner) {
                (true, Observed::Known(true)) => return at_most(key, user, settings.max_active_keys),
                (true, Observed::Unknown { why }) => return Verdict::Undetermined { why: why.clone() },
                (true, Observed::Known(false) | Observed::Absent) => true,
                (false, _) => false,
            };
            let tail = if made_by_another { " and another principal created the key" } else { "" };
            return violation(key, format!("user `{user}` is not among `allowed_users`{tail}"));
        }
        at_most(key, user, settings.max_active_keys)
    }

    fn plan(&self, key: &AccessKey, _: &Violation, _: &Terms<'_>) -> Plan<KeyAction> {
        let Owner::User(user) = &key.owner else { return Plan::default() };
        let key = UserKey { user: user.clone(), id: key.id.clone() };
        Plan::one(KeyAction::Deactivate(key.clone()), KeyAction::Activate(key))
    }
}

fn at_most(key: &AccessKey, user: &str, most: Option<usize>) -> Verdict {
    let Some(most) = most else { return Verdict::Compliant };
    match &key.active_keys {
        Observed::Known(keys) if *keys > most => {
            violation(key, format!("user `{user}` has {keys} active keys, `max_active_keys` is {most}"))
        }
        Observed::Known(_) | Observed::Absent => Verdict::Compliant,
        Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
    }
}

fn violation(key: &AccessKey, why: String) -> Verdict {
    Verdict::Violation(Violation {
        severity: ABOUT.severity,
        evidence: vec![Evidence { element: key.id.clone(), why }],
    })
}
