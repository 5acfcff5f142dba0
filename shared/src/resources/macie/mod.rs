//! Amazon Macie: the session of an account and region.

pub mod session;

pub use session::{MacieEnabled, MacieRunning};

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon Macie API reference".
pub const MACIE: Api = Api {
    signed_as: "macie2",
    host: "macie2",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        // Macie is enabled already, or is being changed.
        ("ConflictException", Means::NotYet),
        ("InternalServerException", Means::Transient),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "macie2.amazonaws.com";
