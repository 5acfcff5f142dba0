//! Text for a terminal: what came from an event or a file cannot move the cursor, change colours or hide itself.

use anstyle::{AnsiColor, Style};
use shared::engine::verdict::Severity;
use std::fmt::{self, Write as _};

/// Text with everything that a terminal would act on written out (`\u{1b}`), and line breaks too.
#[derive(Clone, Copy, Debug)]
pub struct Safe<'a>(pub &'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if c.is_control() || is_invisible(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// Characters that turn the reading direction round or show nothing: names that lie.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The colour of a severity; the stream strips it where there is no terminal.
#[must_use]
pub fn severity_style(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Critical => return AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::Cyan,
        Severity::Informational => AnsiColor::BrightBlack,
    };
    colour.on_default()
}

/// Headlines.
pub const BOLD: Style = Style::new().bold();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();
/// What is well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What goes.
pub const BAD: Style = AnsiColor::Red.on_default();

/// How many columns the terminal has that standard output goes to; none where it goes elsewhere.
#[must_use]
pub fn columns() -> Option<u16> {
    console::Term::stdout().size_checked().map(|(_, columns)| columns)
}

/// `word` in `style`, padded to `width` before the colour codes, which take no room.
#[must_use]
pub fn painted(style: Style, word: &str, width: usize) -> String {
    let mut out = String::new();
    let _ = write!(out, "{style}{word}{style:#}{}", " ".repeat(width.saturating_sub(word.chars().count())));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_acts_on_survives() {
        let hostile = "a\u{1b}[31mred\u{7}\r\nb\u{9b}0m\u{202e}evil\u{200b}";
        let safe = Safe(hostile).to_string();
        assert!(safe.chars().all(|c| c.is_ascii_graphic()), "{safe}");
        assert_eq!(Safe("naïve `日本` ok").to_string(), "naïve `日本` ok");
    }
}
