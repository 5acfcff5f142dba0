//! Entries between brackets, as JSON has them, on one line or on several.

use crate::policy::Exemption;
use crate::policy::edit::lines;
use crate::policy::edit::lines::splice;
use crate::policy::edit::tree::{Kind, Node};
use crate::policy::edit::write::Braces;

/// Puts an entry behind the last one.
pub(super) fn append(text: &str, items: &[Node], exemption: &Exemption, is_json: bool) -> Option<String> {
    let last = items.last()?;
    let braces = Braces::of(text, last).unwrap_or_else(|| Braces::usual(is_json));
    let entry = braces.write(exemption, lines::line_break(text));
    Some(behind(text, last, &entry))
}

/// Fills an empty list.
pub(super) fn begin(
    text: &str,
    root: &Node,
    (key, value): (&Node, &Node),
    new: &Exemption,
    is_json: bool,
) -> Option<String> {
    let inside = value.start + 1..value.range.end.checked_sub(1)?;
    let line_break = lines::line_break(text);
    let written = text.get(inside.clone())?;
    if written.contains('\n') {
        let indent = lines::indentation(text, inside.end);
        let step = if indent.starts_with('\t') { "\t" } else { STEP };
        let entry = own_line(new, &[indent, step].concat(), step, is_json, line_break);
        let at = inside.start + written.trim_end().len();
        return Some(splice(text, at..at, &entry));
    }
    Some(splice(text, value.start..value.range.end, &list(text, root, key.start, new, is_json)))
}

/// Adds key and list behind the last pair of the file.
pub(super) fn found(text: &str, root: &Node, exemption: &Exemption, is_json: bool) -> Option<String> {
    let Kind::Mapping { pairs, .. } = &root.kind else { return None };
    let (key, value) = pairs.last()?;
    let name = if is_json { "\"exemptions\"" } else { "exemptions" };
    let list = list(text, root, key.start, exemption, is_json);
    let range = key.range.start..value.range.end.max(key.range.end);
    let pair = Node { range, start: key.start, kind: Kind::Alias };
    Some(behind(text, &pair, &format!("{name}: {list}")))
}

/// How far an inner line is indented where the file does not show it.
const STEP: &str = "  ";

/// A list of one entry: on lines of its own where the file's keys are.
fn list(text: &str, root: &Node, key: usize, exemption: &Exemption, is_json: bool) -> String {
    let line_break = lines::line_break(text);
    if !lines::is_first(text, key) {
        return format!("[{}]", Braces::usual(is_json).write(exemption, line_break));
    }
    let indent = lines::indentation(text, key);
    let outer = lines::indentation(text, root.range.end.saturating_sub(1));
    let step = indent.strip_prefix(outer).filter(|step| !step.is_empty()).unwrap_or(STEP);
    let entry = own_line(exemption, &[indent, step].concat(), step, is_json, line_break);
    format!("[{entry}{line_break}{indent}]")
}

/// A line break and an entry: JSON with each key on a line, else on one.
fn own_line(exemption: &Exemption, indent: &str, step: &str, is_json: bool, line_break: &str) -> String {
    let spread = is_json.then(|| ([indent, step].concat(), indent.to_owned()));
    let entry = Braces { spread, ..Braces::usual(is_json) }.write(exemption, line_break);
    format!("{line_break}{indent}{entry}")
}

/// Puts `new` behind a node of a list or mapping in brackets, on a line of its own where that has one.
fn behind(text: &str, last: &Node, new: &str) -> String {
    let comma = comma_after(text, last);
    if !lines::is_first(text, last.range.start) {
        return match comma {
            Some(comma) => splice(text, comma..comma, &format!(" {new},")),
            None => splice(text, last.range.end..last.range.end, &format!(", {new}")),
        };
    }
    let end = comma.unwrap_or(last.range.end);
    let indent = lines::indentation(text, last.range.start);
    let trailing = if comma.is_some() { "," } else { "" };
    let line = format!("{}{indent}{new}{trailing}", lines::line_break(text));
    let rest = text.get(end..lines::end(text, end)).unwrap_or_default();
    // A comment behind the last one stays with it.
    let at = if lines::is_comment(rest) || lines::is_blank(rest) { end + rest.trim_end().len() } else { end };
    let added = splice(text, at..at, &line);
    if comma.is_some() { added } else { splice(&added, last.range.end..last.range.end, ",") }
}

/// Takes an entry away with its comma, its comments and, where it stood alone on them, its lines.
pub(super) fn remove(text: &str, value: &Node, items: &[Node], index: usize) -> Option<String> {
    let item = items.get(index)?;
    let own_comma = comma_after(text, item);
    let end = own_comma.unwrap_or(item.range.end);
    let before = index.checked_sub(1).and_then(|before| items.get(before));
    let mut range = place(text, item, end)?;
    if let Some(before) = before.filter(|before| range.start < before.range.end) {
        // No comment of this entry, but a text of the one before that reads like one.
        range.start = lines::end(text, before.range.end).min(item.range.start);
    }
    let mut left = splice(text, range.clone(), "");
    let mut closing = value.range.end - range.len();
    if let (None, Some(comma)) = (own_comma, before.and_then(|before| comma_after(text, before))) {
        left = splice(&left, comma - 1..comma, "");
        closing -= 1;
    }
    let inside = value.start + 1..closing.checked_sub(1)?;
    let is_empty = lines::is_blank(left.get(inside.clone())?);
    Some(if is_empty { splice(&left, inside, "") } else { left })
}

/// The bytes that go with an entry that ends, its comma included, at `end`.
fn place(text: &str, item: &Node, end: usize) -> Option<std::ops::Range<usize>> {
    let line_end = lines::end(text, end);
    let rest = text.get(end..line_end)?;
    let is_alone = lines::is_blank(rest) || lines::is_comment(rest);
    let line_start = lines::start(text, item.range.start);
    if !lines::is_first(text, item.range.start) {
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let is_last = rest.trim_start().starts_with(']');
        let from = lines::before(text, item.range.start).trim_end_matches([' ', '\t']).len();
        return Some(match (is_alone, is_last) {
            (true, _) => from..end + rest.trim_end().len(),
            (false, true) => from..end,
            (false, false) => item.range.start..end + blanks,
        });
    }
    if !is_alone {
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        return Some(item.range.start..end + blanks);
    }
    let from = lines::comments_above(text, line_start, lines::column(text, item.range.start));
    Some(from..line_end)
}

/// Behind the comma that follows a node.
fn comma_after(text: &str, node: &Node) -> Option<usize> {
    let at = lines::next_sign(text, node.range.end);
    lines::after(text, at).starts_with(',').then_some(at + 1)
}
