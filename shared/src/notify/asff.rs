//! A finding for AWS Security Hub, in the AWS Security Finding Format, for teams that work there.
//!
//! What is closed has the compliance status `PASSED`, what is open `FAILED`, what could not be judged `WARNING`. A later word about the same change (an undo)
//! updates the same finding. It says no control of Security Hub as its own: that would make one finding of two products look like one.
//!
//! Sources: "BatchImportFindings" (Security Hub API reference: the caller's account is the finding's, default product ARN, at most 100 findings a call),
//! "AWS Security Finding Format" (Security Hub user guide: lengths, severity labels, the taxonomy of types).

use crate::engine::finding::Finding;
use crate::engine::hint;
use crate::engine::observed::Place;
use crate::engine::request::Request;
use crate::engine::verdict::VerdictKind;
use crate::notify::escape::{Medium, shorten};
use crate::notify::story::why_and_notes;
use crate::notify::text;
use serde_json::{Map, Value, json};

const LONGEST_TITLE: usize = 256;
const LONGEST_DESCRIPTION: usize = 1024;
const LONGEST_RECOMMENDATION: usize = 512;
/// The most findings of one call.
pub const MOST_FINDINGS: usize = 100;

/// The call that sends findings of one place, at most [`MOST_FINDINGS`].
#[must_use]
pub fn import(findings: &[&Finding]) -> Request {
    let findings: Vec<Value> = findings.iter().map(|finding| asff(finding)).collect();
    Request::rest("BatchImportFindings", "POST", &["findings", "import"])
        .member("Findings", Some(Value::Array(findings)))
}

/// What Security Hub did not take, as it says.
#[must_use]
pub fn refused(answer: &Value) -> Option<String> {
    hint::refused(answer, "FailedFindings")
}

fn asff(finding: &Finding) -> Value {
    let Finding { guardrail, resource, place, times, .. } = finding;
    let Place { partition, account, region } = place;
    let updated = times.verified.or(times.contained).unwrap_or(times.received);
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": finding.thread,
        "ProductArn": format!("arn:{partition}:securityhub:{region}:{account}:product/{account}/default"),
        "ProductName": "Parapet",
        "CompanyName": "Parapet",
        "GeneratorId": guardrail.name,
        "AwsAccountId": account,
        "Region": region,
        "CreatedAt": times.received,
        "UpdatedAt": updated.max(times.received),
        "FirstObservedAt": times.event,
        "FindingProviderFields": {
            "Severity": { "Label": finding.severity.word().to_ascii_uppercase(), "Original": finding.severity.word() },
            "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        },
        "Title": shorten(&text::short(finding, Medium::Text), LONGEST_TITLE),
        "Description": description(finding),
        "Remediation": { "Recommendation": { "Text": shorten(guardrail.remediation, LONGEST_RECOMMENDATION) } },
        "Resources": [{ "Type": resource.kind, "Id": resource.id, "Partition": partition, "Region": region }],
        "Compliance": { "Status": status(finding) },
        "RecordState": "ACTIVE",
        "ProductFields": fields(finding),
    })
}

fn status(finding: &Finding) -> &'static str {
    match finding.verdict {
        _ if finding.is_closed() => "PASSED",
        VerdictKind::Undetermined => "WARNING",
        VerdictKind::Violation | VerdictKind::Compliant => "FAILED",
    }
}

fn description(finding: &Finding) -> String {
    let (why, notes) = why_and_notes(finding);
    let said: Vec<String> = why.iter().chain(notes).map(|reason| Medium::Text.say(reason, 300)).collect();
    let said = if said.is_empty() { finding.guardrail.description.to_owned() } else { said.join(". ") };
    shorten(&said, LONGEST_DESCRIPTION)
}

/// What a person searches by, and what `parapet undo` needs.
fn fields(finding: &Finding) -> Map<String, Value> {
    let cause = &finding.cause;
    let fields = [
        ("parapet/finding", Some(finding.id.to_string())),
        ("parapet/result", Some(finding.outcome.word().to_owned())),
        ("parapet/mode", Some(finding.mode.word().to_owned())),
        ("parapet/controls", Some(finding.guardrail.controls.join(", "))),
        ("parapet/call", Some(format!("{} {}", cause.event_source, cause.event_name))),
        ("parapet/event", Some(cause.event_id.clone())),
        ("parapet/caller", Some(cause.actor.label())),
        ("parapet/source-ip", cause.source_ip.clone()),
    ];
    let there = fields.into_iter().filter_map(|(key, value)| Some((key, value.filter(|value| !value.is_empty())?)));
    there.map(|(key, value)| (key.to_owned(), Medium::Text.say(&value, 300).into())).collect()
}

#[cfg(test)]
#[path = "asff_tests.rs"]
mod tests;
