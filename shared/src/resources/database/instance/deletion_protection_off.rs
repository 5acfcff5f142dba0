//! DB-03: DB instances stay protected from deletion.

use super::state::MODIFY_DB_INSTANCE;
use super::state::{DbInstance, InstanceAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::database::protection::DeletionProtectionSettings;
use crate::resources::database::protection::NOT_WATCHED;
use crate::resources::database::protection::unprotected;

/// See the module.
pub struct DbInstanceUnprotected;

static ABOUT: About = About {
    name: "db-instance-deletion-protection-off",
    catalogue_id: "DB-03",
    title: "Deletion protection of a DB instance is off",
    description: "Deletion protection of a DB instance was turned off; `only` names the instances that it applies to, all \
        without it. Members of a cluster are left alone: the cluster has the protection. A call that sets other things of an \
        instance that was created within the hour configured it, and removed no protection. The sweep also finds instances that \
        never had it.",
    severity: Severity::Medium,
    class: Class::R1,
    // Security Hub user guide, "Amazon RDS controls".
    controls: &["RDS.8"],
    technique: "T1485",
    triggers: &["ModifyDBInstance"],
    remediation: "Turns deletion protection on again, which affects nothing but a deletion. Other changes that are pending \
        stay pending. An instance that is being deleted is notified only.",
    actions: &[MODIFY_DB_INSTANCE],
    ids: &["arn:%:rds:%:%:db:%"],
    not_watched: NOT_WATCHED,
};

impl Guardrail<DbInstance, InstanceAction> for DbInstanceUnprotected {
    type Settings = DeletionProtectionSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, instance: &DbInstance, terms: &Terms<'_>) -> Verdict {
        if !instance.in_question.protection {
            return Verdict::Compliant;
        }
        match (&instance.is_protected, &instance.cluster) {
            (Observed::Known(true) | Observed::Absent, _) | (_, Observed::Known(_)) => Verdict::Compliant,
            (Observed::Unknown { why }, _) | (Observed::Known(false), Observed::Unknown { why }) => {
                Verdict::Undetermined { why: why.clone() }
            }
            (Observed::Known(false), Observed::Absent) => {
                let settings = &terms.settings(self);
                let label = format!("DB instance {}", instance.id);
                let is_being_deleted = instance.is_being_deleted;
                unprotected(&ABOUT, settings, &instance.id, is_being_deleted, &label)
            }
        }
    }

    fn plan(&self, instance: &DbInstance, _: &Violation, _: &Terms<'_>) -> Plan<InstanceAction> {
        if instance.is_being_deleted {
            return Plan::default();
        }
        Plan::one(InstanceAction::protection(&instance.id, true), InstanceAction::protection(&instance.id, false))
    }
}
