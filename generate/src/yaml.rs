//! A part of a template as YAML again, in the style of the files: mappings in lines, short lists in one.

use parapet::template::{Content, Entry, Node};

/// No line is longer than the editors here are wide.
const WIDTH: usize = 120;

/// The lines of a mapping's entries, each behind `indent` spaces.
pub(crate) fn entries(entries: &[Entry], indent: usize) -> String {
    entries.iter().map(|entry| line(&entry.key, &entry.value, indent)).collect()
}

/// `key: value`, in as many lines as it takes.
pub(crate) fn line(key: &str, value: &Node, indent: usize) -> String {
    let start = format!("{:indent$}{}:", "", scalar(key));
    let short = flow(value);
    let fits = start.len() + 1 + short.len() <= WIDTH;
    match &value.content {
        Content::Map(inner) if !is_call(value) && !inner.is_empty() => {
            format!("{start}\n{}", entries(inner, indent + 2))
        }
        Content::List(inner) if !fits || inner.iter().any(is_structure) => {
            format!("{start}\n{}", items(inner, indent + 2))
        }
        _ => format!("{start} {short}\n"),
    }
}

/// The lines of a list's items.
pub(crate) fn items(list: &[Node], indent: usize) -> String {
    let item = |node: &Node| match &node.content {
        Content::Map(inner) if is_structure(node) || (!is_call(node) && indent + 2 + flow(node).len() > WIDTH) => {
            let lines = entries(inner, indent + 2);
            format!("{:indent$}- {}", "", lines.trim_start())
        }
        _ => format!("{:indent$}- {}\n", "", flow(node)),
    };
    list.iter().map(item).collect()
}

/// A mapping that is worth lines of its own: not a call, not an operator of a pattern such as `{ exists: false }`.
fn is_structure(node: &Node) -> bool {
    node.entries().len() > 1 && !is_call(node)
}

fn is_call(node: &Node) -> bool {
    call(node).is_some()
}

/// CloudFormation's functions in their short form.
fn call(node: &Node) -> Option<(String, &Node)> {
    let [entry] = node.entries() else { return None };
    let name = match entry.key.as_str() {
        "Ref" => "Ref",
        key => key.strip_prefix("Fn::")?,
    };
    Some((format!("!{name}"), &entry.value))
}

/// In one line.
fn flow(node: &Node) -> String {
    if let Some((name, argument)) = call(node) {
        let parts: Option<Vec<&str>> = argument.items().iter().map(Node::text).collect();
        return match (name.as_str(), parts) {
            ("!GetAtt", Some(parts)) => format!("!GetAtt {}", parts.join(".")),
            ("!Sub", _) if argument.text().is_some() => format!("!Sub {}", quoted(argument.text().unwrap_or_default())),
            _ => format!("{name} {}", flow(argument)),
        };
    }
    match &node.content {
        Content::Null => "null".to_owned(),
        Content::Bool(flag) => flag.to_string(),
        Content::Number(number) => number.to_string(),
        Content::Text(text) => scalar(text),
        Content::List(list) => format!("[{}]", list.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Content::Map(map) => {
            let inner = map.iter().map(|entry| format!("{}: {}", scalar(&entry.key), flow(&entry.value)));
            format!("{{ {} }}", inner.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Text, in quotes where YAML would read something else.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | ' ');
    let looks_like_another = matches!(text, "true" | "false" | "null" | "on" | "off" | "yes" | "no")
        || !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        || text.contains(": ")
        || text.ends_with([':', ' ']);
    if text.chars().all(is_plain) && !looks_like_another { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where its story does not hold")]

    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let text = "A: [{ anything-but: !GetAtt R.Arn }, { exists: false }]\nB: { c: [1, '1', \"2012-10-17\", 'x: y', \"*\"], d: !Sub \"${A}-x\" }\n\
                    C: [{ Sid: a, Action: [s3:GetObject] }, !If [X, { a: 1, b: [q\"] }, !Ref AWS::NoValue]]\nD: '012'\n";
        let node = Node::parse(text).unwrap();
        let written = entries(node.entries(), 4);
        let indented = format!("Top:\n{written}");
        assert_eq!(Node::parse(&indented).unwrap().get("Top").unwrap().to_value(), node.to_value(), "{written}");
    }
}
