//! Amazon Aurora DSQL: clusters.

pub mod cluster_policy;

pub use cluster_policy::DsqlPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon Aurora DSQL API reference". Its hosts are in a domain of their own.
pub const DSQL: Api = Api {
    signed_as: "dsql",
    host: "https://dsql.{region}.api.aws",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        // The policy's version is not the expected one any more.
        ("ConflictException", Means::Changed),
        ("InternalServerException", Means::Transient),
    ],
};
