//! The file by lines: where they start and end, and what they say beside their comments.

/// The start of the line that `at` stands on.
pub(super) fn start(text: &str, at: usize) -> usize {
    before(text, at).rfind('\n').map_or(0, |newline| newline + 1)
}

/// The end of the line that `at` stands on, behind its line break.
pub(super) fn end(text: &str, at: usize) -> usize {
    after(text, at).find('\n').map_or(text.len(), |newline| at + newline + 1)
}

/// How far `at` is from the start of its line, in characters.
pub(in crate::policy) fn column(text: &str, at: usize) -> usize {
    text.get(start(text, at)..at).unwrap_or_default().trim_start_matches('\u{feff}').chars().count()
}

/// The line's number, as editors count.
pub(in crate::policy) fn number(text: &str, at: usize) -> usize {
    before(text, at).matches('\n').count() + 1
}

/// Whether nothing stands before `at` on its line.
pub(super) fn is_first(text: &str, at: usize) -> bool {
    is_blank(text.get(start(text, at)..at).unwrap_or_default())
}

/// The line break that the file uses.
pub(super) fn line_break(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if before(text, at).ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

pub(super) fn before(text: &str, at: usize) -> &str {
    text.get(..at).unwrap_or_default()
}

pub(super) fn after(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_whitespace() || c == '\u{feff}')
}

/// Whether only a comment stands there.
pub(super) fn is_comment(text: &str) -> bool {
    text.trim_start().starts_with('#')
}

/// The start of the comment lines right above the line that starts at `from` and as far in as `column`.
pub(super) fn comments_above(text: &str, mut from: usize, column: usize) -> usize {
    while let Some(above) = from.checked_sub(1).map(|at| start(text, at)) {
        let line = text.get(above..from).unwrap_or_default();
        if !is_comment(line) || indent(line) != column {
            break;
        }
        from = above;
    }
    from
}

/// The end of the comment lines right below the line that ends at `to` and further in than `column`.
pub(super) fn comments_below(text: &str, mut to: usize, column: usize) -> usize {
    while to < text.len() {
        let line = text.get(to..end(text, to)).unwrap_or_default();
        if !is_comment(line) || indent(line) <= column {
            break;
        }
        to += line.len();
    }
    to
}

/// What the line that `at` stands on is indented with.
pub(super) fn indentation(text: &str, at: usize) -> &str {
    let line = after(text, start(text, at));
    line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}

/// How far a line stands in.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The first place from `at` on that is neither a blank nor a comment. Holds between nodes only.
pub(super) fn next_sign(text: &str, mut at: usize) -> usize {
    loop {
        let rest = after(text, at);
        let skipped = rest.len() - rest.trim_start().len();
        at += skipped;
        if !after(text, at).starts_with('#') {
            return at;
        }
        at = end(text, at);
    }
}

/// The text with `range` put otherwise.
pub(super) fn splice(text: &str, range: std::ops::Range<usize>, with: &str) -> String {
    [before(text, range.start), with, after(text, range.end)].concat()
}
