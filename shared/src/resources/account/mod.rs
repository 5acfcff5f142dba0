//! AWS Account Management: the account's regions, and its contact for security.
//!
//! The endpoint and the records of a partition are in one region ("AWS Account Management endpoints and quotas").

pub mod alternate_contact;
pub mod region;

pub use alternate_contact::SecurityContacts;
pub use region::EnabledRegions;

use crate::engine::event::Body;
use crate::engine::request::{Api, Means, Protocol};

/// The service's name in records.
pub(crate) const SOURCE: &str = "account.amazonaws.com";

/// "AWS Account Management API reference".
pub const ACCOUNT: Api = Api {
    signed_as: "account",
    host: "account",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        // The region is being enabled or disabled.
        ("ConflictException", Means::NotYet),
        ("InternalServerException", Means::Transient),
    ],
};

/// A text of a record.
fn text<'a>(body: &'a Body, member: &str) -> Option<&'a str> {
    body.in_any_case(member)?.as_str()
}
