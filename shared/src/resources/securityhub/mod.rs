//! AWS Security Hub: whether it is enabled, its standards and controls, and what hides findings.

pub mod controls;
pub mod hub;
pub mod standards;
pub mod suppression;

pub use controls::NarrowedHubs;
pub use hub::{Hubs, HubsV2};
pub use standards::Standards;
pub use suppression::SuppressedFindings;

use crate::engine::observed::{Place, Resource};
use crate::engine::request::{Api, Means, Protocol};

/// "AWS Security Hub API reference".
pub const SECURITY_HUB: Api = Api {
    signed_as: "securityhub",
    host: "securityhub",
    protocol: Protocol::Rest,
    errors: &[
        // "The account doesn't have permission to perform this action", and what it answers where Security Hub is not enabled.
        ("InvalidAccessException", Means::NotThere),
        ("ResourceNotFoundException", Means::NotThere),
        ("InternalException", Means::Transient),
        ("InternalServerException", Means::Transient),
        ("LimitExceededException", Means::Transient),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "securityhub.amazonaws.com";

const IDS: &[&str] = &["arn:%:securityhub:%:%:hub/default"];

fn hub(Place { partition, account, region }: &Place) -> Resource {
    let id = format!("arn:{partition}:securityhub:{region}:{account}:hub/default");
    Resource { id, kind: "AwsSecurityHubHub", name: "Security Hub".to_owned() }
}
