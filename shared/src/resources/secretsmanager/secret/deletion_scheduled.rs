//! SEC-01: no secret is scheduled for deletion.

use super::state::{Change, DEFAULT_WINDOW, RESTORE_SECRET, Secret, SecretAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::GuardrailSettings;
use crate::resources::secretsmanager::record::is_managed;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct SecretDeletionScheduled;

/// Which deletions are allowed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SecretDeletionSettings {
    /// A deletion with a recovery window of at least so many days is allowed (Secrets Manager's windows are 7 to 30 days). No deletion
    /// is, without it.
    #[schemars(range(min = 7, max = 30))]
    pub allowed_from_days: Option<u8>,
}

impl GuardrailSettings for SecretDeletionSettings {}

static ABOUT: About = About {
    name: "secret-deletion-scheduled",
    catalogue_id: "SEC-01",
    title: "A secret is scheduled for deletion",
    description: "The deletion of a secret is scheduled: no principal can read it from now on, and after its recovery window it is lost. A secret \
        whose deletion is wanted is exempted before, or `allowed_from_days` allows deletions that leave that much time. Secrets that \
        another AWS service manages (a name such as `rds!db-1`) are deleted by that service, and left alone. A secret with replicas \
        cannot be deleted before they are removed.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1485",
    triggers: &["DeleteSecret"],
    remediation: "Restores the secret: all of its versions can be read again. Undo schedules its deletion again, with the whole recovery \
        window that it had.",
    actions: &[RESTORE_SECRET],
    ids: &["arn:%:secretsmanager:%:%:secret:*"],
    not_watched: &[
        (
            "RemoveRegionsFromReplication, StopReplicationToReplica",
            "the primary secret stays, and a replica can be made again from it",
        ),
        ("UpdateSecretVersionStage", "it moves labels between versions: the secret stays"),
    ],
};

impl Guardrail<Secret, SecretAction> for SecretDeletionScheduled {
    type Settings = SecretDeletionSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, secret: &Secret, terms: &Terms<'_>) -> Verdict {
        let id = &secret.id;
        match &secret.is_scheduled {
            _ if is_managed(id) || secret.by == Change::RotationCancelled => return Verdict::Compliant,
            Observed::Known(true) => {}
            Observed::Known(false) | Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        }
        match (terms.settings(self).allowed_from_days.map(i64::from), secret.window) {
            (Some(least), Some(days)) if days >= least => return Verdict::Compliant,
            (Some(_), None) => {
                let why = format!("secret `{id}` is scheduled for deletion; its recovery window is not shown");
                return Verdict::Undetermined { why };
            }
            (Some(_) | None, _) => {}
        }
        let when = secret.deletion_date.as_ref().map(|date| format!(" (deletion date {date})")).unwrap_or_default();
        let why = format!("secret `{id}` is scheduled for deletion{when}: it cannot be read");
        let evidence = vec![Evidence { element: format!("deletion of {id}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, secret: &Secret, _: &Violation, _: &Terms<'_>) -> Plan<SecretAction> {
        let (id, days) = (secret.id.clone(), secret.window.unwrap_or(DEFAULT_WINDOW));
        Plan::one(SecretAction::Restore(id.clone()), SecretAction::Delete { secret: id, days })
    }
}
