//! Amazon EKS: what the control plane logs, who reaches its endpoint, and whom it lets administer. LOG-16.
//!
//! Out of reach: what the API of Kubernetes itself changes. The ConfigMap `aws-auth`, roles and bindings are written there, which CloudTrail does not record; the audit log of
//! the cluster has them, and so does GuardDuty's EKS protection.

pub mod access_policy;
pub mod cluster;

pub use access_policy::ClusterAdmins;
pub use cluster::{ClusterEndpoints, ControlPlaneLogs};

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon EKS API reference".
pub const EKS: Api = Api {
    signed_as: "eks",
    host: "eks",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        // One update at a time: the one that is running ends in minutes.
        ("ResourceInUseException", Means::NotYet),
        // "The request is invalid given the state of the cluster": it is being created.
        ("InvalidRequestException", Means::NotYet),
        ("ServerException", Means::Transient),
        ("ServiceUnavailableException", Means::Transient),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "eks.amazonaws.com";
