//! Amazon S3 Vectors: vector buckets.

pub mod bucket_policy;

pub use bucket_policy::VectorBucketPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon S3 Vectors API reference". Its hosts are in a domain of their own.
pub const S3VECTORS: Api = Api {
    signed_as: "s3vectors",
    host: "https://s3vectors.{region}.api.aws",
    protocol: Protocol::Rest,
    errors: &[
        ("NotFoundException", Means::NotThere),
        ("ServiceUnavailableException", Means::Transient),
        ("TooManyRequestsException", Means::Transient),
        ("InternalServerException", Means::Transient),
        ("RequestTimeoutException", Means::Transient),
    ],
};
