//! Amazon SES: who may send mail, and in whose name.

pub mod identity_policy;
pub mod sending;

pub use identity_policy::IdentityPolicies;
pub use sending::SendingChanges;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon SES API v2 reference". What the older API wrote is read and written by this one as well.
pub const SES: Api = Api {
    signed_as: "ses",
    host: "email",
    protocol: Protocol::Rest,
    errors: &[("NotFoundException", Means::NotThere), ("TooManyRequestsException", Means::Transient)],
};
