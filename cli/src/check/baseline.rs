//! The baseline: violations of an old code base that were there when the gate was put in front of it.

use super::finding::{Finding, Result};
use crate::failure::Failure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// The file. Everything but the fingerprint is for its review.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    version: u32,
    violations: Vec<Known>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Known {
    fingerprint: String,
    guardrail: String,
    file: String,
    resource: String,
    reason: String,
}

const VERSION: u32 = 1;

/// Writes the violations, each once.
///
/// # Errors
/// The file cannot be written.
pub(super) fn write(path: &Path, findings: &[Finding]) -> std::result::Result<(), Failure> {
    let mut seen = BTreeSet::new();
    let known = |finding: &Finding| Known {
        fingerprint: finding.fingerprint(),
        guardrail: finding.guardrail.to_owned(),
        file: finding.file.clone(),
        resource: finding.resource.clone(),
        reason: finding.reason.clone(),
    };
    let violations = findings.iter().filter(|finding| finding.result == Result::Violation).map(known);
    let violations = violations.filter(|known| seen.insert(known.fingerprint.clone())).collect();
    let failed = |why: std::io::Error| Failure::with(format!("cannot write the baseline `{}`", path.display()), why);
    let text = serde_json::to_string_pretty(&Baseline { version: VERSION, violations });
    std::fs::write(path, text.map_err(|why| failed(why.into()))? + "\n").map_err(failed)
}

/// Marks what the baseline holds, and answers how much of it is not found any more.
///
/// # Errors
/// The file is no baseline.
pub(super) fn apply(path: &Path, findings: &mut [Finding]) -> std::result::Result<usize, Failure> {
    let of_it = |what: &str| format!("{what} the baseline `{}`", path.display());
    let text = std::fs::read_to_string(path).map_err(|why| Failure::with(of_it("cannot read"), why))?;
    let baseline: Baseline =
        serde_json::from_str(&text).map_err(|why| Failure::with(of_it("cannot understand"), why))?;
    if baseline.version != VERSION {
        return Err(Failure::new(format!(
            "{}: its version is {}, not {VERSION}",
            of_it("cannot understand"),
            baseline.version
        )));
    }
    let known: BTreeSet<String> = baseline.violations.into_iter().map(|known| known.fingerprint).collect();
    let mut found = BTreeSet::new();
    for finding in findings.iter_mut().filter(|finding| finding.result == Result::Violation) {
        let fingerprint = finding.fingerprint();
        if known.contains(&fingerprint) {
            finding.result = Result::Baseline;
            found.insert(fingerprint);
        }
    }
    Ok(known.difference(&found).count())
}
