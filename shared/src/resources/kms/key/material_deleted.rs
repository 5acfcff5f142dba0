//! KMS-06: the imported material of a key is not deleted.

use super::state::{Change, KeyAction, KmsKey, Status};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct KmsKeyMaterialDeleted;

static ABOUT: About = About {
    name: "kms-key-material-deleted",
    catalogue_id: "KMS-06",
    title: "The imported material of a KMS key was deleted",
    description: "The imported material of a key was deleted: the key cannot be used, and nothing that it encrypted can be decrypted, until \
        the same material is imported again. AWS does not keep it: only its owner can do that.",
    severity: Severity::Critical,
    class: Class::R0,
    controls: &[],
    technique: "T1485",
    triggers: &["DeleteImportedKeyMaterial"],
    remediation: "Notifies: no call brings the material back that its owner does not have.",
    actions: &[],
    ids: &["arn:%:kms:%:%:key/%"],
    not_watched: &[
        ("ImportKeyMaterial", "only the same material can be imported again"),
        ("DisableKey, ScheduleKeyDeletion", "other guardrails look at these calls"),
    ],
};

impl Guardrail<KmsKey, KeyAction> for KmsKeyMaterialDeleted {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// A key that waits for its first material is none: only a call that deleted it counts.
    fn judge(&self, key: &KmsKey, _: &Terms<'_>) -> Verdict {
        let is_without = match &key.status {
            Observed::Known(status) => *status == Status::PendingImport,
            Observed::Absent => false,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        };
        if key.by != Change::MaterialDeleted || !is_without {
            return Verdict::Compliant;
        }
        let why = format!("the imported material of key `{}` was deleted: import it again to use the key", key.id);
        let evidence = vec![Evidence { element: format!("material of {}", key.id), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &KmsKey, _: &Violation, _: &Terms<'_>) -> Plan<KeyAction> {
        Plan::default()
    }
}
