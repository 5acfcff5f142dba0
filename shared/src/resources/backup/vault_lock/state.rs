//! What a backup vault's lock says.

use crate::engine::count::counted;
use crate::engine::request::Answer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// The lock of a vault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultLock {
    /// `Locked`
    pub is_on: bool,
    /// `MinRetentionDays`: no backup or copy may be kept for less.
    pub min_days: Option<u32>,
    /// `MaxRetentionDays`: nor for more.
    pub max_days: Option<u32>,
    /// Whether it has a `LockDate`: from then on it cannot be changed or removed (compliance mode). What is written here never has one.
    pub is_final: bool,
    /// `CreationDate` of the vault, in seconds, where that was read: another vault of the same name has another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<i64>,
}

impl VaultLock {
    /// `DescribeBackupVault`, or a vault of a listing. None where it does not say whether it is locked.
    #[must_use]
    pub fn read(answer: &Value) -> Option<Self> {
        let days = |name: &str| answer[name].as_u64().and_then(|days| u32::try_from(days).ok());
        let is_on = answer["Locked"].as_bool()?;
        Some(Self {
            is_on,
            min_days: days("MinRetentionDays"),
            max_days: days("MaxRetentionDays"),
            is_final: is_on && !answer["LockDate"].is_null(),
            made: seconds(&answer["CreationDate"]),
        })
    }

    /// The same of an answer.
    #[must_use]
    pub fn shown(answer: &Answer) -> Option<Self> {
        Self::read(&answer.body)
    }

    /// What a call of `PutBackupVaultLockConfiguration` asked for, as its record has it.
    #[must_use]
    pub fn asked(request: &Value) -> Self {
        let days = |name: &str| {
            let number = || request[name].as_u64();
            number().or_else(|| request[name].as_str()?.parse().ok()).and_then(|days| u32::try_from(days).ok())
        };
        Self {
            is_on: true,
            min_days: days("minRetentionDays"),
            max_days: days("maxRetentionDays"),
            is_final: !request["changeableForDays"].is_null(),
            made: None,
        }
    }

    /// The same in governance mode: who has the permission for it can change and remove it.
    #[must_use]
    pub fn in_governance_mode(&self) -> Self {
        Self { is_final: false, ..self.clone() }
    }

    /// What became of `before`, where less is kept safe than then.
    #[must_use]
    pub fn weaker_than(&self, before: &Self) -> Option<String> {
        if !before.is_on || self.is_of_another_vault(before) {
            return None;
        }
        if !self.is_on {
            return Some(format!("the lock was removed; it was {before}"));
        }
        match (before.min_days, self.min_days) {
            (Some(before), None) => {
                Some(format!("the lock's minimum retention of {before} was removed", before = counted(before, "day")))
            }
            (Some(before), Some(now)) if now < before => Some(format!(
                "the lock's minimum retention was shortened from {before} to {now}",
                now = counted(now, "day")
            )),
            (Some(_), Some(_)) | (None, _) => self.refuses_more_than(before),
        }
    }

    /// A backup that is to be kept longer than the maximum is not made.
    fn refuses_more_than(&self, before: &Self) -> Option<String> {
        let now = self.max_days?;
        let what = match before.max_days {
            None => format!("the lock has a maximum retention of {now}, and had none", now = counted(now, "day")),
            Some(before) if now < before => {
                format!("the lock's maximum retention was cut from {before} to {now}", now = counted(now, "day"))
            }
            Some(_) => return None,
        };
        Some(format!("{what}: backups that are to be kept longer fail"))
    }

    fn is_of_another_vault(&self, before: &Self) -> bool {
        self.made.zip(before.made).is_some_and(|(now, before)| now != before)
    }
}

/// A moment as AWS Backup writes it: seconds, with their fraction. A text is none that is compared.
fn seconds(value: &Value) -> Option<i64> {
    let number = || value.as_f64().filter(|seconds| seconds.is_finite());
    // What is past the point says nothing about which vault it is.
    number()?.trunc().to_string().parse().ok()
}

impl fmt::Display for VaultLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_on {
            return f.write_str("off");
        }
        f.write_str(if self.is_final { "on in compliance mode" } else { "on in governance mode" })?;
        if let Some(days) = self.min_days {
            write!(f, ", at least {days}", days = counted(days, "day"))?;
        }
        match self.max_days {
            Some(days) => write!(f, ", at most {days}", days = counted(days, "day")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn lock(min: u32) -> VaultLock {
        VaultLock { is_on: true, min_days: Some(min), max_days: None, is_final: false, made: Some(1_700_000_000) }
    }

    fn off() -> VaultLock {
        VaultLock { made: Some(1_700_000_000), ..VaultLock::default() }
    }

    #[rstest]
    #[case::removed(lock(30), off(), Some("the lock was removed; it was on in governance mode, at least 30 days"))]
    #[case::shortened(lock(30), lock(1), Some("the lock's minimum retention was shortened from 30 to 1 day"))]
    #[case::without_a_minimum(
        lock(30),
        VaultLock { min_days: None, ..lock(1) },
        Some("the lock's minimum retention of 30 days was removed")
    )]
    #[case::longer(lock(30), lock(31), None)]
    #[case::the_same(lock(30), lock(30), None)]
    #[case::never_locked(off(), off(), None)]
    #[case::another_vault_of_the_name(lock(30), VaultLock { made: Some(1_800_000_000), ..off() }, None)]
    #[case::no_date_is_no_other_vault(
        VaultLock { made: None, ..lock(30) },
        off(),
        Some("the lock was removed; it was on in governance mode, at least 30 days")
    )]
    fn what_is_weaker(#[case] before: VaultLock, #[case] now: VaultLock, #[case] expected: Option<&str>) {
        assert_eq!(now.weaker_than(&before).as_deref(), expected);
    }

    #[test]
    fn a_vault_as_it_is_described() {
        let described = json!({"BackupVaultName": "orders", "Locked": true, "MinRetentionDays": 30, "MaxRetentionDays": 365,
            "LockDate": 1_772_442_847.5, "CreationDate": 1_700_000_000.125});
        let read = VaultLock::read(&described).unwrap();
        assert_eq!(read, VaultLock { max_days: Some(365), is_final: true, ..lock(30) });
        assert_eq!(read.in_governance_mode(), VaultLock { max_days: Some(365), ..lock(30) });
        assert_eq!(VaultLock::read(&json!({"Locked": false, "CreationDate": 1_700_000_000})), Some(off()));
        assert_eq!(VaultLock::read(&json!({"BackupVaultName": "orders"})), None, "nothing said is not `no`");
    }

    #[test]
    fn a_lock_as_it_is_recorded() {
        let asked =
            VaultLock::asked(&json!({"backupVaultName": "orders", "minRetentionDays": "30", "changeableForDays": 3}));
        assert_eq!(asked, VaultLock { is_final: true, made: None, ..lock(30) });
    }
}
