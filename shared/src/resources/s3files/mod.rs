//! Amazon S3 Files: file systems over buckets.

pub mod file_system_policy;

pub use file_system_policy::S3FilesPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon S3 API reference", S3 Files. Its hosts are in a domain of their own.
pub const S3FILES: Api = Api {
    signed_as: "s3files",
    host: "https://s3files.{region}.api.aws",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("ConflictException", Means::NotYet),
        ("InternalServerException", Means::Transient),
    ],
};
