//! KMS-02: customer managed keys that were enabled stay enabled.

use super::NOT_WATCHED;
use super::state::{Change, ENABLE_KEY, KeyAction, KmsKey, Status};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct KmsKeyDisabled;

static ABOUT: About = About {
    name: "kms-key-disabled",
    catalogue_id: "KMS-02",
    title: "A KMS key was disabled",
    description: "A customer managed key was disabled: nothing can be encrypted or decrypted with it until it is enabled. A key that was \
        disabled already when it was last seen complies, and a sweep finds the keys alone that it has seen enabled. A key that is \
        disabled for maintenance is exempted before. A key whose deletion is scheduled is `kms-key-deletion-scheduled`'s.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["CIS AWS Foundations 5.0.0/4.7"],
    technique: "T1485",
    triggers: &["DisableKey", "EnableKey", "CreateKey"],
    remediation: "Enables the key. `EnableKey` and `CreateKey` are looked at so that it is known which keys were enabled.",
    actions: &[ENABLE_KEY],
    ids: &["arn:%:kms:%:%:key/%"],
    not_watched: NOT_WATCHED,
};

impl Guardrail<KmsKey, KeyAction> for KmsKeyDisabled {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, key: &KmsKey, _: &Terms<'_>) -> Verdict {
        match &key.status {
            _ if key.is_aws_managed || key.by == Change::DeletionScheduled => return Verdict::Compliant,
            Observed::Known(Status::Disabled) => {}
            Observed::Known(_) | Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        }
        let id = &key.id;
        let before = match (&key.was_enabled, key.by) {
            (Observed::Known(true), _) => "it was enabled",
            (Observed::Known(false), _)
            | (Observed::Absent, Change::Enabled | Change::MaterialDeleted | Change::Nothing) => {
                return Verdict::Compliant;
            }
            (_, Change::Disabled | Change::DeletionScheduled) => {
                "nothing is known that says that it was disabled before"
            }
            // A good state may have been kept, and this one must not take its place.
            (Observed::Unknown { why }, Change::Enabled | Change::MaterialDeleted | Change::Nothing) => {
                let why = format!("key `{id}` is disabled; whether it was enabled when last seen is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        };
        let why = format!("key `{id}` is disabled; {before}");
        let evidence = vec![Evidence { element: format!("{id} disabled"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, key: &KmsKey, _: &Violation, _: &Terms<'_>) -> Plan<KeyAction> {
        Plan::one(KeyAction::Enable(key.id.clone()), KeyAction::Disable(key.id.clone()))
    }
}
