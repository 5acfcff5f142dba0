//! Tables: as wide as the terminal, where every word finds room in them; else an item a block. What a pipe or a file gets is an item
//! a line. No id, ARN or other word is ever broken or cut, so that it can be copied and searched for.

use crate::terminal::{BOLD, DIM, Safe};
use comfy_table::{ColumnConstraint, ContentArrangement, Table as Grid, Width, presets};
use console::measure_text_width;
use std::io::{self, Write};

/// A table that is being filled.
pub(crate) struct Table {
    heads: Vec<&'static str>,
    /// The column under whose cells the notes stand, and what they are called where they stand by themselves.
    note: Option<(usize, &'static str)>,
    items: Vec<Item>,
}

struct Item {
    /// A list of entries a cell.
    cells: Vec<Vec<String>>,
    note: String,
}

/// Between a column's text and the next column's, in lines.
const GAP: u16 = 2;
/// Beside a column's text in a grid, and between two columns.
const PADDING: usize = 2;
const SEPARATOR: usize = 1;

impl Table {
    /// With these columns. The first two name an item.
    pub(crate) fn new(heads: &[&'static str]) -> Self {
        Self { heads: heads.to_vec(), note: None, items: Vec::new() }
    }

    /// With a note to each item, under its cell in this column.
    pub(crate) fn noted(self, column: usize, name: &'static str) -> Self {
        Self { note: Some((column, name)), ..self }
    }

    /// An item with one text a column.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        self.listed(cells.into_iter().map(|cell| vec![cell]), "");
    }

    /// An item with a list a column, and its note.
    pub(crate) fn listed<'a>(&mut self, cells: impl IntoIterator<Item = Vec<&'a str>>, note: &str) {
        let safe = |entries: Vec<&str>| entries.into_iter().map(|entry| Safe(entry).to_string()).collect();
        self.items.push(Item { cells: cells.into_iter().map(safe).collect(), note: Safe(note).to_string() });
    }

    /// Writes it for a terminal of so many columns; for a pipe or a file without one.
    pub(crate) fn write(&self, out: &mut impl Write, columns: Option<u16>) -> io::Result<()> {
        match columns {
            None => self.lines(out),
            Some(columns)
                if self.minimum_widths().iter().map(|width| width + PADDING + SEPARATOR).sum::<usize>()
                    <= columns.into() =>
            {
                writeln!(out, "{}", self.grid(columns))
            }
            Some(_) => self.blocks(out),
        }
    }

    /// The entries of a cell in the grid: the note is the last.
    fn entries<'a>(&self, item: &'a Item, column: usize) -> impl Iterator<Item = &'a str> {
        let note =
            self.note.filter(|(at, _)| *at == column).map(|_| item.note.as_str()).filter(|note| !note.is_empty());
        item.cells.get(column).into_iter().flatten().map(String::as_str).chain(note)
    }

    /// The least width of each column: that of its longest word.
    fn minimum_widths(&self) -> Vec<usize> {
        let longest = |text: &str| text.split(' ').map(measure_text_width).max().unwrap_or_default();
        let of = |(column, head): (usize, &&str)| {
            let entries = self.items.iter().flat_map(|item| self.entries(item, column));
            entries.map(longest).max().unwrap_or_default().max(longest(head))
        };
        self.heads.iter().enumerate().map(of).collect()
    }

    fn grid(&self, columns: u16) -> Grid {
        let mut grid = Grid::new();
        grid.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
        grid.set_width(columns).set_header(&self.heads);
        for item in &self.items {
            let cell = |column| self.entries(item, column).collect::<Vec<_>>().join("\n");
            grid.add_row((0..self.heads.len()).map(cell));
        }
        for (column, width) in self.minimum_widths().into_iter().enumerate() {
            let least = Width::Fixed(u16::try_from(width + PADDING).unwrap_or(columns));
            if let Some(column) = grid.column_mut(column) {
                column.set_constraint(ColumnConstraint::LowerBoundary(least));
            }
        }
        grid
    }

    /// An item a block: what names it, and a line for everything else.
    fn blocks(&self, out: &mut impl Write) -> io::Result<()> {
        const NAMES: usize = 2;
        let label = self.heads.iter().skip(NAMES).chain(self.note.iter().map(|(_, name)| name));
        let label = label.map(|head| measure_text_width(head)).max().unwrap_or_default();
        for item in &self.items {
            let mut texts = item.cells.iter().map(|cell| cell.join(", "));
            let names: Vec<String> = texts.by_ref().take(NAMES).collect();
            writeln!(out, "{BOLD}{}{BOLD:#}", names.join("  "))?;
            let note = self.note.map(|(_, name)| (name, item.note.clone()));
            for (head, text) in note.into_iter().chain(self.heads.iter().copied().skip(NAMES).zip(texts)) {
                if !text.is_empty() {
                    writeln!(out, "  {DIM}{head:label$}{DIM:#}  {text}")?;
                }
            }
        }
        Ok(())
    }

    /// An item a line, in columns.
    fn lines(&self, out: &mut impl Write) -> io::Result<()> {
        let note = self.note.map(|(_, name)| name.to_owned());
        let heads: Vec<String> = self.heads.iter().map(|head| (*head).to_owned()).chain(note).collect();
        let texts = |item: &Item| {
            let note = self.note.map(|_| item.note.clone());
            let cells = item.cells.iter().map(|cell| cell.join(", "));
            cells.chain(note).map(|text| if text.is_empty() { "-".to_owned() } else { text }).collect::<Vec<_>>()
        };
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        grid.set_header(heads).add_rows(self.items.iter().map(texts));
        for column in grid.column_iter_mut() {
            column.set_padding((0, GAP));
        }
        writeln!(out, "{}", grid.trim_fmt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-0a1b2c3d4e5f60718";

    fn written(columns: Option<u16>) -> String {
        let mut table = Table::new(&["Severity", "Guardrail", "Resource", "Controls"]).noted(1, "Title");
        table.listed(
            [vec!["high"], vec!["admin-port-open"], vec![ARN], vec!["EC2.13", "CIS 5.0.0/5.3"]],
            "An admin port is open",
        );
        table.listed([vec!["low"], vec!["evil\u{1b}[31m"], vec!["b"], vec![]], "");
        let mut out = Vec::new();
        table.write(&mut out, columns).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn a_pipe_gets_a_line_an_item() {
        let text = written(None);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[1].contains(ARN) && lines[1].contains("EC2.13, CIS 5.0.0/5.3  An admin port is open"), "{text}");
        let starts: Vec<_> = [lines[0].find("Resource"), lines[1].find(ARN), lines[2].find("b  ")].into();
        assert!(starts.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
        assert!(lines[2].contains("evil\\u{1b}[31m") && lines[2].ends_with("-                      -"), "{text}");
    }

    #[test]
    fn no_word_is_broken_whatever_the_width() {
        for columns in [1, 20, 40, 80, 100, 110, 115, 118, 120, 140, 200, 400] {
            let text = written(Some(columns));
            for word in [ARN, "admin-port-open", "EC2.13", "5.0.0/5.3", "Severity"] {
                assert!(text.contains(word) || (word == "Severity" && !text.contains('─')), "{columns}: {text}");
            }
            if text.contains('─') {
                let widest = text.lines().map(measure_text_width).max().unwrap();
                assert!(widest <= columns.into(), "{columns}: {widest}\n{text}");
            }
        }
        assert!(written(Some(200)).contains('─') && !written(Some(80)).contains('─'));
    }

    #[test]
    fn a_narrow_terminal_gets_a_block_an_item() {
        let text = written(Some(60));
        assert!(
            text.starts_with("high  admin-port-open\n  Title     An admin port is open\n  Resource  arn:"),
            "{text}"
        );
        assert!(text.ends_with("low  evil\\u{1b}[31m\n  Resource  b\n"), "what is empty is left out: {text}");
    }
}
