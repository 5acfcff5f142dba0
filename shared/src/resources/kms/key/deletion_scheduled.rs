//! KMS-01: no customer managed key is scheduled for deletion.

use super::NOT_WATCHED;
use super::state::{CANCEL_KEY_DELETION, Change, ENABLE_KEY, KeyAction, KmsKey, Status};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::GuardrailSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct KmsKeyDeletionScheduled;

/// Which deletions are good.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeletionSettings {
    /// A deletion with a waiting period of at least so many days is allowed (KMS's periods are 7 to 30 days). No deletion is,
    /// without it.
    #[schemars(range(min = 7, max = 30))]
    pub allowed_from_days: Option<u8>,
}

impl GuardrailSettings for DeletionSettings {}

static ABOUT: About = About {
    name: "kms-key-deletion-scheduled",
    catalogue_id: "KMS-01",
    title: "A KMS key is scheduled for deletion",
    description: "The deletion of a customer managed key is scheduled: nothing can be encrypted or decrypted with it from now on, and \
        once it is deleted what it encrypts is lost. The deletion of a multi-Region primary key waits for its replicas and counts too. \
        A key whose deletion is wanted is exempted before it \
        is scheduled, or `allowed_from_days` allows deletions that leave that much time. Keys that AWS manages cannot be deleted. KMS checks its key \
        policies: where a key's policy does not let IAM policies allow access (the statement for the account's root), the calls are \
        refused and that is notified.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["KMS.3", "CIS AWS Foundations 5.0.0/4.7"],
    technique: "T1485",
    triggers: &["ScheduleKeyDeletion"],
    remediation: "Cancels the deletion, which leaves the key disabled; then enables it, if it was enabled when it was last seen to be \
        good. Where that is unknown it stays disabled, and the notification says so. Without a ledger it is never known.",
    actions: &[CANCEL_KEY_DELETION, ENABLE_KEY],
    ids: &["arn:%:kms:%:%:key/%"],
    not_watched: NOT_WATCHED,
};

impl Guardrail<KmsKey, KeyAction> for KmsKeyDeletionScheduled {
    type Settings = DeletionSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, key: &KmsKey, terms: &Terms<'_>) -> Verdict {
        let status = match &key.status {
            _ if key.is_aws_managed => return Verdict::Compliant,
            Observed::Known(status) => *status,
            Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        };
        let id = &key.id;
        match (terms.settings(self).allowed_from_days.map(i64::from), key.window) {
            (Some(least), Some(days)) if days >= least => return Verdict::Compliant,
            (Some(_), None) if status.is_to_be_deleted() => {
                let why = format!("key `{id}` is scheduled for deletion; its waiting period is not shown");
                return Verdict::Undetermined { why };
            }
            (Some(_) | None, _) => {}
        }
        let why = if status.is_to_be_deleted() {
            let when = key.deletion_date.as_ref().map(|date| format!(" (deletion date {date})")).unwrap_or_default();
            let before = match &key.was_enabled {
                Observed::Known(true) => "it was enabled".to_owned(),
                Observed::Known(false) => "it was disabled before, and stays so".to_owned(),
                Observed::Absent => "whether it was enabled was never seen: it stays disabled".to_owned(),
                Observed::Unknown { why } => format!("whether it was enabled is unknown ({why}): it stays disabled"),
            };
            format!("key `{id}` is scheduled for deletion{when}; {before}")
        } else if is_half_way(key, status) {
            format!("the deletion of key `{id}` is cancelled, but it is still disabled; it was enabled")
        } else {
            return Verdict::Compliant;
        };
        let evidence = vec![Evidence { element: format!("deletion of {id}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    /// A key is enabled only once its deletion is cancelled: KMS refuses it before, and no call is made after one that failed.
    fn plan(&self, key: &KmsKey, _: &Violation, _: &Terms<'_>) -> Plan<KeyAction> {
        let id = || key.id.clone();
        let is_pending = key.status.known().is_some_and(|status| status.is_to_be_deleted());
        let cancel = Step { apply: KeyAction::CancelDeletion(id()), undo: Undo::Apply(key.schedule_again()) };
        let enable = Step { apply: KeyAction::Enable(id()), undo: Undo::Apply(KeyAction::Disable(id())) };
        let was_enabled = key.was_enabled == Observed::Known(true);
        let steps = [(is_pending, cancel), (was_enabled, enable)];
        Plan { steps: steps.into_iter().filter_map(|(is_due, step)| is_due.then_some(step)).collect() }
    }
}

/// The first call was made and the second was not, or another caller made the first.
fn is_half_way(key: &KmsKey, status: Status) -> bool {
    key.by == Change::DeletionScheduled && status == Status::Disabled && key.was_enabled == Observed::Known(true)
}
