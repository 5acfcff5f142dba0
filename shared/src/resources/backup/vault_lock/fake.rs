//! The lock of a backup vault. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::backup::VaultLocks;
use shared::resources::backup::vault_lock::state::VaultLock;

holding!(VaultLocks);

impl Fake for VaultLocks {
    /// `DescribeBackupVault`
    fn answer(value: &Value) -> VaultLock {
        VaultLock::read(value).unwrap()
    }

    fn line(lock: &VaultLock) -> String {
        format!("lock {lock}")
    }

    fn values() -> Vec<VaultLock> {
        let on = VaultLock { is_on: true, min_days: Some(30), ..VaultLock::default() };
        vec![on, VaultLock::default()]
    }
}
