//! FND-02: the sessions of a role of which GuardDuty reports one do nothing any more, where the operator wants that for the type of the finding.

use super::state::ReportedRole;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::iam::deny_policy::{DenyAction, Principal};
use crate::resources::iam::inline_policy::state::PUT_ROLE_POLICY;
use crate::resources::iam::session_cut::state::{LONGEST_OF_ROLE, cut, moment, open_since, step};
use crate::resources::threat::finding_types::OF_PRINCIPALS;
use crate::resources::threat::{ActOn, gone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct RoleSessionReported;

/// What is done about a role of which GuardDuty reports a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoleSettings {
    /// Which findings lead to more than a notification: `types` of findings and the least `severity` (`high`). No finding, without `types`.
    pub act_on: ActOn,
    /// Names of roles for which it only notifies, such as those that many instances or a production system run as; `*` and `?` match.
    pub protected_roles: Vec<String>,
}

impl GuardrailSettings for RoleSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![self.act_on.list(), List { name: "protected_roles", entries: &self.protected_roles, holds: ROLES }]
    }
}

const ROLES: Holds = Holds {
    shapes: Holds::NAME,
    form: "the name of a role, without a path",
    everything: Some("protects every role: nothing is remediated"),
};

static ABOUT: About = About {
    name: "role-session-reported",
    catalogue_id: "FND-02",
    title: "GuardDuty reports a session of an IAM role",
    description: "GuardDuty reports calls by a session of a role that look like another holder's: the credentials of an instance or a function that are used from elsewhere, calls from Tor or a \
        known malicious address, or unlike anything that the role did before. Temporary credentials cannot be deleted; until they end, up to 12 hours later, only a deny by the time of their \
        issue stops them. It stops every earlier session of the role, an instance's own until it fetches new credentials as well. Without `act_on`, the finding is only notified. \
        The role must be the one of the finding by its unique id. The severity is GuardDuty's.",
    severity: Severity::High,
    class: Class::R2,
    controls: &[],
    technique: "T1550.001",
    triggers: OF_PRINCIPALS,
    remediation: "Denies everything to the role's earlier sessions, by an inline policy on `aws:TokenIssueTime` that the sweep deletes once the last of them has ended. Sessions from then on are \
        not touched. Only for findings that `act_on` names, never for `protected_roles`, service-linked roles, roles of Identity Center and Parapet's own. Needs `max_class: R2`.",
    actions: &[PUT_ROLE_POLICY],
    ids: &["arn:%:iam::%:role/%"],
    not_watched: &[(
        "DeleteRolePolicy, PutRolePolicy",
        "a principal that lifts the deny may change the role's permissions; when the activity goes on, GuardDuty's next update of the finding is a trigger",
    )],
};

/// Why nothing is changed about the role, where that is so.
fn restraint(role: &ReportedRole, settings: &RoleSettings, terms: &Terms<'_>) -> Option<String> {
    let is_protected = settings.protected_roles.iter().any(|pattern| matches_pattern(pattern, &role.name));
    let is_own = terms.own.has(&role.name, terms.place);
    let refused = cut(Principal::Role(role.name.clone()), Some(&role.path), role.report.at).err();
    settings
        .act_on
        .doubt(&role.report)
        .or_else(|| refused.map(|refused| refused.why.to_owned()))
        .or_else(|| is_own.then(|| "the role is Parapet's own".to_owned()))
        .or_else(|| is_protected.then(|| "the role is among `protected_roles`".to_owned()))
}

fn sessions(role: &ReportedRole) -> Option<Observed<()>> {
    open_since(role.report.at, LONGEST_OF_ROLE, role.seen, &role.denies)
}

impl Guardrail<ReportedRole, DenyAction> for RoleSessionReported {
    type Settings = RoleSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, role: &ReportedRole, terms: &Terms<'_>) -> Verdict {
        let (at, name) = (role.report.at, &role.name);
        let found = format!("GuardDuty reports {}", role.report);
        if role.is_gone {
            return gone(&found, &format!("role `{name}`"), role.report.severity.unwrap_or(ABOUT.severity));
        }
        match sessions(role) {
            None | Some(Observed::Absent) => Verdict::Compliant,
            Some(Observed::Unknown { why }) => Verdict::Undetermined {
                why: format!("{found}; whether the sessions of role `{name}` are cut is unknown: {why}"),
            },
            Some(Observed::Known(())) => {
                let tail = restraint(role, &terms.settings(self), terms);
                let tail = tail.map(|why| format!("; only notified: {why}")).unwrap_or_default();
                let why = format!("{found}, and the sessions of role `{name}` from before {at} are not cut{tail}");
                let evidence = vec![Evidence { element: format!("sessions from before {at}"), why }];
                Verdict::Violation(Violation { severity: role.report.severity.unwrap_or(ABOUT.severity), evidence })
            }
        }
    }

    fn plan(&self, role: &ReportedRole, _: &Violation, terms: &Terms<'_>) -> Plan<DenyAction> {
        if role.is_gone || restraint(role, &terms.settings(self), terms).is_some() {
            return Plan::default();
        }
        let made = cut(Principal::Role(role.name.clone()), Some(&role.path), moment(role.report.at, role.seen));
        Plan { steps: made.ok().map(step).into_iter().collect() }
    }
}
