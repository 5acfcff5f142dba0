//! One change is notified once.

use crate::engine::finding::Finding;
use crate::engine::verdict::VerdictKind;

/// One change that several guardrails object to is notified once: the gravest speaks for those that object to no more than
/// it does and ended the same way.
pub(super) fn fold(findings: &mut [Finding]) {
    let mut spoken_for: Vec<(usize, usize)> = Vec::new();
    for (at, finding) in findings.iter().enumerate() {
        let speaks = |other: &Finding| {
            other.verdict == finding.verdict
                && other.outcome == finding.outcome
                && other.verdict != VerdictKind::Compliant
                && finding.evidence.iter().all(|evidence| other.evidence.iter().any(|e| e.element == evidence.element))
                && says_why(other, finding)
        };
        let speaker = findings.iter().take(at).position(|other| other.is_notifiable() && speaks(other));
        if let (Some(speaker), true) = (speaker, finding.is_notifiable()) {
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
            folded.notified_by = Some(by);
        }
    }
}

/// What is undetermined has no evidence, only a reason: one that the speaker does not give would be lost.
fn says_why(speaker: &Finding, finding: &Finding) -> bool {
    finding.verdict != VerdictKind::Undetermined
        || finding.reasons.iter().all(|reason| speaker.reasons.contains(reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::sample;

    fn undetermined(reasons: &[&str]) -> Finding {
        let mut finding = sample::undetermined();
        finding.reasons = reasons.iter().map(|reason| (*reason).to_owned()).collect();
        finding
    }

    fn heard(mut findings: Vec<Finding>) -> Vec<Vec<String>> {
        fold(&mut findings);
        findings.into_iter().filter(Finding::is_notifiable).map(|finding| finding.reasons).collect()
    }

    #[test]
    fn one_reason_is_shown_once() {
        let denied = || undetermined(&["the role lacks `ec2:DescribeSecurityGroups`"]);
        assert_eq!(heard(vec![denied(), denied(), denied()]).len(), 1);
    }

    #[test]
    fn two_reasons_are_both_shown() {
        let heard =
            heard(vec![undetermined(&["the document is not in the record"]), undetermined(&["the role lacks `x`"])]);
        assert_eq!(heard, [["the document is not in the record"], ["the role lacks `x`"]]);
    }

    #[test]
    fn a_finding_with_both_reasons_covers_one_and_not_the_other_way_round() {
        let (both, one) = (undetermined(&["a", "b"]), undetermined(&["b"]));
        assert_eq!(heard(vec![both.clone(), one.clone()]).len(), 1);
        assert_eq!(heard(vec![one, both]).len(), 2);
    }

    #[test]
    fn a_violation_is_still_known_by_its_elements() {
        let mut other = sample::notified();
        other.reasons.push("a remark of its own".to_owned());
        assert_eq!(heard(vec![sample::notified(), other]).len(), 1);
    }
}
