//! One object with everything, for a program.

use crate::check::Checked;
use crate::check::finding::Result;
use serde_json::{Value, json};

pub(super) fn of(checked: &Checked) -> Value {
    let unknowns = checked.unknowns.iter();
    let unknowns = unknowns.map(|(file, at, why)| json!({"file": file, "line": at.line, "reason": why}));
    let errors = checked.errors.iter().map(|(file, why)| json!({"file": file, "error": why}));
    json!({
        "findings": checked.findings,
        "untold": unknowns.collect::<Vec<_>>(),
        "judged": checked.kinds,
        "unjudged": checked.unjudged,
        "errors": errors.collect::<Vec<_>>(),
        "summary": {
            "resources": checked.resources,
            "unjudged": checked.unjudged.iter().map(|kind| kind.resources.len()).sum::<usize>(),
            "violations": checked.count(Result::Violation),
            "undetermined": checked.undetermined(),
            "exempt": checked.count(Result::Exempt),
            "baseline": checked.count(Result::Baseline),
        },
    })
}
