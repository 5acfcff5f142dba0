//! A session cut that denies nothing any more is not left lying about.

use super::state::FoundCut;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::iam::deny_policy::{Deny, DenyAction, DenyPolicy};
use crate::resources::iam::inline_policy::state::{DELETE_ROLE_POLICY, DELETE_USER_POLICY};

/// See the module.
pub struct SessionCutExpired;

static ABOUT: About = About {
    name: "session-cut-expired",
    catalogue_id: "IAM-17",
    title: "Session cut past its end",
    description: "A policy by which Parapet (or somebody by the same form) cut the sessions of a user or role, and whose end has \
        passed: no session is left that it denies anything to, and it takes from the principal's quota of inline policies. A \
        policy that is only named like a cut and says something else is undetermined, and left alone.",
    severity: Severity::Informational,
    class: Class::R1,
    controls: &[],
    technique: "T1550",
    triggers: &["PutUserPolicy"],
    remediation: "Deletes the policy, where its document is exactly that of a cut of this name.",
    actions: &[DELETE_ROLE_POLICY, DELETE_USER_POLICY],
};

impl Guardrail<FoundCut, DenyAction> for SessionCutExpired {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, cut: &FoundCut, _: &Terms<'_>) -> Verdict {
        let Some(until) = Deny::cut_until(&cut.name).filter(|until| *until <= cut.seen) else {
            return Verdict::Compliant;
        };
        if cut.deny.is_none() {
            let why = format!("`{}` of {} is named like a session cut and says something else", cut.name, cut.on);
            return Verdict::Undetermined { why };
        }
        let why = format!("the session cut `{}` of {} denies nothing any more since {until}", cut.name, cut.on);
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
