//! The lines for a person and for a program.

use super::line::{Line, State};
use crate::terminal::{BAD, BOLD, DIM, GOOD, Safe, painted};
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use std::io::{self, Write};

/// What the lines are about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The stack's name.
    pub stack: &'a str,
    /// The account.
    pub account: &'a str,
}

/// What is not known.
const UNSURE: Style = AnsiColor::Yellow.on_default();

fn style(state: State) -> Style {
    match state {
        State::Ok => GOOD,
        State::Fault => BAD,
        State::Unknown => UNSURE,
    }
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

/// One line each, nothing cut: state, check, region, resource, what was seen, what to do, with tabs between them.
///
/// # Errors
/// When it cannot be written.
pub fn plain(out: &mut impl Write, lines: &[Line]) -> io::Result<()> {
    for line in lines {
        let parts = [
            line.state.word(),
            line.check,
            &line.region,
            line.resource.as_deref().unwrap_or("-"),
            &line.says,
            line.todo.as_deref().unwrap_or("-"),
        ];
        let parts = parts.map(|part| Safe(part).to_string());
        writeln!(out, "{}", parts.join("\t"))?;
    }
    Ok(())
}

/// A table as wide as the terminal. A word that is wider than its column stands whole: no id is broken.
///
/// # Errors
/// When it cannot be written.
pub fn table(out: &mut impl Write, about: About<'_>, lines: &[Line], width: usize) -> io::Result<()> {
    const STATE: usize = 7;
    const NARROWEST: usize = 40;
    let widest =
        |text: fn(&Line) -> &str| lines.iter().map(|line| text(line).chars().count()).max().unwrap_or_default();
    let (check, region) = (widest(|line| line.check), widest(|line| &line.region));
    let before = STATE + check + region + 6;
    // A narrow terminal has the text below.
    let is_narrow = width < before + NARROWEST;
    let indent = if is_narrow { 4 } else { before };
    for line in lines {
        let what = match &line.resource {
            Some(resource) => format!("{resource}: {}", line.says),
            None => line.says.clone(),
        };
        let state = painted(style(line.state), line.state.word(), STATE);
        let mut rows = wrapped(&Safe(&what).to_string(), width.saturating_sub(indent)).into_iter();
        let first = if is_narrow { None } else { rows.next() };
        let head =
            format!("{:check$}  {:region$}  {}", line.check, Safe(&line.region).to_string(), first.unwrap_or_default());
        writeln!(out, "{state}  {}", head.trim_end())?;
        for row in rows {
            writeln!(out, "{:indent$}{row}", "")?;
        }
        let todo = line.todo.as_ref().map(|todo| format!("-> {}", Safe(todo)));
        for row in todo.iter().flat_map(|todo| wrapped(todo, width.saturating_sub(indent))) {
            writeln!(out, "{:indent$}{DIM}{row}{DIM:#}", "")?;
        }
    }
    let [fault, unknown] = [State::Fault, State::Unknown].map(|state| number(lines, state));
    let s = if fault == 1 { "" } else { "s" };
    let style = if fault + unknown == 0 { GOOD } else { BOLD };
    writeln!(
        out,
        "{style}{fault} fault{s}, {unknown} unknown{style:#}  stack {} in account {}",
        Safe(about.stack),
        about.account
    )
}

/// The words in lines of this width. A longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match rows.last_mut() {
            Some(row) if row.chars().count() + 1 + word.chars().count() <= width => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
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

    fn written(write: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn a_line_that_is_piped_is_whole_and_one() {
        let text = written(|out| plain(out, &lines()));
        let rows: Vec<Vec<&str>> = text.lines().map(|row| row.split('\t').collect()).collect();
        assert_eq!(rows[0], ["ok", "rules", "eu-west-1", "-", "all are enabled", "-"]);
        assert_eq!((rows.len(), rows[1].len(), rows[1][3], rows[1][5]), (2, 6, ARN, "redrive them"));
        assert!(rows[1][4].contains(r"\u{1b}[31mhas\tmessages\nand more"), "what a user chose is data: {text}");
    }

    #[test]
    fn a_table_breaks_no_id() {
        for width in [40, 80, 200] {
            let text = written(|out| table(out, ABOUT, &lines(), width));
            assert!(text.contains(ARN) && text.contains("-> redrive them"), "{text}");
            // The last line is about the whole.
            let rows = text.lines().filter(|row| !row.contains("account"));
            let too_wide: Vec<&str> = rows.filter(|row| row.chars().count() > width && !row.contains(ARN)).collect();
            assert!(too_wide.is_empty(), "{width}: {too_wide:?}");
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
