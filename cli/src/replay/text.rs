//! A replay's summary for a terminal.

use super::summary::{Count, Summary, ranked};
use crate::terminal::{BOLD, DIM, GOOD, Safe, painted, severity_style};
use anstyle::Style;
use shared::engine::count::counted;
use shared::engine::verdict::Severity;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// How many actors, accounts and bad files to name.
const NAMED: usize = 10;
/// The widest name in the first column; longer ones push the numbers.
const WIDTH: usize = 48;

pub(super) fn write(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    headline(out, summary)?;
    if summary.total != Count::default() {
        tables(out, summary)?;
        gravest(out, summary)?;
    }
    if summary.passed_over > 0 {
        let files = counted(thousands(summary.passed_over), "file");
        writeln!(out, "\n{files} of the folders passed over: no logs by name or beginning")?;
    }
    bad_files(out, summary)
}

fn headline(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    let Summary { files, records, reached, total, .. } = summary;
    let size = megabytes(summary.bytes);
    let (files, records, reached) = (
        counted(thousands(*files), "file"),
        counted(thousands(*records), "record"),
        counted(thousands(*reached), "event"),
    );
    writeln!(out, "{files}, {records} ({size}), {reached} reached a guardrail")?;
    let style = if total.violations == 0 { GOOD } else { severity_style(Severity::Critical) };
    let violations = painted(style, &counted(thousands(total.violations), "violation"), 0);
    write!(out, "{violations}, {} undetermined, {} exempt", thousands(total.undetermined), thousands(total.exempt))?;
    if summary.repeated > 0 {
        let repeat = if summary.repeated == 1 { "repeats" } else { "repeat" };
        write!(out, "; {} of these {repeat} an earlier one", thousands(summary.repeated))?;
    }
    match (summary.first, summary.last) {
        (Some(first), Some(last)) => writeln!(out, "\nfrom {first} to {last}"),
        _ => writeln!(out),
    }
}

fn tables(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    head(out, "By guardrail")?;
    for ((Reverse(severity), name), count) in &summary.guardrails {
        row(out, name, severity_style(*severity), *count)?;
    }
    head(out, "By severity")?;
    for (Reverse(severity), count) in &summary.severities {
        row(out, severity.word(), severity_style(*severity), *count)?;
    }
    for (title, counts) in [("By actor", &summary.actors), ("By account", &summary.accounts)] {
        head(out, title)?;
        let all = ranked(counts);
        for (name, count) in all.iter().take(NAMED) {
            row(out, name, Style::new(), *count)?;
        }
        if let Some(more) = all.len().checked_sub(NAMED).filter(|more| *more > 0) {
            writeln!(out, "  {}", painted(DIM, &format!("and {more} more"), 0))?;
        }
    }
    // A month fits on a screen by day; what is longer is shown by month.
    const DAYS: usize = 35;
    const MONTH: usize = "2026-01".len();
    let is_long = summary.days.len() > DAYS;
    head(out, if is_long { "By month (UTC)" } else { "By day (UTC)" })?;
    let mut spans: BTreeMap<&str, Count> = BTreeMap::new();
    for (day, count) in &summary.days {
        let span = if is_long { day.get(..MONTH).unwrap_or(day) } else { day };
        spans.entry(span).or_default().merge(*count);
    }
    for (day, count) in &spans {
        row(out, day, Style::new(), *count)?;
    }
    Ok(())
}

fn head(out: &mut impl Write, title: &str) -> io::Result<()> {
    let title = painted(BOLD, title, WIDTH);
    writeln!(out, "\n{title}  {}", painted(DIM, "violations  undetermined  exempt", 0))
}

fn row(out: &mut impl Write, name: &str, style: Style, count: Count) -> io::Result<()> {
    let name = painted(style, &Safe(name).to_string(), WIDTH - 2);
    let (violations, undetermined, exempt) =
        (thousands(count.violations), thousands(count.undetermined), thousands(count.exempt));
    writeln!(out, "  {name}  {violations:>10}  {undetermined:>12}  {exempt:>6}")
}

fn gravest(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    if summary.gravest.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", painted(BOLD, "The gravest", 0))?;
    for line in &summary.gravest {
        let Reverse(severity) = line.severity;
        let word = painted(severity_style(severity), severity.word(), 0);
        writeln!(out, "  {} {word} {}", line.time, line.guardrail)?;
        writeln!(out, "    {}", Safe(&line.reason))?;
        writeln!(out, "    {}", painted(DIM, &format!("{} by {}", Safe(&line.resource), Safe(&line.actor)), 0))?;
    }
    Ok(())
}

/// Also printed on standard error when the output itself is for a program.
pub(super) fn bad_files(out: &mut impl Write, summary: &Summary) -> io::Result<()> {
    if summary.bad_files.is_empty() {
        return Ok(());
    }
    let files = counted(thousands(summary.files), "file");
    writeln!(out, "\n{} of {files} could not be read whole:", summary.bad_files.len())?;
    for file in summary.bad_files.iter().take(NAMED) {
        writeln!(out, "  {}: {}", Safe(&file.path), Safe(&file.why))?;
    }
    match summary.bad_files.len().checked_sub(NAMED).filter(|more| *more > 0) {
        Some(more) => writeln!(out, "  and {more} more"),
        None => Ok(()),
    }
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{}.{} MB", thousands(bytes / 1_000_000), bytes / 100_000 % 10),
    }
}

/// `1,769`
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_people() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([10, 2_253_049].map(megabytes), ["1 kB", "2.2 MB"]);
    }
}
