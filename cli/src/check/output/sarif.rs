//! SARIF 2.1.0, as code scanning takes it.

use crate::check::finding::{Finding, Result, Rule, rules};
use crate::template::Position;
use serde_json::{Value, json};
use shared::engine::verdict::Severity;
use std::fmt::Write as _;

/// The log of one run.
pub(super) fn log(findings: &[Finding], unknowns: &[(String, Position, String)], errors: &[(String, String)]) -> Value {
    let rules = rules();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &rules)).collect();
    let open = unknowns.iter().map(|(file, at, why)| notification("note", file, *at, why));
    let unread = errors.iter().map(|(file, why)| notification("error", file, Position::default(), why));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Parapet",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(rule).collect::<Value>(),
            }},
            // What no rule could be asked about is no result, and must not be silent.
            "invocations": [{
                "executionSuccessful": errors.is_empty(),
                "toolExecutionNotifications": open.chain(unread).collect::<Value>(),
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn notification(level: &str, file: &str, at: Position, why: &str) -> Value {
    json!({
        "level": level,
        "message": {"text": why},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(file)},
                "region": {"startLine": at.line.max(1), "startColumn": at.column.max(1)},
            },
        }],
    })
}

fn rule(rule: &Rule) -> Value {
    let mut tags = vec!["security".to_owned()];
    tags.extend(rule.controls.iter().map(|control| (*control).to_owned()));
    tags.extend((!rule.id.is_empty()).then(|| rule.id.to_owned()));
    json!({
        "id": rule.name,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.description},
        "help": {"text": format!("{}\n\nControls: {}", rule.description, rule.controls.join(", "))},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"tags": tags, "precision": "high", "security-severity": score(rule.severity)},
    })
}

fn result(finding: &Finding, rules: &[Rule]) -> Value {
    let message = format!("{}: {}", finding.resource, finding.reason);
    let (kind, level) = match finding.result {
        Result::Violation | Result::Exempt | Result::Baseline => ("fail", level(finding.severity)),
        // Not proven either way: a person should look.
        Result::Undetermined => ("review", "none"),
    };
    let mut result = json!({
        "ruleId": finding.guardrail,
        "ruleIndex": rules.iter().position(|rule| rule.name == finding.guardrail),
        "kind": kind,
        "level": level,
        "message": {"text": message},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&finding.file)},
                "region": {"startLine": finding.line.max(1), "startColumn": finding.column.max(1)},
            },
            "logicalLocations": [{"fullyQualifiedName": finding.resource, "kind": "resource"}],
        }],
        // Neither line nor severity: the same finding stays the same when the file grows above it.
        "partialFingerprints": {"parapet/v1": finding.fingerprint()},
    });
    let why = match finding.result {
        Result::Exempt => finding.exemption.as_deref(),
        Result::Baseline => Some("in the baseline"),
        Result::Violation | Result::Undetermined => None,
    };
    if let (Some(why), Some(map)) = (why, result.as_object_mut()) {
        let suppressed = json!([{"kind": "external", "status": "accepted", "justification": why}]);
        map.insert("suppressions".to_owned(), suppressed);
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

/// GitHub's scale: over 9 critical, from 7 high, from 4 medium.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Informational => "0.0",
    }
}

/// The path as a relative reference: everything but plain characters in per cent.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let absolute = if path.starts_with('/') { "file://" } else { "" };
    path.bytes().fold(absolute.to_owned(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("./a b/c.yaml"), "a%20b/c.yaml");
        assert_eq!(uri("/t/ü.json"), "file:///t/%C3%BC.json");
        assert_eq!(uri("a\\b"), "a/b");
    }
}
