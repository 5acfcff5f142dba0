//! FND-05: an access key that AWS found in public does not work any more.

use super::contain::{Case, remarks};
use super::state::ReportedUser;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, List};
use crate::resources::iam::access_key::state::UPDATE_ACCESS_KEY;
use crate::resources::iam::compromised_user::state::CompromisedAction;
use crate::resources::iam::inline_policy::state::PUT_USER_POLICY;
use crate::resources::iam::protected::PROTECTED_USERS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct AccessKeyExposed;

/// What is done about a user whose key AWS found in public.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExposedSettings {
    /// Whether the sessions of the user are cut as well: they outlive their key by up to 36 hours.
    pub cut_sessions: bool,
    /// Whether AWS's suspicion is enough (`AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED`, `AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED`); it is only notified otherwise.
    pub act_on_suspicion: bool,
    /// Names of users for whom it only notifies, such as break-glass users; `*` and `?` match.
    pub protected_users: Vec<String>,
}

impl GuardrailSettings for ExposedSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "protected_users", entries: &self.protected_users, holds: PROTECTED_USERS }]
    }
}

/// The events that AWS Health sends about credentials, of which the first two are AWS's word that they are known to others.
pub(super) const CODES: &[&str] = &[
    "AWS_RISK_CREDENTIALS_EXPOSED",
    "AWS_RISK_CREDENTIALS_COMPROMISED",
    "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED",
    "AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED",
];
const SUSPECTED: &str = "_SUSPECTED";

static ABOUT: About = About {
    name: "access-key-exposed",
    catalogue_id: "FND-05",
    title: "AWS Health reports an exposed access key",
    description: "AWS Health reports that an access key of an IAM user was found in public, or is in use by others. AWS may attach its quarantine policy to the user, which leaves the key \
        working. Only AWS can send the event, and only to us-east-1. The event names the key, and IAM whose it is; an inactive key complies.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &[],
    technique: "T1552.001",
    triggers: CODES,
    remediation: "Sets the key that the event names to inactive (all keys of a user that is named without one); with `cut_sessions`, also denies everything to the user's earlier sessions. \
        Never deletes a key. For `protected_users` it only notifies.",
    actions: &[PUT_USER_POLICY, UPDATE_ACCESS_KEY],
    ids: &["arn:%:iam::%:user/%"],
    not_watched: &[
        ("AttachUserPolicy", "that AWS quarantines the user belongs to the guardrail on quarantined users"),
        (
            "UpdateAccessKey",
            "a key that is switched on again is a trigger of the guardrails on keys and on quarantined users",
        ),
    ],
};

impl AccessKeyExposed {
    fn case<'a>(user: &ReportedUser, settings: &'a ExposedSettings) -> Case<'a> {
        let kind = &user.reported.report.kind;
        let is_suspicion = kind.ends_with(SUSPECTED);
        let doubt = || "AWS suspects it, and `act_on_suspicion` is off".to_owned();
        Case {
            severity: if is_suspicion { Severity::High } else { ABOUT.severity },
            found: format!("AWS Health reports `{kind}`"),
            cut_sessions: settings.cut_sessions,
            doubt: (is_suspicion && !settings.act_on_suspicion).then(doubt),
            protected_users: &settings.protected_users,
        }
    }
}

impl Guardrail<ReportedUser, CompromisedAction> for AccessKeyExposed {
    type Settings = ExposedSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, user: &ReportedUser, terms: &Terms<'_>) -> Verdict {
        Self::case(user, &terms.settings(self)).judge(user)
    }

    fn plan(&self, user: &ReportedUser, _: &Violation, terms: &Terms<'_>) -> Plan<CompromisedAction> {
        Self::case(user, &terms.settings(self)).plan(user)
    }

    fn remarks(&self, user: &ReportedUser) -> Vec<String> {
        remarks(user)
    }
}
