//! AWS CloudTrail: event data stores, channels and dashboards.

pub mod resource_policy;

pub use resource_policy::TrailPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "AWS CloudTrail API reference".
pub const CLOUDTRAIL: Api = Api {
    signed_as: "cloudtrail",
    host: "cloudtrail",
    protocol: Protocol::Json { version: "1.1", target: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101" },
    errors: &[
        ("ChannelNotFoundException", Means::NotThere),
        ("EventDataStoreNotFoundException", Means::NotThere),
        ("ResourceNotFoundException", Means::NotThere),
        ("ConflictException", Means::Transient),
    ],
};
