//! LOG-16: a control plane that writes audit and authenticator logs goes on writing them.

use super::logs::{LogTypes, Logs};
use super::{IDS, UPDATE};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct ControlPlaneLogsOff;

/// Who did what through the API of Kubernetes, and whom a cluster took them for.
const GUARDED: [&str; 2] = ["audit", "authenticator"];

static ABOUT: About = About {
    name: "eks-audit-logs-off",
    catalogue_id: "LOG-16",
    title: "The audit logs of an EKS cluster were switched off",
    description: "A principal that is not among `allowed_principals` switched off the audit or the authenticator log of a control plane that wrote it when it was last seen to \
        be good: what is done through the API of Kubernetes is not recorded any more. The other logs of a control plane are left alone. A cluster that never wrote them is \
        Security Hub's to find (EKS.8).",
    severity: Severity::High,
    class: Class::R1,
    controls: &["EKS.8"],
    technique: "T1562.008",
    triggers: &["UpdateClusterConfig"],
    remediation: "Switches the logs on again that were on, and no other. EKS allows one update at a time: the call is made when the running one has ended, and its result shows \
        a few minutes later.",
    actions: &[UPDATE],
    ids: IDS,
    not_watched: &[
        ("CreateCluster", "a cluster is made without logs, and has none to lose"),
        ("DeleteLogGroup, PutRetentionPolicy", "the log group is another guardrail's"),
    ],
};

fn lost(held: &Held<LogTypes>) -> Vec<&'static str> {
    let was_on = |of: &&str| held.before.known().is_some_and(|before| before.0.contains(*of));
    GUARDED.into_iter().filter(|of| !held.now.0.contains(*of)).filter(was_on).collect()
}

impl Guardrail<Held<LogTypes>, Write<Logs>> for ControlPlaneLogsOff {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<LogTypes>, terms: &Terms<'_>) -> Verdict {
        if terms.settings(self).allow(&held.by) {
            return Verdict::Compliant;
        }
        let cluster = &held.name;
        let is_off = GUARDED.iter().any(|of| !held.now.0.contains(*of));
        match &held.before {
            Observed::Known(_) => {}
            Observed::Absent | Observed::Unknown { .. } if !held.by_event || !is_off => return Verdict::Compliant,
            Observed::Absent => {
                let why = format!("cluster `{cluster}` does not write all audit logs; whether it did was never seen");
                return Verdict::Undetermined { why };
            }
            Observed::Unknown { why } => {
                let why =
                    format!("cluster `{cluster}` does not write all audit logs; whether it did is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        }
        let evidence = |of: &str| Evidence {
            element: format!("{of} log off"),
            why: format!("the control plane of cluster `{cluster}` does not write its {of} log any more"),
        };
        let evidence: Vec<Evidence> = lost(held).into_iter().map(evidence).collect();
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<LogTypes>, _: &Violation, _: &Terms<'_>) -> Plan<Write<Logs>> {
        let lost = lost(held);
        let mut types = held.now.clone();
        types.0.extend(lost.iter().map(|of| (*of).to_owned()));
        put(held, types, &lost)
    }
}
