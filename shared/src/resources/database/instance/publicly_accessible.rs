//! DB-02: no DB instance is publicly accessible.

use super::state::MODIFY_DB_INSTANCE;
use super::state::{DbInstance, InstanceAction, PUBLIC_ACCESS};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};

/// See the module.
pub struct DbInstancePublic;

static ABOUT: About = About {
    name: "db-instance-publicly-accessible",
    catalogue_id: "DB-02",
    title: "Database publicly accessible",
    description: "A DB instance (RDS, or a member of a cluster) that was made or changed so that its name resolves to a \
        public address, or a Multi-AZ DB cluster that was made so, said so or by the default of its subnet group. Whether its subnets and security groups let \
        anybody through is not asked: each of them is one change away. An instance that is still being made is looked at \
        again when it can be changed.",
    severity: Severity::Critical,
    class: Class::R2,
    // Security Hub user guide, "Amazon RDS controls"; CIS AWS Foundations Benchmark 5.0.0, section 2.2.
    controls: &["RDS.2", "CIS AWS Foundations 5.0.0/2.2.3"],
    technique: "T1133",
    triggers: &[
        "CreateDBCluster",
        "CreateDBInstance",
        "CreateDBInstanceReadReplica",
        "ModifyDBInstance",
        "RestoreDBClusterFromSnapshot",
        "RestoreDBClusterToPointInTime",
        "RestoreDBInstanceFromDBSnapshot",
        "RestoreDBInstanceFromS3",
        "RestoreDBInstanceToPointInTime",
    ],
    remediation: "Turns public access off, which RDS does at once: clients outside the VPC lose the database. Other changes \
        that are pending stay pending. An instance that is being deleted is told only, and so is a \
        Multi-AZ DB cluster: no call changes its public access.",
    actions: &[MODIFY_DB_INSTANCE],
};

impl Guardrail<DbInstance, InstanceAction> for DbInstancePublic {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, instance: &DbInstance, _: &Terms<'_>) -> Verdict {
        if !instance.in_question.access {
            return Verdict::Compliant;
        }
        match &instance.is_public {
            Observed::Known(true) => Verdict::Violation(Violation {
                severity: ABOUT.severity,
                evidence: vec![Evidence {
                    element: PUBLIC_ACCESS.to_owned(),
                    why: if instance.is_cluster {
                        format!(
                            "Multi-AZ DB cluster {} is publicly accessible; no call changes that: restrict its security groups, or \
                            restore it to a cluster that is not",
                            instance.id
                        )
                    } else {
                        format!("DB instance {} is publicly accessible", instance.id)
                    },
                }],
            }),
            Observed::Known(false) | Observed::Absent => Verdict::Compliant,
            Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
        }
    }

    fn plan(&self, instance: &DbInstance, _: &Violation, _: &Terms<'_>) -> Plan<InstanceAction> {
        if instance.is_being_deleted || instance.is_cluster {
            return Plan::default();
        }
        Plan::one(InstanceAction::access(&instance.id, false), InstanceAction::access(&instance.id, true))
    }
}
