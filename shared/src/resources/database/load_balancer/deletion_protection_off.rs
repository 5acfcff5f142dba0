//! DB-03: load balancers stay protected from deletion.

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::database::deletion_protection::{judge, plan};
use crate::resources::database::protection::MODIFY_LOAD_BALANCER_ATTRIBUTES;
use crate::resources::database::protection::{LoadBalancerRef, Protected, Protection};

/// See the module.
pub struct LoadBalancerUnprotected;

static ABOUT: About = About {
    name: "load-balancer-deletion-protection-off",
    catalogue_id: "DB-03",
    title: "Deletion protection of a load balancer off",
    description: "A call that turned the deletion protection of an application, network or gateway load balancer off; `only` \
        names the load balancers that it is about, all without it. A call that \
        sets other things of one that was made within the hour gave it its settings, and took nothing away. The sweep also finds those that never had it. Classic \
        load balancers have no such switch.",
    severity: Severity::Medium,
    class: Class::R1,
    // Security Hub user guide, "Elastic Load Balancing controls".
    controls: &["ELB.6"],
    technique: "T1489",
    triggers: &["ModifyLoadBalancerAttributes"],
    remediation: "Turns deletion protection on again, which nobody notices but who wants to delete. What is being deleted \
        already is told only.",
    actions: &[MODIFY_LOAD_BALANCER_ATTRIBUTES],
};

impl Guardrail<Protected<LoadBalancerRef>, Protection<LoadBalancerRef>> for LoadBalancerUnprotected {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, state: &Protected<LoadBalancerRef>, terms: &Terms<'_>) -> Verdict {
        judge(&ABOUT, &terms.policy.guardrails.load_balancer_deletion_protection_off.settings, state)
    }

    fn plan(
        &self,
        state: &Protected<LoadBalancerRef>,
        _: &Violation,
        _: &Terms<'_>,
    ) -> Plan<Protection<LoadBalancerRef>> {
        plan(state)
    }
}
