//! A replay for programs: one line a finding.

use super::engine::Hit;
use serde::Serialize;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::verdict::{Severity, VerdictKind};
use std::io::{self, Write};

/// The order of the fields is part of the interface.
#[derive(Serialize)]
struct Line<'a> {
    event_id: &'a str,
    event_name: &'a str,
    time: String,
    account: &'a str,
    region: &'a str,
    actor: String,
    guardrail: &'static str,
    verdict: VerdictKind,
    severity: Severity,
    resource: &'a str,
    reasons: &'a [String],
    result: Outcome,
    finding_id: String,
}

impl<'a> From<&'a Finding> for Line<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            event_id: &finding.cause.event_id,
            event_name: &finding.cause.event_name,
            time: finding.cause.time.to_string(),
            account: &finding.place.account,
            region: &finding.place.region,
            actor: finding.cause.actor.label(),
            guardrail: finding.guardrail.name,
            verdict: finding.verdict,
            severity: finding.severity,
            resource: &finding.resource.id,
            reasons: &finding.reasons,
            result: finding.outcome,
            finding_id: finding.id.to_string(),
        }
    }
}

pub(super) fn write(out: &mut impl Write, hit: &Hit) -> io::Result<()> {
    for finding in &hit.findings {
        serde_json::to_writer(&mut *out, &Line::from(finding))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
