//! S3: settings of buckets, of access points and of the account. A bucket's own calls are recorded in its region, and so is what a client of that region
//! is for.

pub mod access_point;
pub mod access_point_block;
pub mod account_block;
pub mod acl;
pub mod block;
pub mod bucket_block;
pub mod bucket_policy;
#[cfg(feature = "s3")]
pub mod client;
pub mod control;
pub mod document;
pub mod encryption;
pub mod lifecycle;
pub mod logging;
pub mod object_lock;
pub mod ownership;
pub(crate) mod record;
pub mod replication;
pub mod rules;
pub mod tls;
pub mod versioning;
pub mod website;

use crate::engine::permission::Permission;

pub use access_point::AccessPointPolicies;
pub use access_point_block::AccessPointBlocks;
pub use account_block::AccountBlock;
pub use acl::BucketAcls;
pub use bucket_block::BucketBlocks;
pub use bucket_policy::BucketPolicies;
pub use encryption::BucketEncryptions;
pub use lifecycle::BucketLifecycles;
pub use logging::BucketLoggings;
pub use object_lock::BucketObjectLocks;
pub use ownership::BucketOwnerships;
pub use replication::BucketReplications;
pub use tls::BucketTls;
pub use versioning::BucketVersionings;
pub use website::BucketWebsites;

/// The properties of files that name the bucket: its own, and those of resources beside it.
pub(crate) const NAMES: &[&str] = &["BucketName", "Bucket", "bucket"];

pub(crate) const LIST_BUCKETS: Permission = Permission::read("s3:ListAllMyBuckets");
