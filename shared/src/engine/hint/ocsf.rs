//! OCSF, as Security Hub (V2) writes it. Sources: "OCSF findings in Security Hub" and "BatchUpdateFindingsV2" (AWS Security Hub), "Compliance Finding" (OCSF schema).

use super::{Hint, NoHint, Source, Topic, is_its_own, needed, place, resources, text};
use crate::engine::request::Request;
use serde_json::{Value, json};

/// `status_id` of a finding.
const NEW: u64 = 1;
const IN_PROGRESS: u64 = 2;
const RESOLVED: u64 = 4;
/// `compliance.status_id`
const WARNING: u64 = 2;
const FAIL: u64 = 3;

pub(super) fn id(finding: &Value) -> Option<&Value> {
    finding.pointer("/metadata/uid")
}

pub(super) fn hint(finding: &Value) -> Result<Hint, NoHint> {
    let number = |pointer: &str| finding.pointer(pointer).and_then(Value::as_u64);
    match number("/status_id") {
        None | Some(NEW) => {}
        Some(other) => return Err(NoHint::Settled(format!("its status id is {other}"))),
    }
    match number("/compliance/status_id") {
        None | Some(WARNING | FAIL) => {}
        Some(other) => return Err(NoHint::Settled(format!("its compliance status id is {other}"))),
    }
    if let Some(product) = text(finding, "/metadata/product/uid").filter(|product| !is_its_own(product)) {
        return Err(NoHint::Settled(format!("its product is `{product}`")));
    }
    let control = text(finding, "/compliance/control");
    let control = control.ok_or_else(|| NoHint::Settled("it is of no control of Security Hub".to_owned()))?.to_owned();
    let resources = resources(finding, "resources", "/uid")?;
    let first = |of_cloud: &str, of_resource: &str| text(finding, of_cloud).or_else(|| text(finding, of_resource));
    let account = first("/cloud/account/uid", "/resources/0/owner/account/uid");
    let region = first("/cloud/region", "/resources/0/region");
    Ok(Hint {
        finding: Source::Ocsf { uid: needed(finding, "/metadata/uid")?.to_owned() },
        topic: Topic::Control(control),
        place: place(&resources, account, region)?,
        resources,
    })
}

pub(super) fn reply(uid: &str, is_closed: bool, says: &str) -> Request {
    Request::rest("BatchUpdateFindingsV2", "PATCH", &["findingsv2", "batchupdatev2"])
        .member("MetadataUids", Some(json!([uid])))
        .member("Comment", Some(says))
        .member("StatusId", Some(if is_closed { RESOLVED } else { IN_PROGRESS }))
}
