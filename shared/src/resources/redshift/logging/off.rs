//! DB-07: a Redshift cluster goes on being logged.

use super::state::AuditLog;
use super::{ENABLE, RedshiftLoggings};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct RedshiftAuditLoggingOff;

static ABOUT: About = About {
    name: "redshift-audit-logging-off",
    catalogue_id: "DB-07",
    title: "Audit logging of a Redshift cluster was switched off",
    description: "Audit logging of a provisioned cluster was switched off, and it was on when it was last seen to be good. Where that was never seen, it is unknown whether it \
        was on. A cluster that logs to another place complies: where logs belong is the account's to say. User activity is logged only where the cluster's parameter group \
        enables it, which is not evaluated.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["Redshift.4"],
    technique: "T1562.008",
    triggers: &["DisableLogging", "EnableLogging"],
    remediation: "Enables logging again as it was last known: to the bucket and prefix, or to CloudWatch Logs, with the same logs. Without a last known good configuration, or \
        where it is of a kind that is not known here, it only notifies.",
    actions: &[ENABLE],
    ids: &["arn:%:redshift:%:%:cluster:%"],
    not_watched: &[
        ("CreateCluster, RestoreFromClusterSnapshot", "a new cluster has no logging to lose"),
        (
            "ModifyClusterParameterGroup",
            "the parameter group decides which activity is logged, not whether there are logs",
        ),
        (
            "DeleteBucket, PutBucketPolicy of the target bucket",
            "logging stays on and cannot deliver: another resource was changed",
        ),
    ],
};

impl Guardrail<Held<Option<AuditLog>>, Write<RedshiftLoggings>> for RedshiftAuditLoggingOff {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<AuditLog>>, _: &Terms<'_>) -> Verdict {
        let cluster = &held.name;
        let off = format!("audit logging of Redshift cluster `{cluster}` is off");
        let before = match held.taken_away() {
            Ok(Some(before)) => before,
            Ok(None) => return Verdict::Compliant,
            Err(why) => return Verdict::Undetermined { why: format!("{off}; {why}") },
        };
        let evidence = vec![Evidence {
            element: format!("audit logging of {cluster}"),
            why: format!("{off}; it was logged to `{before}`"),
        }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<AuditLog>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<RedshiftLoggings>> {
        match &held.before {
            Observed::Known(Some(before)) if before.is_whole() => put(held, Some(before.clone()), &[]),
            Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}
