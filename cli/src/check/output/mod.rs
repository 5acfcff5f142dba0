//! What a check says, in the forms that people and their tools read.

mod github;
mod gitlab;
mod json;
mod junit;
mod sarif;
mod text;

use super::Checked;
use crate::failure::Failure;
use clap::ValueEnum;
use std::io::Write;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// One line a finding: file, line, severity, guardrail, reason
    Text,
    /// One object with all findings
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions: they show in the pull request, beside the line
    Github,
    /// A Code Quality report of GitLab
    Gitlab,
    /// JUnit XML: a suite for each file, a case for each finding
    Junit,
}

/// Writes it to standard output.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(format: Format, checked: &Checked) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match format {
        Format::Text => text::write(&mut out, checked)?,
        Format::Json => writeln!(out, "{:#}", json::of(checked))?,
        Format::Sarif => {
            writeln!(out, "{:#}", sarif::log(&checked.findings, &checked.unknowns, &checked.errors))?;
        }
        Format::Github => github::write(&mut out, checked)?,
        Format::Gitlab => writeln!(out, "{:#}", gitlab::report(checked))?,
        Format::Junit => writeln!(out, "{}", junit::report(checked)?)?,
    }
    Ok(())
}
