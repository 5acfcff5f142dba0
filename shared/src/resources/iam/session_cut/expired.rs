//! A session cut that denies nothing any more is not left lying about.

use super::state::FoundCut;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::iam::deny_policy::{Deny, DenyAction, DenyPolicy};
use crate::resources::iam::inline_policy::state::{DELETE_ROLE_POLICY, DELETE_USER_POLICY};

/// See the module.
pub struct SessionCutExpired;

static ABOUT: About = About {
    name: "session-cut-expired",
    catalogue_id: "IAM-17",
    title: "Session cut has expired",
    description: "An inline policy with which Parapet (or another principal, in the same form) revoked the sessions \
        of a user or role has passed its end. It no longer denies anything to any session, and it uses up the \
        principal's quota of inline policies. A policy that has the name of a session cut and another document is \
        undetermined and is not changed.",
    severity: Severity::Informational,
    class: Class::R1,
    controls: &[],
    technique: "T1550",
    triggers: &["PutUserPolicy"],
    remediation: "Deletes the policy, if its document is exactly that of a session cut of this name.",
    actions: &[DELETE_ROLE_POLICY, DELETE_USER_POLICY],
    ids: &["arn:%:iam::%:user/%/policy/%", "arn:%:iam::%:role/%/policy/%"],
    not_watched: &[("DeleteUserPolicy, DeleteRolePolicy", "a deleted cut leaves nothing behind")],
};

impl Guardrail<FoundCut, DenyAction> for SessionCutExpired {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, cut: &FoundCut, _: &Terms<'_>) -> Verdict {
        let Some(until) = Deny::cut_until(&cut.name).filter(|until| *until <= cut.seen) else {
            return Verdict::Compliant;
        };
        if cut.deny.is_none() {
            let why = format!("`{}` of {} has the name of a session cut and another document", cut.name, cut.on);
            return Verdict::Undetermined { why };
        }
        let why = format!("the session cut `{}` of {} no longer denies anything since {until}", cut.name, cut.on);
        Verdict::Violation(Violation {
            severity: ABOUT.severity,
            evidence: vec![Evidence { element: cut.name.clone(), why }],
        })
    }

    fn plan(&self, cut: &FoundCut, _: &Violation, _: &Terms<'_>) -> Plan<DenyAction> {
        let Some(deny) = cut.deny.clone() else { return Plan::default() };
        let policy = DenyPolicy { on: cut.on.clone(), deny };
        Plan::one(DenyAction::Lift(policy.clone()), DenyAction::Put(policy))
    }
}
