//! SEC-03: the rotation of secrets is not cancelled.
//!
//! It is notified only. `RotateSecret` would turn rotation on again, but it needs `lambda:InvokeFunction` on whatever function the secret
//! names, and with the call goes the power to have another function read every secret. Even with `RotateImmediately` off it tests the
//! configuration by making and removing a version `AWSPENDING`, which fails where the cancelled rotation left one behind ("CancelRotateSecret",
//! "RotateSecret", Secrets Manager API reference). A person looks at the labels first.

use super::state::{Change, Secret, SecretAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::shell::word;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct SecretRotationCancelled;

static ABOUT: About = About {
    name: "secret-rotation-cancelled",
    catalogue_id: "SEC-03",
    title: "Rotation of a secret was cancelled",
    description: "Automatic rotation of a secret was turned off, and a rotation that was running was cancelled: who knows the secret now \
        knows it for good. A secret whose rotation was turned on again since complies.",
    severity: Severity::Medium,
    class: Class::R0,
    // Security Hub user guide, "AWS Secrets Manager controls".
    controls: &["SecretsManager.1"],
    technique: "T1562",
    triggers: &["CancelRotateSecret"],
    remediation: "Notifies, with the command that turns rotation on again with the rules and the function that the secret still has. It is not \
        called: it runs the secret's own Lambda function, and fails where the cancelled rotation left a version `AWSPENDING` behind.",
    actions: &[],
    ids: &["arn:%:secretsmanager:%:%:secret:*"],
    not_watched: &[
        ("RotateSecret", "it turns rotation on, or changes its rules and its function"),
        ("CreateSecret", "a new secret has no rotation to lose"),
    ],
};

impl Guardrail<Secret, SecretAction> for SecretRotationCancelled {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// A secret that never was rotated is none: only a call that cancelled it counts.
    fn judge(&self, secret: &Secret, _: &Terms<'_>) -> Verdict {
        if secret.by != Change::RotationCancelled {
            return Verdict::Compliant;
        }
        match &secret.is_rotated {
            Observed::Known(false) => {}
            Observed::Known(true) | Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        }
        let id = &secret.id;
        let line = format!("aws secretsmanager rotate-secret --secret-id {} --no-rotate-immediately", word(id));
        let why = format!(
            "rotation of secret `{id}` was cancelled; `{line}` turns it on again, once no version is left `AWSPENDING`"
        );
        let evidence = vec![Evidence { element: format!("rotation of {id}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &Secret, _: &Violation, _: &Terms<'_>) -> Plan<SecretAction> {
        Plan::default()
    }
}
