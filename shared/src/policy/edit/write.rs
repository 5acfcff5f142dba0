//! An exemption as text, in the form that its neighbours have.

use crate::policy::Exemption;
use crate::policy::edit::lines;
use crate::policy::edit::tree::{Kind, Node};
use granit_parser::ScalarStyle;
use std::fmt::Write as _;

/// How an entry in braces is laid out.
#[derive(Clone, Debug)]
pub(super) struct Braces {
    /// Keys and texts in double quotes, as JSON wants them.
    pub(super) is_quoted: bool,
    /// A blank inside the braces.
    pub(super) is_padded: bool,
    /// Where each key has its own line: what the keys and the closing brace are indented with.
    pub(super) spread: Option<(String, String)>,
}

impl Braces {
    /// Those of an entry that is there; nothing where it is written otherwise.
    pub(super) fn of(text: &str, item: &Node) -> Option<Self> {
        let Kind::Mapping { is_flow: true, pairs } = &item.kind else { return None };
        let (key, _) = pairs.first()?;
        let close = item.range.end.checked_sub(1)?;
        let is_spread = text.get(item.start..key.range.start)?.contains('\n');
        Some(Self {
            is_quoted: lines::after(text, key.range.start).starts_with('"'),
            is_padded: lines::after(text, item.start + 1).starts_with(' '),
            spread: is_spread
                .then(|| [key.range.start, close].map(|at| lines::indentation(text, at).to_owned()).into()),
        })
    }

    /// Those of a file's first entry: as JSON has them or with a blank inside.
    pub(super) fn usual(is_json: bool) -> Self {
        Self { is_quoted: is_json, is_padded: !is_json, spread: None }
    }

    /// The entry from brace to brace.
    pub(super) fn write(&self, exemption: &Exemption, line_break: &str) -> String {
        let (open, between, close) = match &self.spread {
            Some((keys, brace)) => {
                (format!("{line_break}{keys}"), format!(",{line_break}{keys}"), format!("{line_break}{brace}"))
            }
            None => {
                let pad = if self.is_padded { " " } else { "" };
                (pad.to_owned(), ", ".to_owned(), pad.to_owned())
            }
        };
        let pairs = fields(exemption).into_iter().map(|(key, value)| {
            if self.is_quoted {
                format!("\"{key}\": {}", quoted(&value))
            } else {
                format!("{key}: {}", plain(key, &value))
            }
        });
        format!("{{{open}{}{close}}}", pairs.collect::<Vec<_>>().join(&between))
    }
}

/// The entry as lines behind a dash: `gap` columns from the dash to the keys.
pub(super) fn block(exemption: &Exemption, indent: usize, gap: usize, line_break: &str) -> String {
    let mut out = String::new();
    for (number, (key, value)) in fields(exemption).into_iter().enumerate() {
        let dash = if number == 0 { "-" } else { "" };
        let _ = write!(out, "{:indent$}{dash:<gap$}{key}: {}{line_break}", "", plain(key, &value));
    }
    out
}

/// A text in the style of the one that it takes the place of.
pub(super) fn instead(key: &str, value: &str, style: ScalarStyle) -> String {
    match style {
        ScalarStyle::DoubleQuoted => quoted(value),
        ScalarStyle::SingleQuoted if !value.contains('\'') && !value.chars().any(needs_escape) => format!("'{value}'"),
        _ => plain(key, value),
    }
}

/// What is said of an exemption, in the order of the documentation.
pub(super) fn fields(exemption: &Exemption) -> Vec<(&'static str, String)> {
    let guardrail = exemption.guardrail.as_str();
    let all = [
        ("guardrail", Some(guardrail.to_owned())),
        ("resource", Some(exemption.resource.clone())),
        ("account", exemption.account.as_ref().map(|account| account.as_str().to_owned())),
        ("actor", exemption.actor.clone()),
        ("reason", Some(exemption.reason.as_str().to_owned())),
        ("owner", Some(exemption.owner.as_str().to_owned())),
        ("expires", Some(exemption.expires.to_string())),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// Without quotes where every reader of YAML takes it for this text, in braces too.
fn plain(key: &str, value: &str) -> String {
    // A day or a time needs none: its reader wants nothing else.
    if key == "expires" || is_plain(value) { value.to_owned() } else { quoted(value) }
}

fn is_plain(value: &str) -> bool {
    /// What some version of YAML reads as something else.
    const WORDS: [&str; 11] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    let is_word = WORDS.iter().any(|word| value.eq_ignore_ascii_case(word));
    value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || " _./@+-;()".contains(c))
        && !value.ends_with(' ')
        && !is_word
}

/// In double quotes, which YAML and JSON read alike.
fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if needs_escape(c) => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What YAML takes for a line break or refuses, and what a reader of the file does not see.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}')
}
