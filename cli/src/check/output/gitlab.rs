//! A Code Quality report ("Code Quality report format", GitLab's documentation).

use crate::check::Checked;
use crate::check::finding::{Finding, Result};
use serde_json::{Value, json};
use shared::engine::verdict::Severity;

/// Exemptions and the baseline are what was agreed on: they are no news in a merge request.
pub(super) fn report(checked: &Checked) -> Value {
    let agreed = |finding: &&Finding| matches!(finding.result, Result::Exempt | Result::Baseline);
    let issue = |finding: &Finding| {
        let (severity, open) = match finding.result {
            Result::Undetermined => ("info", "undetermined: "),
            Result::Violation | Result::Exempt | Result::Baseline => (word(finding.severity), ""),
        };
        json!({
            "description": format!("{}: {open}{}", finding.resource, finding.reason),
            "check_name": finding.guardrail,
            "fingerprint": finding.fingerprint(),
            "severity": severity,
            "location": {"path": path(&finding.file), "lines": {"begin": finding.line.max(1)}},
        })
    };
    let open = checked.unknowns.iter().map(|(file, at, why)| {
        json!({
            "description": why,
            "check_name": "undetermined",
            "fingerprint": format!("{file}: {why}"),
            "severity": "info",
            "location": {"path": path(file), "lines": {"begin": at.line.max(1)}},
        })
    });
    let unread = checked.errors.iter().map(|(file, why)| {
        json!({
            "description": why,
            "check_name": "not-checked",
            "fingerprint": format!("{file}: {why}"),
            "severity": "blocker",
            "location": {"path": path(file), "lines": {"begin": 1}},
        })
    });
    checked.findings.iter().filter(|finding| !agreed(finding)).map(issue).chain(open).chain(unread).collect()
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Informational => "info",
    }
}

/// Relative to the repository, without `./` in front.
fn path(file: &str) -> &str {
    file.strip_prefix("./").unwrap_or(file)
}
