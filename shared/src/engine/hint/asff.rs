//! The AWS Security Finding Format. Sources: "AWS Security Finding Format", "BatchUpdateFindings" (AWS Security Hub).

use super::{Hint, No, Source, is_its_own, needed, place, text};
use crate::engine::request::Request;
use serde_json::{Value, json};

/// Who sends a finding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Security Hub, whenever it is new or updated.
    ByItself,
    /// A person who has chosen it.
    ByAPerson,
}

pub(super) fn id(finding: &Value) -> Option<&Value> {
    finding.get("Id")
}

pub(super) fn hint(finding: &Value, asked: Asked) -> Result<Hint, No> {
    let done = |what: &str, is: &str| Err(No::Done(format!("its {what} is `{is}`")));
    match text(finding, "/RecordState") {
        None | Some("ACTIVE") => {}
        Some(other) => return done("record state", other),
    }
    match text(finding, "/Compliance/Status") {
        None | Some("FAILED" | "WARNING") => {}
        Some(other) => return done("compliance status", other),
    }
    match (text(finding, "/Workflow/Status"), asked) {
        (None | Some("NEW"), _) | (Some("NOTIFIED"), Asked::ByAPerson) => {}
        (Some(other), _) => return done("workflow status", other),
    }
    let resources = finding.get("Resources").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let resources: Vec<String> =
        resources.iter().filter_map(|resource| text(resource, "/Id")).map(str::to_owned).collect();
    if resources.is_empty() {
        return Err(No::Unreadable("it names no resource".to_owned()));
    }
    let product_arn = needed(finding, "/ProductArn")?;
    if !is_its_own(product_arn) {
        return done("product", product_arn);
    }
    let region = text(finding, "/Region").or_else(|| text(finding, "/Resources/0/Region"));
    Ok(Hint {
        finding: Source::Asff { id: needed(finding, "/Id")?.to_owned(), product_arn: product_arn.to_owned() },
        control: text(finding, "/Compliance/SecurityControlId")
            .ok_or_else(|| No::Done("it is of no control of Security Hub".to_owned()))?
            .to_owned(),
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
