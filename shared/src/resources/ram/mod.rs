//! AWS Resource Access Manager: with whom resources are shared.

pub mod external;
pub mod share;

pub use external::ExternalSwitches;
pub use share::SharedPrincipals;

use crate::engine::request::{Api, Means, Protocol};

/// "AWS RAM API reference".
pub const RAM: Api = Api {
    signed_as: "ram",
    host: "ram",
    protocol: Protocol::Rest,
    errors: &[
        ("UnknownResourceException", Means::NotThere),
        // An association is still being made or removed.
        ("InvalidStateTransitionException", Means::NotYet),
        ("ServerInternalException", Means::Transient),
        ("ServiceUnavailableException", Means::Transient),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "ram.amazonaws.com";

pub(crate) const SHARES: &[&str] = &["ram:${Region}:${Account}:resource-share/*"];
pub(crate) const IDS: &[&str] = &["arn:%:ram:%:%:resource-share/%"];

/// The id at the end of a share's ARN.
pub(crate) fn name(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, id)| id)
}
