//! DB-02: no DB instance is publicly accessible.

use super::state::MODIFY_DB_INSTANCE;
use super::state::{DbInstance, InstanceAction, PUBLIC_ACCESS};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct DbInstancePublic;

static ABOUT: About = About {
    name: "db-instance-publicly-accessible",
    catalogue_id: "DB-02",
    title: "Database is publicly accessible",
    description: "A DB instance (RDS, or a member of a cluster) was created or modified so that its endpoint \
        resolves to a public address, or a Multi-AZ DB cluster was created so, explicitly or by the default of its \
        subnet group. Subnets and security groups are not considered: each of them is one change away from allowing \
        access. An instance that is still being created is evaluated again when it can be modified.",
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
    remediation: "Disables public access, which RDS applies at once: clients outside the VPC lose the database. \
        Other pending changes stay pending. For an instance that is being deleted it only notifies, and so it does \
        for a Multi-AZ DB cluster, whose public access no call can change.",
    actions: &[MODIFY_DB_INSTANCE],
    // A Multi-AZ cluster is public as a whole.
    ids: &["arn:%:rds:%:%:db:%", "arn:%:rds:%:%:cluster:%"],
    not_watched: &[
        (
            "CreateDBCluster, RestoreDBClusterFromS3 of Aurora",
            "an Aurora cluster cannot be public: its members can, individually",
        ),
        ("ModifyDBSubnetGroup", "the address of an existing instance does not change"),
    ],
};

impl Guardrail<DbInstance, InstanceAction> for DbInstancePublic {
    type Settings = NoSettings;

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
