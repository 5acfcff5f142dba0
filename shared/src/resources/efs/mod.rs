//! Amazon EFS: file systems.

pub mod file_system_policy;
pub mod policy_deleted;

pub use file_system_policy::FileSystemPolicies;
pub use policy_deleted::DeletedPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon EFS API reference".
pub const EFS: Api = Api {
    signed_as: "elasticfilesystem",
    host: "elasticfilesystem",
    protocol: Protocol::Rest,
    errors: &[
        ("FileSystemNotFound", Means::NotThere),
        ("IncorrectFileSystemLifeCycleState", Means::NotYet),
        ("InternalServerError", Means::Transient),
    ],
};
