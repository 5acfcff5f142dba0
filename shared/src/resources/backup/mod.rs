//! AWS Backup: vaults and what they hold.

pub mod recovery_point;
pub mod vault_lock;
pub mod vault_policy;

pub use recovery_point::DeletedRecoveryPoints;
pub use vault_lock::VaultLocks;
pub use vault_policy::VaultPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "AWS Backup API reference".
pub const BACKUP: Api = Api {
    signed_as: "backup",
    host: "backup",
    protocol: Protocol::Rest,
    errors: &[("ResourceNotFoundException", Means::NotThere), ("ServiceUnavailableException", Means::Transient)],
};
