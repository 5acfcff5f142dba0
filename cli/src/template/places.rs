//! Where the parts of a text stand.

use super::node::Position;
use std::cell::Cell;

/// See the module.
pub(crate) struct Places<'a> {
    text: &'a str,
    /// Where the last part began that was asked for: a plan is one line, and its parts are asked for in their order.
    last: Cell<(usize, Position)>,
}

impl<'a> Places<'a> {
    /// Of this text.
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, last: Cell::new((0, Position { line: 1, column: 1 })) }
    }

    /// Where a part of the text begins.
    pub(crate) fn of_part(&self, part: &str) -> Position {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let (from, known) =
            Some(self.last.get()).filter(|(from, _)| *from <= start).unwrap_or((0, Position { line: 1, column: 1 }));
        let between = self.text.get(from..start).unwrap_or_default();
        let column = |text: &str| text.chars().count();
        let at = match between.rsplit_once('\n') {
            Some((before, on_line)) => Position {
                line: known.line + 1 + memchr::memchr_iter(b'\n', before.as_bytes()).count(),
                column: column(on_line) + 1,
            },
            None => Position { column: known.column + column(between), ..known },
        };
        self.last.set((start, at));
        at
    }
}
