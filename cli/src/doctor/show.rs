//! The lines for a person and for a program.

use super::line::{Line, State};
use crate::table::Table;
use crate::terminal::{BOLD, GOOD, Safe, columns};
use serde_json::{Value, json};
use shared::engine::count::counted;
use std::io::{self, Write};

/// What the lines are about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The stack's name.
    pub stack: &'a str,
    /// The account.
    pub account: &'a str,
}

fn number(lines: &[Line], state: State) -> usize {
    lines.iter().filter(|line| line.state == state).count()
}

/// For programs: keys that stay.
#[must_use]
pub fn json(about: About<'_>, lines: &[Line]) -> Value {
    let [ok, fault, unknown] = [State::Ok, State::Fault, State::Unknown].map(|state| number(lines, state));
    json!({
        "stack": about.stack, "account": about.account, "healthy": fault + unknown == 0 && ok > 0,
        "counts": {"ok": ok, "fault": fault, "unknown": unknown}, "lines": lines,
    })
}

/// The lines as a table, as every command shows one. For a person a sum stands below it; what a pipe gets is the lines alone.
///
/// # Errors
/// When it cannot be written.
pub fn table(out: &mut impl Write, about: About<'_>, lines: &[Line]) -> io::Result<()> {
    written(out, about, lines, columns())
}

fn written(out: &mut impl Write, about: About<'_>, lines: &[Line], columns: Option<u16>) -> io::Result<()> {
    let mut table = Table::new(&["State", "Check", "Region", "Resource", "Seen"]).noted(4, "To do");
    for line in lines {
        let resource = line.resource.as_deref().unwrap_or_default();
        let cells = [line.state.word(), line.check, &line.region, resource, &line.says];
        table.listed(cells.map(|cell| vec![cell]), line.todo.as_deref().unwrap_or_default());
    }
    table.write(out, columns)?;
    if columns.is_none() {
        return Ok(());
    }
    let [fault, unknown] = [State::Fault, State::Unknown].map(|state| number(lines, state));
    let style = if fault + unknown == 0 { GOOD } else { BOLD };
    let faults = counted(fault, "fault");
    writeln!(
        out,
        "{style}{faults}, {unknown} unknown{style:#}  stack {} in account {}",
        Safe(about.stack),
        Safe(about.account)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str =
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/parapet/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
    const ABOUT: About<'_> = About { stack: "parapet", account: "111122223333" };

    fn lines() -> Vec<Line> {
        let text = str::to_owned;
        let ok = Line {
            state: State::Ok,
            check: "rules",
            region: text("eu-west-1"),
            resource: None,
            says: text("all are enabled"),
            todo: None,
        };
        let fault = Line {
            state: State::Fault,
            check: "dead-letters",
            resource: Some(text(ARN)),
            says: text("it \u{1b}[31mhas\tmessages\nand more than fits into a line of a narrow terminal"),
            todo: Some(text("redrive them")),
            ..ok.clone()
        };
        vec![ok, fault]
    }

    fn shown(columns: Option<u16>) -> String {
        let mut out = Vec::new();
        written(&mut out, ABOUT, &lines(), columns).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn a_line_that_is_piped_is_whole_and_one() {
        let text = shown(None);
        let rows: Vec<&str> = text.lines().collect();
        assert_eq!(rows.len(), 3, "{text}");
        assert!(rows[0].starts_with("State") && rows[0].ends_with("To do"), "{text}");
        assert!(rows[1].starts_with("ok     rules         eu-west-1  -") && rows[1].ends_with("  -"), "{text}");
        assert!(rows[2].starts_with("fault  dead-letters  eu-west-1") && rows[2].ends_with("redrive them"), "{text}");
        let is_data = rows[2].contains(r"\u{1b}[31mhas\tmessages\nand more");
        assert!(is_data && rows[2].contains(ARN), "what a user chose is data: {text}");
    }

    #[test]
    fn a_person_gets_a_sum_and_every_id_whole() {
        for columns in [40, 80, 200] {
            let text = shown(Some(columns));
            assert!(text.contains(ARN) && text.contains("redrive them"), "{text}");
            assert!(text.ends_with("1 fault, 0 unknown  stack parapet in account 111122223333\n"), "{text}");
        }
    }

    #[test]
    fn the_json_has_its_keys() {
        let json = json(ABOUT, &lines());
        assert_eq!((&json["healthy"], &json["counts"]), (&json!(false), &json!({"ok": 1, "fault": 1, "unknown": 0})));
        let line = &json["lines"][1];
        for key in ["state", "check", "region", "resource", "says", "do"] {
            assert!(line.get(key).is_some(), "{key}");
        }
        assert_eq!((&line["state"], &json["lines"][0]["resource"]), (&json!("fault"), &Value::Null));
        assert_eq!(super::json(ABOUT, &[])["healthy"], false, "silence is no health");
    }
}
