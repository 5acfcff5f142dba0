//! Entries behind dashes, and the key `exemptions` of a file by lines.

use crate::policy::Exemption;
use crate::policy::edit::lines;
use crate::policy::edit::lines::splice;
use crate::policy::edit::tree::{Kind, Node};
use crate::policy::edit::write;
use crate::policy::edit::write::Braces;

/// The whole lines of an entry.
struct Lines {
    /// With the comment lines right above it, at its indentation.
    from: usize,
    dash: usize,
    /// Behind the comment lines right below it that stand deeper than its dash.
    to: usize,
}

impl Lines {
    fn of(text: &str, item: &Node) -> Option<Self> {
        let dash = dash(text, item.range.start)?;
        let column = lines::column(text, dash);
        let from = lines::comments_above(text, lines::start(text, dash), column);
        let to = lines::comments_below(text, lines::end(text, item.range.end), column);
        Some(Self { from, dash, to })
    }
}

/// The dash before an entry: on its line, or above it with nothing but comments between.
fn dash(text: &str, item: usize) -> Option<usize> {
    let mut at = item;
    loop {
        let start = lines::start(text, at);
        let line = text.get(start..at)?;
        let code = line.split('#').next()?.trim();
        if code == "-" {
            return Some(start + line.find('-')?);
        }
        if !code.is_empty() {
            return None;
        }
        at = start.checked_sub(1)?;
    }
}

/// Puts an entry behind the last one.
pub(super) fn append(text: &str, items: &[Node], exemption: &Exemption) -> Option<String> {
    let last = items.last()?;
    let place = Lines::of(text, last)?;
    let indent = lines::column(text, place.dash);
    let is_on_line = lines::start(text, last.start) == lines::start(text, place.dash);
    let gap = if is_on_line { lines::column(text, last.start) - indent } else { 2 };
    let line_break = lines::line_break(text);
    let entry = match Braces::of(text, last) {
        Some(braces) => {
            format!("{:indent$}{:<gap$}{}{line_break}", "", "-", braces.write(exemption, line_break))
        }
        None => write::block(exemption, indent, gap, line_break),
    };
    let is_spaced = match items {
        [.., other, _] => {
            let between = text.get(Lines::of(text, other)?.to..place.from)?;
            !between.is_empty() && lines::is_blank(between)
        }
        _ => false,
    };
    Some(insert_lines(text, place.to, &if is_spaced { [line_break, &entry].concat() } else { entry }))
}

/// Takes an entry's lines away, and the blank lines that parted it from its neighbour.
pub(super) fn remove(text: &str, (key, value): (&Node, &Node), items: &[Node], index: usize) -> Option<String> {
    let place = Lines::of(text, items.get(index)?)?;
    let (mut from, mut to) = (place.from, place.to);
    let before = index.checked_sub(1).and_then(|before| items.get(before));
    if let Some(before) = before {
        let above = Lines::of(text, before)?.to;
        from = if lines::is_blank(text.get(above..from)?) { above } else { from };
    } else if let Some(next) = items.get(index + 1) {
        let below = Lines::of(text, next)?.from;
        to = if lines::is_blank(text.get(to..below)?) { below } else { to };
    }
    if to == text.len() && !text.ends_with('\n') {
        // The file still does not end with a line break.
        let kept = lines::before(text, from);
        from = kept.strip_suffix('\n').map_or(kept, |kept| kept.strip_suffix('\r').unwrap_or(kept)).len();
    }
    let left = splice(text, from..to, "");
    if items.len() > 1 {
        return Some(left);
    }
    let value_ends = if value.range.start < value.start && value.range.start < from {
        // `exemptions: &anchor`: the place is behind it.
        value.range.start + text.get(value.range.start..)?.split_ascii_whitespace().next()?.len()
    } else {
        colon(text, key)?
    };
    Some(splice(&left, value_ends..value_ends, " []"))
}

/// Begins the list under its key, in place of `[]`, `null` or nothing.
pub(super) fn begin(text: &str, root: &Node, (key, value): (&Node, &Node), exemption: &Exemption) -> Option<String> {
    let line_break = lines::line_break(text);
    let entry = write::block(exemption, lines::column(text, key.start) + step(text, root), 2, line_break);
    let written = value.start..value.range.end;
    let mut start = lines::before(text, written.start).trim_end_matches([' ', '\t']).len();
    if written.is_empty() {
        start = colon(text, key)?;
    }
    let left = splice(text, start..written.end.max(start), "");
    Some(insert_lines(&left, lines::end(&left, start), &entry))
}

/// Adds key and list at the end of the file.
pub(super) fn found(text: &str, root: &Node, exemption: &Exemption) -> Option<String> {
    let line_break = lines::line_break(text);
    let indent = lines::column(text, root.start);
    let entry = write::block(exemption, indent + step(text, root), 2, line_break);
    let mut at = lines::end(text, root.range.end);
    while at < text.len() && !["...", "---"].iter().any(|end| lines::after(text, at).starts_with(end)) {
        at = lines::end(text, at);
    }
    let last = lines::before(text, at).lines().next_back()?;
    // A comment at the end is not about what comes after it.
    let blank = if lines::is_comment(last) { line_break } else { "" };
    Some(insert_lines(text, at, &format!("{blank}{:indent$}exemptions:{line_break}{entry}", "")))
}

/// How far the lists of this file stand in.
fn step(text: &str, root: &Node) -> usize {
    let Kind::Mapping { pairs, .. } = &root.kind else { return 2 };
    let lists = pairs.iter().filter_map(|(key, value)| match &value.kind {
        Kind::Sequence { is_flow: false, items } => {
            let dash = dash(text, items.first()?.range.start)?;
            lines::column(text, dash).checked_sub(lines::column(text, key.start))
        }
        _ => None,
    });
    lists.into_iter().next().unwrap_or(2)
}

/// Behind the colon of a key.
fn colon(text: &str, key: &Node) -> Option<usize> {
    Some(key.range.end + lines::after(text, key.range.end).find(':')? + 1)
}

/// Puts whole lines at `at`, which is the start of a line or the end of a file without a last line break.
fn insert_lines(text: &str, at: usize, new: &str) -> String {
    let before = lines::before(text, at);
    if before.is_empty() || before.ends_with('\n') {
        return splice(text, at..at, new);
    }
    let line_break = lines::line_break(text);
    splice(text, at..at, &[line_break, new.strip_suffix(line_break).unwrap_or(new)].concat())
}
