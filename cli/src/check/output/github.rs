//! Workflow commands of GitHub Actions ("Workflow commands for GitHub Actions", GitHub's documentation).

use super::text;
use crate::check::Checked;
use crate::check::finding::Result;
use shared::engine::verdict::Severity;
use std::io::{self, Write};

pub(super) fn write(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    for finding in &checked.findings {
        let command = match (finding.result, finding.severity) {
            (Result::Violation, Severity::Critical | Severity::High) => "error",
            (Result::Violation, Severity::Medium) => "warning",
            (Result::Violation, Severity::Low | Severity::Informational) | (Result::Undetermined, _) => "notice",
            (Result::Exempt | Result::Baseline, _) => continue,
        };
        let open = if finding.result == Result::Undetermined { "undetermined: " } else { "" };
        writeln!(
            out,
            "::{command} file={},line={},col={},title={}::{}",
            property(&finding.file),
            finding.line.max(1),
            finding.column.max(1),
            property(finding.guardrail),
            data(&format!("{open}{}: {}", finding.resource, finding.reason)),
        )?;
    }
    for (file, at, why) in &checked.unknowns {
        let (line, column) = (at.line.max(1), at.column.max(1));
        writeln!(out, "::notice file={},line={line},col={column},title=undetermined::{}", property(file), data(why))?;
    }
    for (file, why) in &checked.errors {
        writeln!(out, "::error file={},title=not checked::{}", property(file), data(why))?;
    }
    text::summary(out, checked)
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_begins_another_command() {
        assert_eq!(data("50 %\n::error::x"), "50 %25%0A::error::x");
        assert_eq!(property("a,b:c.yaml"), "a%2Cb%3Ac.yaml");
    }
}
