//! The locks of backup vaults: DB-10.
//!
//! A lock refuses every deletion of a recovery point, and every lifecycle that keeps one for less than its minimum. In governance mode a principal with the
//! permission for it can change and remove it; in compliance mode no principal can from `LockDate` on, the account's root and AWS included.
//! Sources: "PutBackupVaultLockConfiguration", "DeleteBackupVaultLockConfiguration", "DescribeBackupVault" (AWS Backup API reference), "AWS Backup Vault
//! Lock" (AWS Backup developer guide).

pub mod removed;
pub mod state;

use super::BACKUP;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use removed::BackupVaultLockRemoved;
use serde_json::Value;
use state::VaultLock;
use std::fmt::Write as _;

const ON: &[&str] = &["backup:${Region}:${Account}:backup-vault:*"];
const DESCRIBE: Permission = Permission::on("backup:DescribeBackupVault", ON);
const LIST: Permission = Permission::read("backup:ListBackupVaults");
pub(crate) const PUT: Permission = Permission::on("backup:PutBackupVaultLockConfiguration", ON);
const DELETE: Permission = Permission::on("backup:DeleteBackupVaultLockConfiguration", ON);

/// The family of the locks of backup vaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VaultLocks;

document_family!(
    VaultLocks,
    "backup-vault-lock",
    reads: &[DESCRIBE],
    lists: &[LIST],
    undoes: &[PUT, DELETE],
    BackupVaultLockRemoved,
);

impl Document for VaultLocks {
    type Value = VaultLock;

    const SOURCE: &'static str = "backup.amazonaws.com";
    const TRIGGERS: &'static [&'static str] =
        &["DeleteBackupVaultLockConfiguration", "PutBackupVaultLockConfiguration"];

    /// Which vault of the name it is shows in a read alone.
    fn set_by(_: &Event) -> Option<VaultLock> {
        None
    }

    fn requested(event: &Event) -> Option<VaultLock> {
        let request = event.request.value()?;
        Some(if event.name.starts_with("Put") { VaultLock::asked(request) } else { VaultLock::default() })
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        let unnamed = || Unlocatable::new(event, "the record names no backup vault");
        event.request.text(&["backupVaultName"]).map(str::to_owned).ok_or_else(unnamed)
    }

    fn named(name: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:backup:{region}:{account}:backup-vault:{name}");
        Resource { id, kind: "AwsBackupBackupVault", name: name.to_owned() }
    }

    /// How long is enough is the owner's to say.
    fn is_strictest(_: &VaultLock) -> bool {
        false
    }

    fn permission(lock: &VaultLock) -> Permission {
        if lock.is_on { PUT } else { DELETE }
    }

    fn says(name: &str, lock: &VaultLock) -> String {
        match lock.is_on {
            true => format!("set the lock of backup vault {name}: {}", lock.in_governance_mode()),
            false => format!("remove the lock of backup vault {name}"),
        }
    }

    fn line(name: &str, lock: &VaultLock) -> String {
        let name = word(name);
        if !lock.is_on {
            return format!("aws backup delete-backup-vault-lock-configuration --backup-vault-name {name}");
        }
        let mut line = format!("aws backup put-backup-vault-lock-configuration --backup-vault-name {name}");
        for (option, days) in [("min-retention-days", lock.min_days), ("max-retention-days", lock.max_days)] {
            if let Some(days) = days {
                let _ = write!(line, " --{option} {days}");
            }
        }
        line
    }
}

impl SignedFamily for VaultLocks {
    const API: &'static Api = &BACKUP;

    fn get(key: &Of<VaultLock>) -> Request {
        Request::rest("DescribeBackupVault", "GET", &["backup-vaults", &key.name])
    }

    fn got(key: &Of<VaultLock>, answer: &Answer) -> Observed<Held<VaultLock>> {
        match VaultLock::shown(answer) {
            Some(lock) => Observed::Known(Held::of(key, lock)),
            None => Observed::Unknown { why: "the answer does not show whether the vault is locked".to_owned() },
        }
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListBackupVaults", "GET", &["backup-vaults"]).query("nextToken", from))
    }

    /// A listing shows the locks as well; a vault of which it does not is read.
    fn listed(answer: &Answer) -> Listing<Self> {
        let vault = |vault: &Value| {
            let key = Of::new(vault["BackupVaultName"].as_str()?.to_owned(), false);
            let seen = VaultLock::read(vault).map(|lock| Observed::Known(Held::of(&key, lock)));
            Some((key, seen))
        };
        Listing {
            found: answer.list("BackupVaultList").iter().filter_map(vault).collect(),
            next: answer.text("NextToken").map(str::to_owned),
        }
    }

    fn actions() -> Vec<Write<Self>> {
        let on = VaultLock { is_on: true, min_days: Some(30), max_days: Some(365), ..VaultLock::default() };
        vec![Write::whole("orders", on), Write::whole("orders", VaultLock::default())]
    }
}

impl SignedAction for Write<VaultLocks> {
    const API: &'static Api = &BACKUP;

    /// Without `ChangeableForDays`: a lock that cannot be removed any more is no guardrail's to set.
    fn request(&self) -> Request {
        let path = ["backup-vaults", self.name.as_str(), "vault-lock"];
        match self.value.is_on {
            true => Request::rest("PutBackupVaultLockConfiguration", "PUT", &path)
                .member("MinRetentionDays", self.value.min_days)
                .member("MaxRetentionDays", self.value.max_days),
            false => Request::rest("DeleteBackupVaultLockConfiguration", "DELETE", &path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_call_sets_a_lock_that_becomes_final() {
        let lock = VaultLock { is_on: true, min_days: Some(30), is_final: true, ..VaultLock::default() };
        let write = Write::<VaultLocks>::whole("orders", lock);
        assert_eq!(write.request().body, json!({"MinRetentionDays": 30}));
        assert_eq!(write.to_string(), "set the lock of backup vault orders: on in governance mode, at least 30 days");
        assert_eq!(
            VaultLocks::line(&write.name, &write.value),
            "aws backup put-backup-vault-lock-configuration --backup-vault-name orders --min-retention-days 30"
        );
    }

    #[test]
    fn a_listing_shows_the_locks() {
        let body = json!({"BackupVaultList": [{"BackupVaultName": "orders", "Locked": true, "MinRetentionDays": 30},
            {"BackupVaultName": "mail"}, {"Locked": true}], "NextToken": "2"});
        let listing = VaultLocks::listed(&Answer { body, request_id: None });
        let shown: Vec<(&str, bool)> =
            listing.found.iter().map(|(key, seen)| (key.name.as_str(), seen.is_some())).collect();
        assert_eq!((shown, listing.next.as_deref()), (vec![("orders", true), ("mail", false)], Some("2")));
    }
}
