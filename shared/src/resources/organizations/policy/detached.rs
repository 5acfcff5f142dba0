//! ACC-07: a policy of an organization stays attached.

use super::state::{Now, Policy, View};
use super::{DELETED, DETACHED, IDS, compare};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;
use crate::resources::organizations::PolicyAction;
use crate::resources::organizations::actions::ATTACH;

/// See the module.
pub struct OrganizationPolicyDetached;

static ABOUT: About = About {
    name: "organization-policy-detached",
    catalogue_id: "ACC-07",
    title: "A policy of the organization was detached",
    description: "A policy of the organization, of whichever type, was detached from a root, an organizational unit or an account by a principal that is not among \
        `allowed_principals`: what it denied or required no longer holds there. A service control policy without any Deny complies: what it \
        allows is missing then, and nothing more is permitted.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["CIS AWS Foundations 5.0.0/4.15"],
    technique: "T1562.001",
    triggers: &[DETACHED],
    remediation: "Attaches the policy again to what the record names, with one call. A target that is gone, or a policy that was deleted, is only notified.",
    actions: &[ATTACH],
    ids: IDS,
    not_watched: &[
        (DELETED, "a policy can be deleted only after it was detached everywhere; that is another guardrail's"),
        (
            "DisablePolicyType",
            "all policies of a type are detached by it, without records of their own: another guardrail's",
        ),
        ("AttachPolicy", "it adds to what holds; `FullAWSAccess` on what an allow list limited is another guardrail's"),
    ],
};

/// The policy, where it is there and was detached from what the record names.
fn missing_from(policy: &Policy) -> Option<(&View, &str)> {
    let target = policy.policy.target.as_deref().filter(|_| policy.policy.call == DETACHED)?;
    match &policy.now {
        Now::Stands(view) => Some((view, target)),
        Now::Anew { .. } | Now::Gone => None,
    }
}

impl Guardrail<Policy, PolicyAction> for OrganizationPolicyDetached {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, policy: &Policy, terms: &Terms<'_>) -> Verdict {
        let Some((view, target)) = missing_from(policy) else { return Verdict::Compliant };
        if terms.settings(self).allow(&policy.policy.by) {
            return Verdict::Compliant;
        }
        let (name, id) = (&view.name, &policy.policy.id);
        let Some(targets) = &view.targets else {
            return Verdict::Undetermined { why: format!("what policy `{name}` is attached to is not shown") };
        };
        if targets.contains(target) {
            return Verdict::Compliant;
        }
        if view.kind == "SERVICE_CONTROL_POLICY" && compare::denies(&view.content) == Some(false) {
            return Verdict::Compliant;
        }
        let why = format!("policy `{name}` ({id}, {}) was detached from `{target}`", view.kind);
        Verdict::Violation(Violation {
            severity: ABOUT.severity,
            evidence: vec![Evidence { element: target.to_owned(), why }],
        })
    }

    fn plan(&self, policy: &Policy, _: &Violation, _: &Terms<'_>) -> Plan<PolicyAction> {
        let Some((_, target)) = missing_from(policy) else { return Plan::default() };
        let (policy, target) = (policy.policy.id.clone(), target.to_owned());
        Plan::one(
            PolicyAction::Attach { policy: policy.clone(), target: target.clone() },
            PolicyAction::Detach { policy, target },
        )
    }
}
