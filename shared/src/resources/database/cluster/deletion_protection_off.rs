//! DB-03: DB clusters stay protected from deletion.

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::database::deletion_protection::{judge, plan};
use crate::resources::database::protection::MODIFY_DB_CLUSTER;
use crate::resources::database::protection::{ClusterRef, Protected, Protection};

/// See the module.
pub struct DbClusterUnprotected;

static ABOUT: About = About {
    name: "db-cluster-deletion-protection-off",
    catalogue_id: "DB-03",
    title: "Deletion protection of a DB cluster off",
    description: "A call that turned the deletion protection of a DB cluster (Aurora, Multi-AZ, DocumentDB, Neptune) off; \
        `only` names the clusters that it is about, all without it. A call that \
        sets other things of one that was made within the hour gave it its settings, and took nothing away. The sweep also finds clusters that never had it.",
    severity: Severity::Medium,
    class: Class::R1,
    // Security Hub user guide, "Amazon RDS controls", "Amazon DocumentDB controls", "Neptune controls".
    controls: &["RDS.7", "DocumentDB.5", "Neptune.4"],
    technique: "T1485",
    triggers: &["ModifyDBCluster"],
    remediation: "Turns deletion protection on again, which nobody notices but who wants to delete. What is being deleted \
        already is told only.",
    actions: &[MODIFY_DB_CLUSTER],
};

impl Guardrail<Protected<ClusterRef>, Protection<ClusterRef>> for DbClusterUnprotected {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, state: &Protected<ClusterRef>, terms: &Terms<'_>) -> Verdict {
        judge(&ABOUT, &terms.policy.guardrails.db_cluster_deletion_protection_off.settings, state)
    }

    fn plan(&self, state: &Protected<ClusterRef>, _: &Violation, _: &Terms<'_>) -> Plan<Protection<ClusterRef>> {
        plan(state)
    }
}
