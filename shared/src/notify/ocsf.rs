//! The whole finding for machines: an OCSF Detection Finding (class 2004), for `sqs`, `lambda` and `firehose`.
//!
//! Source: the OCSF schema, version 1.3.0, classes `detection_finding` and `remediation_activity`. It is the lowest
//! version with all that is used here; the same event is valid under every version up to 1.8.0.
//!
//! **Why one Detection Finding with its `remediation` object, and not a Remediation Activity (7001) beside it:** an SNS
//! body holds one event, and what takes OCSF in (Security Lake, SIEMs) reads one event a record, so an array would be
//! valid nowhere. A finding that led to no call (dry run, exempt, undetermined) is no Remediation Activity, and one that
//! was acted on would lose its evidence, resources and analytic in that class. Its `status_id` says how the fix ended
//! (4 resolved, 2 in progress, 1 new, 3 suppressed); each call, its answer and its inverse are in `unmapped.steps`.
//!
//! What people read in it (`message`, `remediation.desc`) is escaped; every other value is the raw one, JSON-escaped.

use crate::engine::event::ActorKind;
use crate::engine::finding::{Cause, Finding, Outcome};
use crate::engine::verdict::{Severity, VerdictKind};
use crate::notify::escape::Medium;
use crate::notify::story::why_and_notes;
use crate::notify::text;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

const VERSION: &str = "1.3.0";
const CLASS: i64 = 2004;

/// The event.
#[must_use]
pub fn event(finding: &Finding) -> Value {
    let Finding { cause, place, times, .. } = finding;
    let mut event = classification(finding);
    event.extend(members(json!({
        "time": times.verified.or(times.contained).unwrap_or(times.received).as_millisecond(),
        "start_time": times.event.as_millisecond(),
        "end_time": times.contained.map(Timestamp::as_millisecond),
        "duration": times.contained.map(|contained| milliseconds(times.event, contained)),
        "message": text::short(finding, Medium::Text),
        "metadata": metadata(finding),
        "finding_info": finding_info(finding),
        "cloud": { "provider": "AWS", "account": account(&place.account), "region": place.region },
        "api": { "operation": cause.event_name, "service": { "name": cause.event_source } },
        "actor": actor(cause),
        "resources": [resource(finding)],
        "evidences": evidences(finding),
        "observables": observables(finding),
        "remediation": { "desc": remediation(finding) },
        "unmapped": unmapped(finding),
    })));
    event.into()
}

fn classification(finding: &Finding) -> Map<String, Value> {
    let (activity, status) = (activity(finding.outcome), status(finding.outcome));
    let (confidence_id, confidence) =
        if finding.verdict == VerdictKind::Undetermined { (1, "Low") } else { (3, "High") };
    members(json!({
        "activity_id": activity.id,
        "activity_name": activity.name,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "type_uid": CLASS * 100 + activity.id,
        "type_name": format!("Detection Finding: {}", activity.name),
        "severity_id": severity_id(finding.severity),
        "severity": capitalized(finding.severity.word()),
        "confidence_id": confidence_id,
        "confidence": confidence,
        "status_id": status.id,
        "status": status.name,
        "status_code": finding.outcome,
        "status_detail": why_and_notes(finding).1.last(),
    }))
}

/// What the schema has no attribute for.
fn unmapped(finding: &Finding) -> Value {
    let Finding { guardrail, cause, .. } = finding;
    json!({
        "catalogue_id": guardrail.catalogue_id,
        "controls": guardrail.controls,
        "also": finding.also,
        "verdict": finding.verdict,
        "mode": finding.mode,
        "result": finding.outcome,
        "reasons": finding.reasons,
        "steps": finding.steps,
        "before": without_persons(&finding.before),
        "after": finding.after.as_ref().map(without_persons),
        "times": finding.times,
        "source_ip": cause.source_ip,
        "user_agent": cause.user_agent,
        "invoked_by": cause.actor.invoked_by,
        "tool": cause.actor.tool,
    })
}

/// The member by which a contact is known, such as an `AlternateContact` of AWS Account Management.
const ADDRESS: &str = "EmailAddress";

/// The state with the domain of its address in place of each person: where notifications are kept, personal data is not to be.
fn without_persons(state: &Value) -> Value {
    match state {
        Value::Object(members) => match members.get(ADDRESS).and_then(Value::as_str) {
            Some(address) => {
                let domain = address.rsplit('@').next().unwrap_or_default();
                json!({ ADDRESS: format!("…@{domain}") })
            }
            None => members.iter().map(|(name, member)| (name.clone(), without_persons(member))).collect(),
        },
        Value::Array(all) => all.iter().map(without_persons).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => state.clone(),
    }
}

fn resource(finding: &Finding) -> Value {
    let Finding { resource, place, .. } = finding;
    json!({
        "uid": resource.id,
        "name": resource.name,
        "type": resource.kind,
        "region": place.region,
        "cloud_partition": place.partition,
        "owner": { "account": account(&place.account) },
    })
}

/// A number of the schema and its caption.
#[derive(Clone, Copy)]
struct Caption {
    id: i64,
    name: &'static str,
}

/// The first that is heard of a finding creates it, however it ended: `status` says that. Later words update it.
fn activity(outcome: Outcome) -> Caption {
    match outcome {
        Outcome::Remediated
        | Outcome::AlreadyCompliant
        | Outcome::Gone
        | Outcome::Notified
        | Outcome::Exempt
        | Outcome::Partial
        | Outcome::Failed
        | Outcome::Skipped
        | Outcome::BreakerOpen
        | Outcome::Flapping => Caption { id: 1, name: "Create" },
        Outcome::Undone => Caption { id: 2, name: "Update" },
    }
}

fn status(outcome: Outcome) -> Caption {
    match outcome {
        Outcome::Notified | Outcome::Failed | Outcome::Skipped | Outcome::BreakerOpen | Outcome::Flapping => {
            Caption { id: 1, name: "New" }
        }
        Outcome::Partial => Caption { id: 2, name: "In Progress" },
        Outcome::Exempt | Outcome::Undone => Caption { id: 3, name: "Suppressed" },
        Outcome::Remediated | Outcome::AlreadyCompliant | Outcome::Gone => Caption { id: 4, name: "Resolved" },
    }
}

fn severity_id(severity: Severity) -> i64 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

fn metadata(finding: &Finding) -> Value {
    json!({
        "version": VERSION,
        "profiles": ["cloud", "host"],
        "product": { "name": "Parapet", "vendor_name": "Parapet", "version": env!("CARGO_PKG_VERSION") },
        // The same for a repeated delivery, another for another end of the same finding.
        "uid": format!("{}/{}", finding.id, finding.outcome.word()),
        "correlation_uid": finding.cause.event_id,
        "event_code": finding.guardrail.name,
        "log_name": "CloudTrail",
        "original_time": finding.times.event,
    })
}

fn finding_info(finding: &Finding) -> Value {
    let Finding { guardrail, times, .. } = finding;
    json!({
        "uid": finding.id,
        "title": guardrail.title,
        "desc": guardrail.description,
        "types": [guardrail.name],
        "analytic": { "type_id": 1, "type": "Rule", "uid": guardrail.catalogue_id, "name": guardrail.name },
        "attacks": attacks(guardrail.technique),
        "first_seen_time": times.event.as_millisecond(),
        "created_time": times.received.as_millisecond(),
        "data_sources": ["CloudTrail"],
        "related_events": [{ "uid": finding.cause.event_id, "product_uid": "CloudTrail" }],
    })
}

/// `T1098.001` is a sub-technique of `T1098`. A guardrail of the policy file has none.
fn attacks(technique: &str) -> Value {
    match technique.split_once('.') {
        Some((parent, _)) => json!([{ "technique": { "uid": parent }, "sub_technique": { "uid": technique } }]),
        None if technique.is_empty() => json!([]),
        None => json!([{ "technique": { "uid": technique } }]),
    }
}

fn account(uid: &str) -> Value {
    json!({ "uid": uid, "type_id": 10, "type": "AWS Account" })
}

fn actor(cause: &Cause) -> Map<String, Value> {
    let actor = &cause.actor;
    let (type_id, kind) = match actor.kind {
        ActorKind::Root => (2, "Admin"),
        ActorKind::IamUser => (1, "User"),
        ActorKind::AwsService => (3, "System"),
        ActorKind::RoleSession => (99, "Role session"),
        ActorKind::Federated => (99, "Federated session"),
        ActorKind::Account => (99, "Account"),
        ActorKind::Unknown => (0, "Unknown"),
    };
    let user = members(json!({
        "type_id": type_id,
        "type": kind,
        "uid": actor.arn.clone().unwrap_or_else(|| actor.label()),
        "name": actor.name,
        "account": actor.account.as_deref().map(account),
        "credential_uid": actor.access_key_id,
    }));
    let session = members(json!({ "issuer": actor.role, "is_mfa": actor.mfa }));
    members(json!({
        "user": user,
        "session": if session.is_empty() { Value::Null } else { session.into() },
        "app_name": actor.invoked_by.as_deref().or(actor.tool),
    }))
}

/// The call first, then the offending elements.
fn evidences(finding: &Finding) -> Vec<Value> {
    let Cause { event_name, event_source, source_ip, .. } = &finding.cause;
    let mut call = json!({ "api": { "operation": event_name, "service": { "name": event_source } } });
    if let (Some(source), Some(call)) = (source_ip.as_deref(), call.as_object_mut()) {
        // A service's name stands where others have an address.
        let key = if source.parse::<IpAddr>().is_ok() { "ip" } else { "svc_name" };
        call.insert("src_endpoint".to_owned(), json!({ key: source }));
    }
    let elements = finding.evidence.iter().map(|evidence| json!({ "data": evidence }));
    std::iter::once(call).chain(elements).collect()
}

fn observables(finding: &Finding) -> Vec<Value> {
    let Finding { cause, resource, .. } = finding;
    let ip = cause.source_ip.as_deref().filter(|source| source.parse::<IpAddr>().is_ok());
    let known = [
        ("resources[0].uid", 10, "Resource UID", Some(resource.id.as_str())),
        ("evidences[0].src_endpoint.ip", 2, "IP Address", ip),
        ("unmapped.user_agent", 16, "HTTP User-Agent", cause.user_agent.as_deref()),
        ("actor.user.credential_uid", 19, "User Credential ID", cause.actor.access_key_id.as_deref()),
    ];
    let there = known.into_iter().filter_map(|(name, id, kind, value)| Some((name, id, kind, value?)));
    there.map(|(name, id, kind, value)| json!({ "name": name, "type_id": id, "type": kind, "value": value })).collect()
}

fn remediation(finding: &Finding) -> String {
    let calls = finding.steps.iter().map(|step| match step.answer.as_deref() {
        Some(answer) => format!("{}: {answer}", step.action),
        None => format!("would {}", step.action),
    });
    let said = std::iter::once(finding.guardrail.remediation.to_owned()).chain(calls);
    said.take(10).map(|sentence| Medium::Text.say(&sentence, 300)).collect::<Vec<_>>().join(" | ")
}

/// The members of an object that have a value: the schema knows absent attributes, no nulls.
fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(map) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}

fn milliseconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millisecond().saturating_sub(from.as_millisecond()).max(0)
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

#[cfg(test)]
#[path = "ocsf_tests.rs"]
mod tests;
