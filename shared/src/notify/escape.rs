//! Text of unknown origin, made harmless for people.
//!
//! Names, tags, user agents, session names, error messages and even addresses are chosen by the principal that made the change. In
//! what people read they must not become a mention, a link, markup, a new line or a trick with invisible or
//! right-to-left characters. Two forms keep them readable:
//!
//! - [`Medium::say`] and [`Medium::code`] change what could act: `alice@example.com` reads `alice(at)example[.]com`,
//!   `http://x` reads `http[:]//x`, `<!channel>` reads `(!channel)`. Service principals (`ec2.amazonaws.com`) and ARNs
//!   stay as they are.
//! - [`command`] keeps a command line exact, because it is to be copied: inside its JSON argument `@` is written
//!   `\u0040`, outside of it `\@`; what cannot be written so is not shown at all.
//!
//! Slack's mrkdwn has no escape character ("Formatting text for app surfaces", Slack API documentation), so in chat the
//! characters that would be markup are shown as their look-alikes.

/// Where text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Plain text: an e-mail, a short message.
    Text,
    /// The `client-markdown` of Amazon Q Developer in chat applications: Slack's mrkdwn, Microsoft Teams' Markdown.
    Chat,
}

/// What stands at the end of a text that was too long.
pub const CUT: &str = "... (cut)";

impl Medium {
    /// A sentence or a value within one: one line of at most `longest` characters of the original.
    #[must_use]
    pub fn say(self, raw: &str, longest: usize) -> String {
        let (kept, is_cut) = clip(raw, longest);
        let mut shown = self.harmless(&printable(kept));
        if is_cut {
            shown.push_str(CUT);
        }
        if shown.is_empty() { "(empty)".to_owned() } else { shown }
    }

    /// An identifier: as [`say`](Self::say), set off as code where the medium can.
    #[must_use]
    pub fn code(self, raw: &str, longest: usize) -> String {
        let shown = self.say(raw, longest);
        match self {
            Self::Text => shown,
            Self::Chat => format!("`{shown}`"),
        }
    }

    fn harmless(self, chars: &[char]) -> String {
        let at = |index: Option<usize>| index.and_then(|index| chars.get(index)).copied();
        let mut shown = String::with_capacity(chars.len());
        for (i, c) in chars.iter().copied().enumerate() {
            let (before, after) = (at(i.checked_sub(1)), at(Some(i + 1)));
            match c {
                '@' => shown.push_str("(at)"),
                ':' if after == Some('/') && at(Some(i + 2)) == Some('/') => shown.push_str("[:]"),
                '.' if is_link_dot(chars, i) => shown.push_str("[.]"),
                // `\\host\share` is a link to a file server in some mail programs.
                '\\' if before == Some('\\') => {}
                '`' => shown.push('\''),
                '[' => shown.push('('),
                ']' => shown.push(')'),
                _ => shown.push(self.look_alike(c, before, after)),
            }
        }
        shown
    }

    fn look_alike(self, c: char, before: Option<char>, after: Option<char>) -> char {
        let in_word = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
        match (self, c) {
            (Self::Text, '<') => '(',
            (Self::Text, '>') => ')',
            (Self::Chat, '<') => '‹',
            (Self::Chat, '>') => '›',
            (Self::Chat, '*') => '∗',
            (Self::Chat, '~') => '∼',
            (Self::Chat, '|') => '¦',
            (Self::Chat, '&') => '＆',
            (Self::Chat, '_') if !(in_word(before) && in_word(after)) => '＿',
            (Self::Chat, '#') if !in_word(before) => '♯',
            (Self::Text | Self::Chat, c) => c,
        }
    }
}

/// Plain ASCII of at most `longest` bytes, for the subject of an e-mail.
#[must_use]
pub fn ascii(raw: &str, longest: usize) -> String {
    let shown: String = Medium::Text.say(raw, longest).chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    shorten(&shown, longest)
}

/// Cuts a text that is already harmless to `longest` characters, the mark of the cut included.
#[must_use]
pub fn shorten(shown: &str, longest: usize) -> String {
    const DOTS: &str = "...";
    if clip(shown, longest).1 {
        format!("{}{DOTS}", clip(shown, longest.saturating_sub(DOTS.len())).0)
    } else {
        shown.to_owned()
    }
}

/// A command line that a person can copy: to the shell and to AWS it means exactly what `raw` means, to a mail or chat
/// program it holds no mention, link or markup. None when that cannot be, or when it would be longer than `longest`: a
/// command is never cut.
#[must_use]
pub fn command(raw: &str, longest: usize) -> Option<String> {
    // To a shell a line end ends the command.
    if raw.len() > longest || raw.contains(['\n', '\r']) {
        return None;
    }
    let shown = shlex::split(raw)?.iter().map(|argument| whole(argument)).collect::<Option<Vec<_>>>()?.join(" ");
    (shown.len() <= longest).then_some(shown)
}

/// One argument: JSON in single quotes, which it holds none of any more, or a word.
fn whole(argument: &str) -> Option<String> {
    match argument.starts_with(['{', '[']) {
        true => {
            serde_json::from_str::<serde_json::Value>(argument).ok()?;
            Some(format!("'{}'", json(argument)))
        }
        false => words(argument).filter(|shown| !shown.is_empty()),
    }
}

/// Shell words without quotes; the shell drops the backslash.
fn words(raw: &str) -> Option<String> {
    let chars: Vec<char> = raw.chars().collect();
    let mut shown = String::new();
    for (i, c) in chars.iter().copied().enumerate() {
        match c {
            '/' if chars.get(i + 1) == Some(&'/') => return None,
            '@' => shown.push_str(r"\@"),
            '.' if chars.get(i + 1).is_some_and(char::is_ascii_alphabetic) => shown.push_str(r"\."),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '/' | ':' | ',' | '=' | '+' => shown.push(c),
            _ => return None,
        }
    }
    Some(shown)
}

/// The same JSON, with what could act inside its strings written as Unicode escapes.
fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let (mut in_string, mut before) = (false, ' ');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                in_string = !in_string;
                shown.push(c);
            }
            '\\' if in_string => {
                shown.push(c);
                shown.extend(chars.next());
            }
            _ if in_string && is_active(before, c, chars.peek().copied()) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    shown.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => shown.push(c),
        }
        before = c;
    }
    shown
}

fn is_active(before: char, c: char, after: Option<char>) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '-' | '_' | ',' | '(' | ')' | '=' | '+' | ';' | ':' => false,
        '.' => after.is_some_and(char::is_alphabetic),
        '/' => before == '/' || after == Some('/'),
        _ => true,
    }
}

/// The first `longest` characters, and whether there are more. Never walks further than that.
fn clip(raw: &str, longest: usize) -> (&str, bool) {
    match raw.char_indices().nth(longest) {
        Some((end, _)) => (raw.get(..end).unwrap_or_default(), true),
        None => (raw, false),
    }
}

/// One line of visible, left-to-right characters: ASCII, and letters and digits of other scripts.
fn printable(raw: &str) -> Vec<char> {
    let mut shown: Vec<char> = Vec::with_capacity(raw.len());
    for c in raw.chars() {
        let c = match c {
            ' '..='~' => c,
            _ if c.is_whitespace() || c.is_control() => ' ',
            _ if c.is_alphanumeric() && !is_blank_letter(c) && !is_right_to_left(c) => c,
            _ => '?',
        };
        if c != ' ' || shown.last().is_some_and(|last| *last != ' ') {
            shown.push(c);
        }
    }
    while shown.last() == Some(&' ') {
        shown.pop();
    }
    shown
}

/// The Hangul fillers: letters to Unicode, blank to the eye.
fn is_blank_letter(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// The blocks whose letters turn the line around (Unicode Standard Annex 9, classes R and AL).
fn is_right_to_left(c: char) -> bool {
    matches!(u32::from(c), 0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff)
}

/// The ends of AWS's error codes: no top-level domain, so nothing makes a link of them.
const CODE_ENDS: [&str; 6] = ["NotFound", "Duplicate", "Malformed", "UnauthorizedOperation", "InUse", "LimitExceeded"];

/// Whether the dot at `i` could be part of a host name that a mail or chat program makes a link of.
fn is_link_dot(chars: &[char], i: usize) -> bool {
    let is_label = |c: &char| c.is_alphanumeric() || *c == '-';
    let before = i.checked_sub(1).and_then(|before| chars.get(before));
    let label: String = chars.iter().skip(i + 1).take_while(|c| is_label(c)).collect();
    let is_www = chars.get(i.saturating_sub(3)..i).is_some_and(|www| www.iter().all(|c| c.eq_ignore_ascii_case(&'w')));
    let is_domain = label.chars().next().is_some_and(char::is_alphabetic) && (is_www || label.chars().count() > 1);
    let follows_label = before.is_some_and(|c| is_label(c) || *c == '_');
    follows_label && is_domain && !CODE_ENDS.contains(&label.as_str()) && !is_service_principal(chars, i)
}

/// `ec2.amazonaws.com` and its like: one label before AWS's domain and nothing after it. Longer names (of buckets, of
/// instances) and paths are customers'.
fn is_service_principal(chars: &[char], i: usize) -> bool {
    let is_host = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let before = chars.iter().take(i).rev().take_while(|c| is_host(c)).count();
    let host: String = chars.iter().skip(i - before).take_while(|c| is_host(c)).collect();
    let after = chars.iter().skip(i - before + host.len()).take(2).copied().collect::<Vec<_>>();
    let ends = match after.as_slice() {
        [] => true,
        [':', next] => *next == ' ',
        [c, ..] => !matches!(c, '/' | '?' | '#' | '@' | '\\'),
    };
    let label = host.trim_end_matches('.').strip_suffix(".cn").unwrap_or(host.trim_end_matches('.'));
    ends && label.strip_suffix(".amazonaws.com").is_some_and(|label| !label.is_empty() && !label.contains('.'))
}

#[cfg(test)]
#[path = "escape_tests.rs"]
mod tests;
