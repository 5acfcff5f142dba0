//! IAM Identity Center: who gets which permission set, what a permission set grants, and whose tokens are trusted.
//!
//! Its records are in the home region of its instance, in the management account or the delegated administrator's.

pub mod assignment;
pub mod permission_set;
mod powers;
pub mod token_issuer;

pub use assignment::AccountAssignments;
pub use permission_set::PermissionSets;
pub use token_issuer::TokenIssuers;

use crate::engine::request::{Api, Means, Protocol};

/// "IAM Identity Center API reference".
pub const SSO: Api = Api {
    signed_as: "sso",
    host: "sso",
    protocol: Protocol::Json { version: "1.1", target: "SWBExternalService" },
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        // Another change of the same assignment or permission set is under way.
        ("ConflictException", Means::NotYet),
        ("InternalServerException", Means::Transient),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "sso.amazonaws.com";
