//! One line a finding, for a terminal.

use crate::check::Checked;
use crate::check::finding::{Finding, Result};
use crate::terminal::{DIM, GOOD, Safe, painted, severity_style};
use shared::engine::count::counted;
use shared::engine::verdict::Severity;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) fn write(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    for finding in &checked.findings {
        let Finding { line, column, guardrail, severity, .. } = finding;
        let word = match finding.result {
            Result::Violation => painted(severity_style(*severity), severity.word(), 0),
            Result::Undetermined => painted(DIM, "undetermined", 0),
            Result::Exempt => painted(DIM, "exempt", 0),
            Result::Baseline => painted(DIM, "baseline", 0),
        };
        writeln!(out, "{}:{line}:{column}: {word} {guardrail}: {}", Safe(&finding.file), Safe(&finding.reason))?;
        let (name, kind) = (Safe(&finding.resource), Safe(&finding.kind));
        let about = match &finding.exemption {
            Some(exemption) => format!("{name} ({kind}), {}", Safe(exemption)),
            None => format!("{name} ({kind})"),
        };
        writeln!(out, "    {}", painted(DIM, &about, 0))?;
    }
    for (file, at, why) in &checked.unknowns {
        let word = painted(DIM, "undetermined", 0);
        writeln!(out, "{}:{}:{}: {word} {}", Safe(file), at.line, at.column, Safe(why))?;
    }
    for line in coverage(checked) {
        writeln!(out, "{}", painted(DIM, &Safe(&line).to_string(), 0))?;
    }
    summary(out, checked)
}

/// What was judged and what no guardrail looks at, kind by kind: a clean answer says nothing of the latter.
fn coverage(checked: &Checked) -> Vec<String> {
    const KINDS: usize = 12;
    let mut lines = Vec::new();
    let mut line = |what: &str, kinds: &[(&str, usize)]| {
        if kinds.is_empty() {
            return;
        }
        let named = kinds.iter().take(KINDS).map(|(kind, count)| format!("{count} {kind}"));
        let mut named: Vec<String> = named.collect();
        named.extend(
            (kinds.len() > KINDS)
                .then(|| format!("{} (`--format json` lists all)", counted(kinds.len() - KINDS, "more kind"))),
        );
        lines.push(format!("{what}: {}", named.join(", ")));
    };
    line("judged", &checked.kinds.iter().map(|(kind, count)| (kind.as_str(), *count)).collect::<Vec<_>>());
    let mut unjudged: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in checked.unjudged.iter().filter(|kind| kind.guardrails.is_empty()) {
        *unjudged.entry(&kind.kind).or_default() += kind.resources.len();
    }
    line("no guardrail looks at", &unjudged.into_iter().collect::<Vec<_>>());
    lines
}

/// The last line.
pub(super) fn summary(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let violations = checked.count(Result::Violation);
    let style = if violations == 0 { GOOD } else { severity_style(Severity::Critical) };
    let old = checked.count(Result::Baseline);
    let of_baseline = match (old, checked.gone) {
        (0, 0) => String::new(),
        (old, 0) => format!(", {old} in the baseline"),
        (old, gone) => format!(
            ", {old} in the baseline ({gone} more of it {}: write it again)",
            if gone == 1 { "is gone" } else { "are gone" }
        ),
    };
    write!(
        out,
        "{}, {} undetermined, {} exempt{of_baseline}; {} judged",
        painted(style, &counted(violations, "violation"), 0),
        checked.undetermined(),
        checked.count(Result::Exempt),
        counted(checked.resources, "resource")
    )?;
    writeln!(out, "{}", Safe(&blanks(checked)))
}

/// The files in which nothing was judged, and what is in them: a clean answer says nothing of these.
fn blanks(checked: &Checked) -> String {
    const FILES: usize = 5;
    const KINDS: usize = 8;
    let kinds = |kinds: &[(String, usize)]| {
        let mut named: Vec<String> = kinds.iter().take(KINDS).map(|(kind, count)| format!("{count} {kind}")).collect();
        named.extend((kinds.len() > KINDS).then(|| counted(kinds.len() - KINDS, "more kind")));
        if named.is_empty() { "no resources".to_owned() } else { named.join(", ") }
    };
    let mut files: Vec<String> =
        checked.blank.iter().take(FILES).map(|(file, of)| format!("`{file}` ({})", kinds(of))).collect();
    files.extend((checked.blank.len() > FILES).then(|| counted(checked.blank.len() - FILES, "more file")));
    if files.is_empty() { String::new() } else { format!("; nothing was judged in {}", files.join(", ")) }
}
