//! SEC-01: no secret is deleted without a recovery window.

use super::state::{Change, Secret, SecretAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::secretsmanager::record::is_managed;

/// See the module.
pub struct SecretForceDeleted;

static ABOUT: About = About {
    name: "secret-force-deleted",
    catalogue_id: "SEC-01",
    title: "A secret was deleted without a recovery window",
    description: "`DeleteSecret` was called with `ForceDeleteWithoutRecovery`: the secret and all of its versions are gone. Secrets Manager \
        answers success for a secret that does not exist as well: the finding then says no more than that it was tried. Secrets that \
        another AWS service manages are deleted by that service, and left alone.",
    severity: Severity::Critical,
    class: Class::R0,
    controls: &[],
    technique: "T1485",
    triggers: &["DeleteSecret"],
    remediation: "Notifies: no call brings a secret back that was deleted without a recovery window.",
    actions: &[],
    ids: &["arn:%:secretsmanager:%:%:secret:*"],
    not_watched: &[
        ("RemoveRegionsFromReplication", "it deletes replicas at once, and the primary secret stays"),
        ("PutSecretValue, UpdateSecret", "they add a version: the one before keeps its label `AWSPREVIOUS`"),
    ],
};

impl Guardrail<Secret, SecretAction> for SecretForceDeleted {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, secret: &Secret, _: &Terms<'_>) -> Verdict {
        let id = &secret.id;
        if secret.by != Change::ForceDeleted || is_managed(id) {
            return Verdict::Compliant;
        }
        let why =
            format!("secret `{id}` was deleted without a recovery window: make it again, and rotate what it held");
        let evidence = vec![Evidence { element: format!("forced deletion of {id}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &Secret, _: &Violation, _: &Terms<'_>) -> Plan<SecretAction> {
        Plan::default()
    }
}
