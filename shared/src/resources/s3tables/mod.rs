//! Amazon S3 Tables: table buckets and the tables in them.

pub mod bucket_policy;
pub mod table_policy;

pub use bucket_policy::TableBucketPolicies;
pub use table_policy::TablePolicies;

use crate::engine::permission::Permission;
use crate::engine::request::{Api, Means, Protocol, Request};

/// "Amazon S3 Tables API reference".
pub const S3TABLES: Api = Api {
    signed_as: "s3tables",
    host: "s3tables",
    protocol: Protocol::Rest,
    errors: &[
        ("NotFoundException", Means::NotThere),
        ("ConflictException", Means::NotYet),
        ("TooManyRequestsException", Means::Transient),
        ("InternalServerErrorException", Means::Transient),
    ],
};

const LIST_BUCKETS: Permission = Permission::read("s3tables:ListTableBuckets");

fn list_buckets(from: Option<&str>) -> Request {
    Request::rest("ListTableBuckets", "GET", &["buckets"]).query("continuationToken", from)
}
