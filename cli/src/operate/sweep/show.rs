//! What a sweep found, what it did, and what it could not do.

use super::state::{Row, State};
use super::{SweepArgs, SweepFormat};
use crate::failure::{CommandResult, Failure};
use crate::table::Table;
use crate::terminal::{BAD, BOLD, DIM, GOOD, Safe, columns};
use shared::engine::count::counted;
use shared::engine::finding::Outcome;
use shared::engine::verdict::VerdictKind;
use std::io::{self, Write};
use std::process::ExitCode;

impl Row {
    fn is_violation(&self) -> bool {
        self.verdict == VerdictKind::Violation && self.result != Outcome::Exempt
    }

    fn verdict(&self) -> &'static str {
        match self.verdict {
            VerdictKind::Violation => "violation",
            VerdictKind::Undetermined => "undetermined",
            VerdictKind::Compliant => "compliant",
        }
    }

    /// The result in a word: `notified` only if a notification was sent.
    fn result(&self) -> &'static str {
        match (self.result, self.is_notified, self.verdict) {
            (Outcome::Notified, false, VerdictKind::Violation) => "open",
            (Outcome::Notified, false, VerdictKind::Undetermined | VerdictKind::Compliant) => "unchanged",
            (result, _, _) => result.word(),
        }
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
            SweepFormat::Table => self.table(&mut out, columns())?,
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

    fn table(&self, out: &mut impl Write, width: Option<u16>) -> Result<(), Failure> {
        let mut rows: Vec<&Row> = self.found.iter().collect();
        rows.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.resource.cmp(&b.resource)));
        if !rows.is_empty() {
            let mut table = Table::new(&["Severity", "Guardrail", "Resource", "Verdict", "Result", "Finding", "Why"]);
            for row in &rows {
                let finding = if row.is_recorded { row.finding_id.as_str() } else { "" };
                let (severity, why) = (row.severity.word(), row.reasons.join("; "));
                table.row([severity, &row.guardrail, &row.resource, row.verdict(), row.result(), finding, &why]);
            }
            table.write(out, width)?;
        }
        let (violations, rest) = self.counts();
        let style = if violations == 0 && self.failures() == 0 { GOOD } else { BOLD };
        writeln!(out, "{style}{}{style:#}{DIM}{rest}{DIM:#}", counted(violations, "violation"))?;
        Ok(())
    }

    /// How many violations, and what became of them.
    fn counts(&self) -> (usize, String) {
        let violations = self.found.iter().filter(|row| row.is_violation()).count();
        let with = |outcome: Outcome| self.found.iter().filter(|row| row.result == outcome).count();
        let undetermined = self.found.iter().filter(|row| row.verdict == VerdictKind::Undetermined).count();
        let parts =
            [(with(Outcome::Remediated), "closed"), (with(Outcome::Partial) + with(Outcome::Failed), "not closed")];
        let closed: String = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!(", {count} {what}"))
            .collect();
        let failures = match self.failures() {
            0 => String::new(),
            failures => format!("; {}, see below", counted(failures, "failure")),
        };
        let (exempt, seen) = (with(Outcome::Exempt), counted(self.seen, "resource"));
        (violations, format!("{closed}, {undetermined} undetermined, {exempt} exempt; {seen} judged{failures}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::engine::verdict::Severity;

    fn row(number: usize, verdict: VerdictKind, result: Outcome, is_notified: bool) -> Row {
        Row {
            severity: Severity::High,
            guardrail: "one-guardrail".to_owned(),
            resource: format!("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-{number:017}"),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            verdict,
            result,
            reasons: vec!["the port is open".to_owned()],
            actions: Vec::new(),
            undo: Vec::new(),
            finding_id: number.to_string(),
            is_recorded: false,
            is_notified,
            unsigned: None,
        }
    }

    fn shown(found: Vec<Row>) -> String {
        let state = State { seen: found.len(), found, ..State::default() };
        let mut out = Vec::new();
        state.table(&mut out, None).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn exempt_is_no_violation_and_notified_needs_a_notification() {
        let text = shown(vec![
            row(1, VerdictKind::Violation, Outcome::Notified, false),
            row(2, VerdictKind::Violation, Outcome::Notified, true),
            row(3, VerdictKind::Violation, Outcome::Exempt, false),
            row(4, VerdictKind::Undetermined, Outcome::Notified, false),
            row(5, VerdictKind::Violation, Outcome::Remediated, false),
        ]);
        let of =
            |number: &str| text.lines().find(|line| line.contains(&format!("sg-{number:0>17}"))).unwrap().to_owned();
        for (number, words) in [
            ("1", "violation     open"),
            ("2", "violation     notified"),
            ("3", "violation     exempt"),
            ("4", "undetermined  unchanged"),
            ("5", "violation     remediated"),
        ] {
            assert!(of(number).contains(words), "{words}: {text}");
        }
        let last = text.lines().last().unwrap();
        assert_eq!(last, "3 violations, 1 closed, 1 undetermined, 1 exempt; 5 resources judged");
    }

    #[test]
    fn one_is_one() {
        let text = shown(vec![row(1, VerdictKind::Violation, Outcome::Notified, false)]);
        assert!(text.ends_with("\n1 violation, 0 undetermined, 0 exempt; 1 resource judged\n"), "{text}");
        assert_eq!(shown(Vec::new()), "0 violations, 0 undetermined, 0 exempt; 0 resources judged\n");
    }
}
