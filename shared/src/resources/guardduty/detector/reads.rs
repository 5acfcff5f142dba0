//! Reading the detector: which requests, and what their answers show.

use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Request};
use serde_json::Value;

pub(super) const DETECTORS: &[&str] = &["guardduty:${Region}:${Account}:detector/*"];

pub(crate) const LIST: Permission = Permission::read("guardduty:ListDetectors");
pub(crate) const GET: Permission = Permission::on("guardduty:GetDetector", DETECTORS);

/// Lists the detectors.
#[must_use]
pub fn list(from: Option<&str>) -> Request {
    Request::rest("ListDetectors", "GET", &["detector"]).query("nextToken", from)
}

/// Reads one.
#[must_use]
pub fn get(id: &str) -> Request {
    Request::rest("GetDetector", "GET", &["detector", id])
}

/// The ids of a listing, and where the next page begins.
///
/// # Errors
/// The answer does not show them.
pub fn ids(answer: &Answer) -> Result<(Vec<String>, Option<String>), String> {
    let list = answer.body.get("detectorIds").and_then(Value::as_array);
    let list = list.ok_or("the answer does not show the detectors")?;
    let next = answer.text("nextToken").filter(|next| !next.is_empty()).map(str::to_owned);
    Ok((list.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect(), next))
}
