//! Amazon GuardDuty: the detector of an account and region, its filters and lists, its members.
//!
//! Source: "Amazon GuardDuty API reference". GuardDuty answers with `BadRequestException` for whatever is wrong, also for what is not there: only a
//! listing shows that something was deleted.

pub mod detector;
pub mod export_deleted;
pub mod filter;
pub mod lists;
pub mod members;
pub mod organization;

pub use detector::Detectors;
pub use export_deleted::DeletedExports;
pub use filter::Filters;
pub use lists::{ThreatLists, TrustedEntityLists, TrustedLists};
pub use members::{DetachedMembers, MonitoredMembers};
pub use organization::OrganizationChanges;

use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::request::{Api, Means, Protocol};

/// "Amazon GuardDuty API reference".
pub const GUARDDUTY: Api = Api {
    signed_as: "guardduty",
    host: "guardduty",
    protocol: Protocol::Rest,
    errors: &[("InternalServerErrorException", Means::Transient)],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "guardduty.amazonaws.com";

/// The id of the detector that a call names.
fn detector_of(event: &Event) -> Result<String, Unlocatable> {
    let unnamed = || Unlocatable::new(event, "the record names no detector");
    let named = event.request.text(&["detectorId"]).filter(|id| !id.is_empty());
    named.map(str::to_owned).ok_or_else(unnamed)
}

/// The accounts that a call names and that it was not refused for.
fn accounts_of(event: &Event) -> Vec<String> {
    let list = |value: Option<&serde_json::Value>| value.and_then(|list| list.as_array()).cloned().unwrap_or_default();
    let refused = list(event.response.at(&["unprocessedAccounts"]));
    let is_refused = |account: &str| refused.iter().any(|one| one["accountId"].as_str() == Some(account));
    let named = list(event.request.at(&["accountIds"]));
    named.iter().filter_map(|one| one.as_str()).filter(|one| !is_refused(one)).map(str::to_owned).collect()
}
