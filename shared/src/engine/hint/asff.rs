//! The AWS Security Finding Format. Sources: "AWS Security Finding Format", "BatchUpdateFindings" (AWS Security Hub).

use super::{Hint, NoHint, Source, Topic, is_its_own, needed, place, resources, text};
use crate::engine::request::Request;
use serde_json::{Value, json};

/// Why the event was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trigger {
    /// The finding was generated or updated.
    Imported,
    /// A user chose it.
    CustomAction,
}

pub(super) fn id(finding: &Value) -> Option<&Value> {
    finding.get("Id")
}

pub(super) fn hint(finding: &Value, trigger: Trigger) -> Result<Hint, NoHint> {
    let done = |what: &str, is: &str| Err(NoHint::Settled(format!("its {what} is `{is}`")));
    let product_arn = needed(finding, "/ProductArn")?;
    if !is_its_own(product_arn) {
        return done("product", product_arn);
    }
    match text(finding, "/RecordState") {
        None | Some("ACTIVE") => {}
        Some(other) => return done("record state", other),
    }
    match text(finding, "/Compliance/Status") {
        None | Some("FAILED" | "WARNING") => {}
        Some(other) => return done("compliance status", other),
    }
    match (text(finding, "/Workflow/Status"), trigger) {
        (None | Some("NEW"), _) | (Some("NOTIFIED"), Trigger::CustomAction) => {}
        (Some(other), _) => return done("workflow status", other),
    }
    let resources = resources(finding, "Resources", "/Id")?;
    let region = text(finding, "/Region").or_else(|| text(finding, "/Resources/0/Region"));
    Ok(Hint {
        finding: Source::Asff { id: needed(finding, "/Id")?.to_owned(), product_arn: product_arn.to_owned() },
        topic: text(finding, "/Compliance/SecurityControlId")
            .map(|control| Topic::Control(control.to_owned()))
            .ok_or_else(|| NoHint::Settled("it is of no control of Security Hub".to_owned()))?,
        place: place(&resources, text(finding, "/AwsAccountId"), region)?,
        resources,
    })
}

pub(super) fn reply(id: &str, product_arn: &str, is_closed: bool, says: &str) -> Request {
    let status = if is_closed { "RESOLVED" } else { "NOTIFIED" };
    Request::rest("BatchUpdateFindings", "PATCH", &["findings", "batchupdate"])
        .member("FindingIdentifiers", Some(json!([{ "Id": id, "ProductArn": product_arn }])))
        .member("Note", Some(json!({ "Text": says, "UpdatedBy": "parapet" })))
        .member("Workflow", Some(json!({ "Status": status })))
}
