//! DB-10: the access policies of backup vaults.
//!
//! Who may copy into a vault of another account, or restore and copy from it, is named in its policy; most vaults of an organization let in all of it.
//! Sources: "PutBackupVaultAccessPolicy" (AWS Backup API reference), "Access policies on backup vaults", "Creating backup copies across AWS accounts"
//! (AWS Backup developer guide).

use super::BACKUP;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["backup:${Region}:${Account}:backup-vault:*"];
const GET: Permission = Permission::on("backup:GetBackupVaultAccessPolicy", ON);
const LIST: Permission = Permission::read("backup:ListBackupVaults");
const PUT: Permission = Permission::on("backup:PutBackupVaultAccessPolicy", ON);
const DELETE: Permission = Permission::on("backup:DeleteBackupVaultAccessPolicy", ON);

/// The policies of backup vaults.
pub type VaultPolicies = Policies<Vaults>;

/// Backup vaults, each by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vaults;

impl ResourcePolicy for Vaults {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "backup-vault-policy";
    const NOUN: &'static str = "backup vault";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "backup vault",
        public: "backup-vault-policy-public" is "DB-10" at Critical,
        untrusted: "backup-vault-policy-untrusted" is "DB-10",
        class: R1,
        controls: &[],
        technique: "T1537",
        triggers: &["PutBackupVaultAccessPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:backup:%:%:backup-vault:%"],
        not_watched: &[
            ("DeleteBackupVaultAccessPolicy", "without a policy only the account's own principals may use the vault"),
            ("CreateBackupVault", "a vault is made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the vault to its own account.",
        beside: "Copies from accounts of a trusted organization (`backup:CopyIntoBackupVault` with `aws:PrincipalOrgID`) and Denies that \
            protect recovery points stay.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::Backup::BackupVault", "AccessPolicy"),
        ("AWS::Backup::LogicallyAirGappedBackupVault", "AccessPolicy"),
        ("aws_backup_vault_policy", "policy"),
    ];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("backup.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no backup vault");
        let name = event.request.text(&["backupVaultName"]).ok_or_else(unnamed)?;
        Ok(Some(Change::of(name.to_owned(), event.request.at(&["policy"]))))
    }

    fn named(name: &String, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:backup:{region}:{account}:backup-vault:{name}");
        Resource { id, kind: "AwsBackupBackupVault", name: name.clone() }
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(name: &str, document: &str) -> String {
        let document = argument(document);
        format!("aws backup put-backup-vault-access-policy --backup-vault-name {name} --policy {document}")
    }

    fn delete_line(name: &str) -> String {
        format!("aws backup delete-backup-vault-access-policy --backup-vault-name {name}")
    }
}

fn policy_of(operation: &'static str, method: &'static str, name: &str) -> Request {
    Request::rest(operation, method, &["backup-vaults", name, "access-policy"])
}

impl SignedPolicy for Vaults {
    const API: &'static Api = &BACKUP;
    /// It says so of a vault without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(name: &String) -> Request {
        policy_of("GetBackupVaultAccessPolicy", "GET", name)
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "Policy", None)
    }

    fn put(name: &String, document: &str, _: Option<&str>) -> Request {
        policy_of("PutBackupVaultAccessPolicy", "PUT", name).member("Policy", Some(document))
    }

    fn delete(name: &String, _: Option<&str>) -> Request {
        policy_of("DeleteBackupVaultAccessPolicy", "DELETE", name)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListBackupVaults", "GET", &["backup-vaults"]).query("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        let found = answer.texts("BackupVaultList", "BackupVaultName");
        Listed { found, next: answer.text("NextToken").map(str::to_owned) }
    }
}
