//! Amazon EMR: what clusters may be reached by.

pub mod block_public_access;

pub use block_public_access::EmrBlockPublicAccess;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon EMR API reference".
pub const EMR: Api = Api {
    signed_as: "elasticmapreduce",
    host: "elasticmapreduce",
    protocol: Protocol::Json { version: "1.1", target: "ElasticMapReduce" },
    errors: &[("InternalServerException", Means::Transient)],
};
