//! FND-01: an access key that GuardDuty reports does not work any more, where the operator wants that for the type of the finding.

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
use crate::resources::threat::ActOn;
use crate::resources::threat::finding_types::OF_PRINCIPALS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct AccessKeyReported;

/// What is done about a user whose credential GuardDuty reports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportedSettings {
    /// Which findings lead to more than a notification: `types` of findings and the least `severity` (`high`). No finding, without `types`.
    pub act_on: ActOn,
    /// Whether the sessions of the user are cut as well: they outlive their key by up to 36 hours. Where the finding names a session, they are in any case.
    pub cut_sessions: bool,
    /// Names of users for whom it only notifies, such as those that a production system runs as; `*` and `?` match.
    pub protected_users: Vec<String>,
}

impl GuardrailSettings for ReportedSettings {
    fn lists(&self) -> Vec<List<'_>> {
        let protected = List { name: "protected_users", entries: &self.protected_users, holds: PROTECTED_USERS };
        vec![self.act_on.list(), protected]
    }
}

static ABOUT: About = About {
    name: "access-key-reported",
    catalogue_id: "FND-01",
    title: "GuardDuty reports the credentials of an IAM user",
    description: "GuardDuty reports calls by the access key of an IAM user, or by a session of it, that look like another holder's: from Tor or a known malicious address, from a \
        penetration tester's machine, or unlike anything that the user did before. The finding is a suspicion, and may be caused on purpose by a holder of the key: without \
        `act_on`, it is only notified. The key must be the user's own now (a finding about a bucket names callers of other accounts, too); an inactive key complies. The severity \
        is GuardDuty's. Root, roles and federated users are the matter of other guardrails.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1078.004",
    triggers: OF_PRINCIPALS,
    remediation: "Sets the key that the finding names to inactive; denies everything to the user's earlier sessions, where it names one or `cut_sessions` asks for it. The user's other \
        keys, password and permissions stay. Only for findings that `act_on` names, and never for `protected_users`.",
    actions: &[PUT_USER_POLICY, UPDATE_ACCESS_KEY],
    ids: &["arn:%:iam::%:user/%"],
    not_watched: &[(
        "UpdateAccessKey",
        "a key that is switched on again causes the finding's next update, which is a trigger; the guardrail on keys sees the call itself",
    )],
};

impl AccessKeyReported {
    fn case<'a>(user: &ReportedUser, settings: &'a ReportedSettings) -> Case<'a> {
        let report = &user.reported.report;
        Case {
            severity: report.severity.unwrap_or(ABOUT.severity),
            found: format!("GuardDuty reports {report}"),
            cut_sessions: settings.cut_sessions,
            doubt: settings.act_on.doubt(report),
            protected_users: &settings.protected_users,
        }
    }
}

impl Guardrail<ReportedUser, CompromisedAction> for AccessKeyReported {
    type Settings = ReportedSettings;

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
