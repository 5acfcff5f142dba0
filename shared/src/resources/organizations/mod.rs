//! AWS Organizations: its policies, its accounts, who administers it, and transfers of responsibility.
//!
//! Its endpoint and its records are in one region of a partition (`us-east-1`, `us-gov-west-1`, `cn-northwest-1`): a record's own region is where it is
//! called, and a sweep looks at it in that region alone, in the management account ([`client`]).

pub mod accounts;
mod actions;
pub mod administration;
#[cfg(feature = "sdk")]
pub(crate) mod client;
pub mod policy;
pub mod policy_type;
pub mod reads;
pub mod transfer;

pub use accounts::AccountChanges;
pub use actions::PolicyAction;
pub use administration::AdministrationChanges;
pub use policy::OrganizationPolicies;
pub use policy_type::PolicyTypes;
pub use transfer::ResponsibilityTransfers;

use crate::engine::request::{Api, Means, Protocol};

/// "AWS Organizations API reference".
pub const ORGANIZATIONS: Api = Api {
    signed_as: "organizations",
    host: "organizations",
    protocol: Protocol::Json { version: "1.1", target: "AWSOrganizationsV20161128" },
    errors: &[
        ("AWSOrganizationsNotInUseException", Means::NotThere),
        ("HandshakeNotFoundException", Means::NotThere),
        ("PolicyNotAttachedException", Means::NotThere),
        ("PolicyNotFoundException", Means::NotThere),
        ("RootNotFoundException", Means::NotThere),
        ("TargetNotFoundException", Means::NotThere),
        ("DuplicatePolicyAttachmentException", Means::Changed),
        ("DuplicatePolicyException", Means::Changed),
        ("HandshakeAlreadyInStateException", Means::Changed),
        ("InvalidHandshakeTransitionException", Means::Changed),
        ("PolicyTypeAlreadyEnabledException", Means::Changed),
        // "Changes to the effective policy are in progress", and a type is disabled or enabled over some time.
        ("PolicyChangesInProgressException", Means::NotYet),
        ("PolicyTypeNotEnabledException", Means::NotYet),
        ("ConcurrentModificationException", Means::Transient),
        ("TooManyRequestsException", Means::Transient),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "organizations.amazonaws.com";

/// The policy that AWS attaches to everything when service control policies are enabled: it allows all.
pub(crate) const FULL_ACCESS: &str = "p-FullAWSAccess";
