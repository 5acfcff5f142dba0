//! One change is told once.

use crate::finding::Finding;

/// One change that several guardrails object to is told once: the gravest speaks for those that object to no more than
/// it does and ended the same way.
pub(super) fn fold(findings: &mut [Finding]) {
    let mut spoken_for: Vec<(usize, usize)> = Vec::new();
    for (at, finding) in findings.iter().enumerate() {
        let speaks = |other: &Finding| {
            other.verdict == finding.verdict
                && other.outcome == finding.outcome
                && other.verdict != "compliant"
                && finding.evidence.iter().all(|evidence| other.evidence.iter().any(|e| e.element == evidence.element))
        };
        let speaker = findings.iter().take(at).position(|other| other.is_worth_telling() && speaks(other));
        if let (Some(speaker), true) = (speaker, finding.is_worth_telling()) {
            spoken_for.push((speaker, at));
        }
    }
    for (speaker, at) in spoken_for {
        let name = findings.get(at).map(|finding| finding.guardrail.name);
        let reason = findings.get(speaker).map(|finding| finding.guardrail.name);
        if let (Some(speaker), Some(name)) = (findings.get_mut(speaker), name) {
            speaker.also.push(name);
        }
        if let (Some(folded), Some(by)) = (findings.get_mut(at), reason) {
            folded.told_by = Some(by);
        }
    }
}
