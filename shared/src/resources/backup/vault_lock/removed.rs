//! DB-10: a backup vault that is locked stays locked, for as long a retention as it was.

use super::state::VaultLock;
use super::{PUT, VaultLocks};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct BackupVaultLockRemoved;

static ABOUT: About = About {
    name: "backup-vault-lock-removed",
    catalogue_id: "DB-10",
    title: "The lock of a backup vault was removed or weakened",
    description: "The lock of a backup vault was removed since it was last seen to be good, or its minimum retention was removed or shortened, so that recovery \
        points can be deleted from then on, or earlier; or it has a maximum retention that it had not, or a shorter one, so that backups that are to be kept longer fail. A call that leaves a vault unlocked, of which no lock was ever seen, is notified as undetermined. \
        Another vault of the same name, made since, has no lock to lose.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1490",
    triggers: &["DeleteBackupVaultLockConfiguration", "PutBackupVaultLockConfiguration"],
    remediation: "Writes the lock of before again, always in governance mode: who has the permission for it can change or remove it. A lock of compliance mode, \
        which cannot be removed once its cooling-off period is over, is never written; where a weaker one of that mode stands, it only notifies.",
    actions: &[PUT],
    ids: &["arn:%:backup:%:%:backup-vault:%"],
    not_watched: &[
        ("CreateBackupVault", "a vault is made without a lock"),
        ("DeleteBackupVault", "AWS Backup refuses it for a vault that holds recovery points"),
        ("UpdateRecoveryPointLifecycle", "a lock refuses what is shorter than its minimum retention"),
    ],
};

impl Guardrail<Held<VaultLock>, Write<VaultLocks>> for BackupVaultLockRemoved {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<VaultLock>, _: &Terms<'_>) -> Verdict {
        let (vault, now) = (&held.name, &held.now);
        let weaker = match &held.before {
            Observed::Known(before) => now.weaker_than(before),
            Observed::Absent if held.by_event && !now.is_on => {
                let why = format!("backup vault `{vault}` has no lock; which one it had was never seen");
                return Verdict::Undetermined { why };
            }
            Observed::Absent => None,
            // A good state may have been kept, and this one must not take its place.
            Observed::Unknown { why } => {
                let why = format!("the lock of backup vault `{vault}` is {now}; what it was is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        };
        let Some(what) = weaker else { return Verdict::Compliant };
        let fixed = if is_fixed(now) { "; its owner has to change it before its lock date" } else { "" };
        let evidence = vec![Evidence {
            element: format!("lock of {vault}"),
            why: format!("backup vault `{vault}`: {what}{fixed}"),
        }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<VaultLock>, _: &Violation, _: &Terms<'_>) -> Plan<Write<VaultLocks>> {
        match &held.before {
            Observed::Known(before) if before.is_on && !is_fixed(&held.now) => {
                let lock = VaultLock { made: held.now.made, ..before.in_governance_mode() };
                put(held, lock, &[])
            }
            Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}

/// Whether a lock stands that cannot be changed any more, or soon: to write over it would take it out of that mode.
fn is_fixed(lock: &VaultLock) -> bool {
    lock.is_on && lock.is_final
}
