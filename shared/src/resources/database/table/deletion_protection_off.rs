//! DB-03: DynamoDB tables stay protected from deletion.

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::database::deletion_protection::{judge, plan};
use crate::resources::database::protection::UPDATE_TABLE;
use crate::resources::database::protection::{Protected, Protection, TableRef};

/// See the module.
pub struct DynamodbTableUnprotected;

static ABOUT: About = About {
    name: "dynamodb-table-deletion-protection-off",
    catalogue_id: "DB-03",
    title: "Deletion protection of a DynamoDB table off",
    description: "A call that turned the deletion protection of a DynamoDB table off; `only` names the tables that it is about, \
        all without it. A call that \
        sets other things of one that was made within the hour gave it its settings, and took nothing away. The sweep also finds tables that never had it.",
    severity: Severity::Medium,
    class: Class::R1,
    // Security Hub user guide, "Amazon DynamoDB controls".
    controls: &["DynamoDB.6"],
    technique: "T1485",
    triggers: &["UpdateTable"],
    remediation: "Turns deletion protection on again, which nobody notices but who wants to delete. What is being deleted \
        already is told only.",
    actions: &[UPDATE_TABLE],
};

impl Guardrail<Protected<TableRef>, Protection<TableRef>> for DynamodbTableUnprotected {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, state: &Protected<TableRef>, terms: &Terms<'_>) -> Verdict {
        judge(&ABOUT, &terms.policy.guardrails.dynamodb_table_deletion_protection_off.settings, state)
    }

    fn plan(&self, state: &Protected<TableRef>, _: &Violation, _: &Terms<'_>) -> Plan<Protection<TableRef>> {
        plan(state)
    }
}
