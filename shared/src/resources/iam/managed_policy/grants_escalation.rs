//! IAM-09: the default version of a managed policy is no way to more permissions.

use super::judge::{judge, plan, remarks};
use super::state::{ManagedPolicy, VersionAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::iam::granted::Wanted;
use iam_policy::Tier;

/// See the module.
pub struct ManagedPolicyEscalation;

static ABOUT: About = About {
    name: "managed-policy-grants-escalation",
    catalogue_id: "IAM-09",
    title: "Managed policy is a way to more permissions",
    description: "The default version of one of the account's own managed policies lets its holders make themselves more than they are: \
        change what a principal may do, become another principal, or (`ways: pass-role`, the default) pass a role to a service \
        that runs their code. The ways are those of docs/analyser.md; what the holders have beside it is not asked. A policy \
        that nobody holds is told with severity medium. A document that makes \
        administrators by itself is told by the guardrail on those.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM.1", "IAM.21", "CIS AWS Foundations 5.0.0/1.15"],
    technique: "T1098.003",
    triggers: super::judge::TRIGGERS,
    remediation: "Makes the version the default again that was when the policy was last seen good; where that was deleted, it is made anew. \
        Where none was kept, the newest of the other versions that grants nothing of the kind: of a version that the event made, one \
        that is older. Where all are as bad, a new one is made without what is wrong with it; where there are five already, it is \
        only told.",
    actions: super::judge::ACTIONS,
};

fn tier(terms: &Terms<'_>) -> Tier {
    terms.policy.guardrails.managed_policy_grants_escalation.settings.ways.into()
}

fn wanted(terms: &Terms<'_>) -> Wanted {
    Wanted::Escalation(tier(terms))
}

impl Guardrail<ManagedPolicy, VersionAction> for ManagedPolicyEscalation {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, policy: &ManagedPolicy, terms: &Terms<'_>) -> Verdict {
        judge(policy, wanted(terms))
    }

    fn plan(&self, policy: &ManagedPolicy, _: &Violation, terms: &Terms<'_>) -> Plan<VersionAction> {
        plan(policy, wanted(terms), tier(terms))
    }

    fn remarks(&self, policy: &ManagedPolicy) -> Vec<String> {
        remarks(policy, Wanted::Escalation(Tier::PassRole))
    }
}
