//! What depends on conditions that are known at deployment only, judged in each case of them.

use super::finding::{Finding, Result};
use std::collections::BTreeSet;

/// The findings of a resource with what is undetermined settled, as far as the cases of its conditions settle it: a violation in each case is one, and what
/// violates in none complies. `of_parts`: each violation is of a part of the resource, and hides what is open of the others.
pub(super) fn settled(found: Vec<Finding>, cases: &[(&str, Vec<Finding>)], of_parts: bool) -> Vec<Finding> {
    let is_open = |finding: &Finding| of_parts || finding.result == Result::Undetermined;
    let guardrails: BTreeSet<&str> = found.iter().filter(|one| is_open(one)).map(|one| one.guardrail).collect();
    if cases.is_empty() || guardrails.is_empty() {
        return found;
    }
    let (open, mut settled): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|finding| finding.result == Result::Undetermined);
    for guardrail in guardrails {
        let of_it =
            |found: &[Finding]| found.iter().filter(|finding| finding.guardrail == guardrail).cloned().collect();
        let cases: Vec<(&str, Vec<Finding>)> = cases.iter().map(|(when, found)| (*when, of_it(found))).collect();
        if cases.iter().any(|(_, found)| found.iter().any(|finding| finding.result == Result::Undetermined)) {
            settled.extend(open.iter().filter(|finding| finding.guardrail == guardrail).cloned());
        }
        settled.extend(violations(&cases));
    }
    settled
}

/// What violates in each case, and what in some, with the case: if there is one in each, these are violations, too.
fn violations(cases: &[(&str, Vec<Finding>)]) -> Vec<Finding> {
    let violated = |found: &[Finding]| -> Vec<Finding> {
        found.iter().filter(|finding| finding.result != Result::Undetermined).cloned().collect()
    };
    let cases: Vec<(&str, Vec<Finding>)> = cases.iter().map(|(when, found)| (*when, violated(found))).collect();
    let is_in_each =
        |one: &Finding| cases.iter().all(|(_, found)| found.iter().any(|other| other.reason == one.reason));
    let (mut settled, mut partial) = (Vec::new(), Vec::new());
    for (when, found) in &cases {
        let (always, sometimes): (Vec<_>, Vec<_>) = found.iter().cloned().partition(is_in_each);
        let is_new = |one: &Finding| !settled.iter().any(|known: &Finding| known.reason == one.reason);
        let always: Vec<Finding> = always.into_iter().filter(is_new).collect();
        settled.extend(always);
        partial.push(sometimes.into_iter().map(|one| where_it_is(one, when)).collect::<Vec<_>>());
    }
    let is_violated = !partial.iter().any(Vec::is_empty);
    settled.extend(partial.into_iter().flatten().map(|one| match is_violated {
        true => one,
        false => Finding { result: Result::Undetermined, ..one },
    }));
    settled
}

fn where_it_is(one: Finding, when: &str) -> Finding {
    Finding { reason: format!("{}, where condition {when}", one.reason), ..one }
}
