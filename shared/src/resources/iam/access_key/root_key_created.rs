//! IAM-01: the root user has no access keys.

use super::NOT_WATCHED;
use super::state::{AccessKey, KeyAction, Owner};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct RootAccessKey;

static ABOUT: About = About {
    name: "root-access-key-created",
    catalogue_id: "IAM-01",
    title: "Root access key created",
    description: "Root created an access key for itself, or reactivated one. No IAM policy restricts such \
        credentials. A key that root creates for an IAM user belongs to `access-key-not-allowed`.",
    severity: Severity::Critical,
    class: Class::R0,
    controls: &["IAM.4", "CIS AWS Foundations 5.0.0/1.3"],
    technique: "T1098.001",
    triggers: &["CreateAccessKey", "UpdateAccessKey"],
    remediation: "Notifies at once: no principal in the account can change root's keys, so root must delete the key.",
    actions: &[],
    ids: &["arn:%:iam::%:root/access-key/%"],
    not_watched: NOT_WATCHED,
};

impl Guardrail<AccessKey, KeyAction> for RootAccessKey {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, key: &AccessKey, _: &Terms<'_>) -> Verdict {
        if key.owner != Owner::Root {
            return Verdict::Compliant;
        }
        let why = format!("access key `{}` belongs to the root user", key.id);
        Verdict::Violation(Violation {
            severity: ABOUT.severity,
            evidence: vec![Evidence { element: key.id.clone(), why }],
        })
    }

    fn plan(&self, _: &AccessKey, _: &Violation, _: &Terms<'_>) -> Plan<KeyAction> {
        Plan::default()
    }
}
