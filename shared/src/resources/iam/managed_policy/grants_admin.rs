//! IAM-09: the default version of a managed policy makes nobody administrator.

use super::judge::{judge, plan, remarks};
use super::state::{ManagedPolicy, VersionAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::iam::granted::Wanted;

/// See the module.
pub struct ManagedPolicyAdmin;

static ABOUT: About = About {
    name: "managed-policy-grants-admin",
    catalogue_id: "IAM-09",
    title: "Managed policy grants administration",
    description: "The default version of one of the account's own managed policies allows everything on everything, or all but a few \
        services that do not include IAM: a new policy, a new version, or an old one that was made the default again. A \
        version that is not the default grants nothing. A policy that nobody holds is told with severity medium, and nothing is \
        changed about a new one: whoever attaches it meets the guardrail on attached policies.",
    severity: Severity::Critical,
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

impl Guardrail<ManagedPolicy, VersionAction> for ManagedPolicyAdmin {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, policy: &ManagedPolicy, _: &Terms<'_>) -> Verdict {
        judge(policy, Wanted::Admin)
    }

    fn plan(&self, policy: &ManagedPolicy, _: &Violation, terms: &Terms<'_>) -> Plan<VersionAction> {
        let ways = terms.policy.guardrails.managed_policy_grants_escalation.settings.ways;
        plan(policy, Wanted::Admin, ways.into())
    }

    fn remarks(&self, policy: &ManagedPolicy) -> Vec<String> {
        remarks(policy, Wanted::Admin)
    }
}
