//! Amazon Route 53 domains: registered names.
//!
//! Its endpoint and its records are in us-east-1 ("Amazon Route 53 endpoints and quotas").

pub mod transfer;
pub mod transfer_lock;

pub use transfer::DomainTransfers;
pub use transfer_lock::TransferLocks;

use crate::engine::event::{Body, Event};
use crate::engine::family::Unlocatable;
use crate::engine::request::{Api, Means, Protocol};

/// The service's name in records.
pub(crate) const SOURCE: &str = "route53domains.amazonaws.com";

/// "Amazon Route 53 API reference", domain registration.
pub const ROUTE53_DOMAINS: Api = Api {
    signed_as: "route53domains",
    host: "route53domains",
    protocol: Protocol::Json { version: "1.1", target: "Route53Domains_v20140515" },
    // The same request is being worked on.
    errors: &[("DuplicateRequest", Means::NotYet), ("OperationLimitExceeded", Means::Transient)],
};

/// What a resource's id looks like: a domain has no ARN.
const IDS: &[&str] = &["arn:%:route53domains::%:domain/%"];

/// The domain that a record names.
fn domain(event: &Event) -> Result<String, Unlocatable> {
    let named = member(&event.request, "domainName");
    named.map(str::to_lowercase).ok_or_else(|| Unlocatable::new(event, "the record names no domain"))
}

/// A text of a record.
fn member<'a>(body: &'a Body, name: &str) -> Option<&'a str> {
    body.in_any_case(name)?.as_str()
}
