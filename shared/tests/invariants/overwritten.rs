//! Whether an owner's change that was overwritten is reported.

use shared::pipeline::Handled;

/// Whether a finding speaks of the owner's change.
pub fn is_reported(handled: &Handled, _at: i64) -> bool {
    handled.findings.iter().any(|finding| finding.reasons.iter().any(|reason| reason.contains("overwr")))
}
