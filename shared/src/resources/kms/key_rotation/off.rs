//! KMS-05: the material of symmetric customer managed keys is rotated.

use super::state::{ENABLE_KEY_ROTATION, Rotation, RotationAction};
use crate::engine::count::counted;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::GuardrailSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct KmsKeyRotationOff;

/// How often keys have to be rotated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RotationSettings {
    /// The longest period in days between two rotations (KMS allows 90 to 2560). Any period, without it.
    #[schemars(range(min = 90, max = 2560))]
    pub max_period_days: Option<u16>,
}

impl GuardrailSettings for RotationSettings {}

static ABOUT: About = About {
    name: "kms-key-rotation-off",
    catalogue_id: "KMS-05",
    title: "Rotation of a KMS key is disabled",
    description: "Automatic rotation of a customer managed key was disabled, or its period is longer than `max_period_days`. The sweep \
        also finds keys that never had it, among those that KMS can rotate: symmetric keys with material that KMS made, enabled, \
        and of a multi-Region set the primary key alone, which its replicas follow. Keys that AWS manages are rotated by AWS.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["KMS.4", "CIS AWS Foundations 5.0.0/3.6"],
    technique: "T1562",
    triggers: &["DisableKeyRotation", "EnableKeyRotation"],
    remediation: "Enables rotation with the period of before: the last known good one, at most `max_period_days`; KMS's default of 365 \
        days where none is known. Nothing that uses the key changes; each of the first rotations adds to the price of the key.",
    actions: &[ENABLE_KEY_ROTATION],
    ids: &["arn:%:kms:%:%:key/%"],
    not_watched: &[
        ("CreateKey, ReplicateKey", "a new key has no rotation to lose: the sweep finds it"),
        ("UpdatePrimaryRegion", "rotation is a property that all keys of a multi-Region set share, and it stays"),
        ("ScheduleKeyDeletion, DisableKey", "KMS does not rotate such a key: other guardrails look at these calls"),
    ],
};

impl Guardrail<Rotation, RotationAction> for KmsKeyRotationOff {
    type Settings = RotationSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, rotation: &Rotation, terms: &Terms<'_>) -> Verdict {
        let (id, most) = (&rotation.id, self.most(terms));
        let why = match (rotation.is_on, rotation.days, most) {
            (false, _, _) => {
                let before = match &rotation.before {
                    Observed::Known(days) => format!("it was rotated every {days}", days = counted(days, "day")),
                    Observed::Absent => "its rotation was never seen".to_owned(),
                    Observed::Unknown { why } => format!("its previous period is unknown ({why})"),
                };
                format!("rotation of key `{id}` is disabled; {before}")
            }
            (true, Some(days), Some(most)) if days > most => {
                format!(
                    "key `{id}` is rotated every {days} only; `max_period_days` is {most}",
                    days = counted(days, "day")
                )
            }
            (true, None, Some(_)) => {
                return Verdict::Undetermined { why: format!("the rotation period of key `{id}` is not shown") };
            }
            (true, _, _) => return Verdict::Compliant,
        };
        let evidence = vec![Evidence { element: format!("rotation of {id}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, rotation: &Rotation, _: &Violation, terms: &Terms<'_>) -> Plan<RotationAction> {
        let (id, most) = (|| rotation.id.clone(), self.most(terms));
        let before = rotation.before.known().copied();
        let days = match (before, most) {
            (Some(before), Some(most)) => Some(before.min(most)),
            (before, most) => before.or(most),
        };
        let back = match rotation.is_on {
            true => RotationAction::Enable { key: id(), days: rotation.days },
            false => RotationAction::Disable(id()),
        };
        Plan::one(RotationAction::Enable { key: id(), days }, back)
    }
}

impl KmsKeyRotationOff {
    fn most(&self, terms: &Terms<'_>) -> Option<i64> {
        terms.settings(self).max_period_days.map(i64::from)
    }
}
