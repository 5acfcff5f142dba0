//! DB-10: recovery points are deleted by the lifecycle of their backup plan alone.
//!
//! What a lifecycle deletes is recorded as a service event of another name (`BackupDeleted`: "Logging AWS Backup API calls with CloudTrail", AWS Backup
//! developer guide). Source of the record's members: "DeleteRecoveryPoint" (AWS Backup API reference).

use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Deletions of recovery points.
pub type DeletedRecoveryPoints = Notices<DeletedRecoveryPoint>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedRecoveryPoint;

/// The service's name in records.
const BACKUP: &str = "backup.amazonaws.com";

impl Notice for DeletedRecoveryPoint {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "backup-recovery-point-deletion";
    const ABOUT: &'static About = &About {
        name: "backup-recovery-point-deleted",
        catalogue_id: "DB-10",
        title: "A recovery point was deleted",
        description: "A principal that is not among `allowed_principals` deleted a recovery point from a backup vault. What the lifecycle of a backup plan \
            deletes is recorded otherwise and not notified, and neither is what AWS itself deletes.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1490",
        triggers: &["DeleteRecoveryPoint"],
        remediation: "Notifies: a recovery point that is deleted cannot be restored. A lock on the vault keeps others from the same.",
        actions: &[],
        ids: &["arn:%:*"],
        not_watched: &[
            ("BackupDeleted", "the service event of what a lifecycle deletes, as the backup plan says"),
            ("DisassociateRecoveryPoint", "the backup stays, in the service that it is of"),
            ("DisassociateRecoveryPointFromParent", "the backup stays, outside the composite one"),
            (
                "UpdateRecoveryPointLifecycle",
                "the record does not show how long it was kept before: one that is to expire soon is not noticed",
            ),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        let is_ours = event.is_one_of(BACKUP, Self::ABOUT.triggers);
        let is_by_aws = event.actor.is_aws() || event.actor.invoked_by.as_deref() == Some(BACKUP);
        if !is_ours || is_by_aws || event.kind.as_deref() == Some("AwsServiceEvent") {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no recovery point");
        let arn = event.request.text(&["recoveryPointArn"]).ok_or_else(unnamed)?;
        let vault = event.request.text(&["backupVaultName"]).unwrap_or("unknown");
        let why = format!("recovery point `{arn}` was deleted from backup vault `{vault}`");
        Ok(Some(Noticed::of(event, arn).sign("deleted", Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    /// A recovery point has an ARN of the service whose backup it is, as a rule.
    fn named(arn: &str, _: &Place) -> Resource {
        let name = arn.rsplit_once([':', '/']).map_or(arn, |(_, name)| name).to_owned();
        Resource { id: arn.to_owned(), kind: "AwsBackupRecoveryPoint", name }
    }
}
