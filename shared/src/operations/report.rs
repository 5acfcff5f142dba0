//! The function's answer: one JSON object an event.

use crate::engine::finding::{Finding, Outcome};
use crate::engine::verdict::{Severity, VerdictKind};
use crate::policy::Mode;
use serde::Serialize;

/// What a function answers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// `eventID` of the record, when there was one.
    pub event_id: Option<String>,
    /// One entry for each guardrail and resource; none when the event is not ours.
    pub outcomes: Vec<Entry>,
}

/// One guardrail's answer on one resource.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The guardrail's name.
    pub guardrail: &'static str,
    /// The resource's id.
    pub resource: String,
    /// What the guardrail decided.
    pub verdict: VerdictKind,
    /// How bad.
    pub severity: Severity,
    /// The mode that held.
    pub mode: Mode,
    /// How it ended.
    pub result: Outcome,
    /// One sentence each.
    pub reasons: Vec<String>,
    /// The calls that were made, or that would be.
    pub actions: Vec<String>,
    /// To find it again.
    pub finding_id: String,
}

impl From<&Finding> for Entry {
    fn from(finding: &Finding) -> Self {
        Self {
            guardrail: finding.guardrail.name,
            resource: finding.resource.id.clone(),
            verdict: finding.verdict,
            severity: finding.severity,
            mode: finding.mode,
            result: finding.outcome,
            reasons: finding.reasons.clone(),
            actions: finding.steps.iter().map(|step| step.action.clone()).collect(),
            finding_id: finding.id.to_string(),
        }
    }
}

impl Report {
    /// The answer to an event that led to these findings.
    #[must_use]
    pub fn new(event_id: &str, findings: &[Finding]) -> Self {
        Self { event_id: Some(event_id.to_owned()), outcomes: findings.iter().map(Entry::from).collect() }
    }
}
