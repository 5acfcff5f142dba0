//! What a sweep found, what it did, and what it could not do.

use super::state::{Row, State};
use super::{SweepArgs, SweepFormat};
use crate::failure::{CommandResult, Failure};
use crate::terminal::{BAD, BOLD, DIM, GOOD, Safe, severity_style, width};
use comfy_table::{ContentArrangement, Table, presets};
use shared::engine::finding::Outcome;
use shared::engine::verdict::VerdictKind;
use std::io::{self, Write};
use std::process::ExitCode;

impl Row {
    fn is_violation(&self) -> bool {
        self.verdict == VerdictKind::Violation && self.result != Outcome::Exempt
    }
}

impl State {
    pub(super) fn show(&self, args: &SweepArgs) -> CommandResult {
        let mut out = anstream::stdout().lock();
        match args.format {
            SweepFormat::Jsonl => {
                for row in &self.found {
                    writeln!(out, "{}", serde_json::to_string(row).map_err(io::Error::from)?)?;
                }
            }
            SweepFormat::Table => self.table(&mut out)?,
        }
        let mut err = anstream::stderr().lock();
        for row in self.found.iter().filter(|row| !row.is_recorded && !row.undo.is_empty()) {
            writeln!(err, "{BAD}not in the ledger:{BAD:#} {}; undo it by hand:", Safe(&row.resource))?;
            for command in &row.undo {
                writeln!(err, "  {}", Safe(command))?;
            }
        }
        for row in &self.found {
            let Some(why) = &row.unsigned else { continue };
            writeln!(err, "{BAD}not signed:{BAD:#} {}: {}", Safe(&row.resource), Safe(why))?;
            writeln!(err, "  parapet undo {} --unsigned", Safe(&row.finding_id))?;
        }
        for why in &self.unlisted {
            writeln!(err, "{BAD}not read:{BAD:#} {}", Safe(why))?;
        }
        for problem in &self.problems {
            writeln!(err, "{BAD}failed:{BAD:#} {}", Safe(problem))?;
        }
        Ok(match (self.failures(), self.found.iter().any(Row::is_violation)) {
            (0, false) => ExitCode::SUCCESS,
            (0, true) => ExitCode::FAILURE,
            (_, _) => ExitCode::from(2),
        })
    }

    fn failures(&self) -> usize {
        self.unlisted.len() + self.problems.len()
    }

    fn table(&self, out: &mut impl Write) -> Result<(), Failure> {
        let mut rows: Vec<&Row> = self.found.iter().collect();
        rows.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.resource.cmp(&b.resource)));
        if !rows.is_empty() {
            let mut table = Table::new();
            table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width()).set_header(["severity", "guardrail", "resource", "result", "why", "finding"]);
            for row in &rows {
                let style = severity_style(row.severity);
                table.add_row([
                    format!("{style}{}{style:#}", row.severity),
                    row.guardrail.clone(),
                    Safe(&row.resource).to_string(),
                    row.result.word().to_owned(),
                    Safe(&row.reasons.join("; ")).to_string(),
                    if row.is_recorded { row.finding_id.clone() } else { String::new() },
                ]);
            }
            writeln!(out, "{table}")?;
        }
        let (violations, rest) = self.counts();
        let style = if violations == 0 && self.failures() == 0 { GOOD } else { BOLD };
        writeln!(out, "{style}{violations} violations{style:#} {DIM}on {} resources{rest}{DIM:#}", self.seen)?;
        Ok(())
    }

    /// How many violations, and what became of them.
    fn counts(&self) -> (usize, String) {
        let violations = self.found.iter().filter(|row| row.is_violation()).count();
        let with = |outcome: Outcome| self.found.iter().filter(|row| row.result == outcome).count();
        let parts = [
            (with(Outcome::Remediated), "closed"),
            (with(Outcome::Partial) + with(Outcome::Failed), "not closed"),
            (with(Outcome::Exempt), "exempt"),
            (self.failures(), "failures, see below"),
        ];
        let said = parts.into_iter().filter(|(count, _)| *count > 0);
        (violations, said.map(|(count, what)| format!("; {count} {what}")).collect())
    }
}
