//! Tables with a line of names, as Athena, CloudTrail Lake, CloudWatch Logs Insights and Splunk export them (RFC 4180).

use serde_json::{Map, Value};
use std::io::{self, BufReader, Bytes, Read};
use std::iter::Peekable;

/// Columns that set a table of records apart from any other text. Compared without quotes and in lower case.
const COLUMNS: &[&str] = &[
    "@message",
    "_raw",
    "cloudtrailevent",
    "event.original",
    "event_original",
    "eventdata",
    "eventjson",
    "eventname",
    "message",
    "detail",
];
const SEPARATORS: &[u8] = b",;\t";
/// The same bound as for one JSON object.
const LONGEST_ROW: usize = 64 * 1024 * 1024;

/// Whether a text that begins so is a table of records.
pub(crate) fn is_table(head: &[u8]) -> bool {
    separator(head).is_some()
}

fn separator(head: &[u8]) -> Option<u8> {
    if head.starts_with(b"{") {
        return None;
    }
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    let line = std::str::from_utf8(line).ok()?.trim().to_ascii_lowercase();
    if line.starts_with(['{', '[']) {
        return None;
    }
    let is_known = |cell: &str| COLUMNS.contains(&cell.trim().trim_matches('"'));
    SEPARATORS.iter().copied().find(|separator| line.split(char::from(*separator)).any(is_known))
}

/// Hands every row to `each`, as an object of texts by the names of the columns. What is empty is null.
///
/// # Errors
/// When the stream ends with one, a row is longer than any, or the text is no UTF-8.
pub(crate) fn rows(mut stream: impl Read, mut each: impl FnMut(Map<String, Value>)) -> io::Result<()> {
    const HEAD: u64 = 8 * 1024;
    let mut head = Vec::new();
    stream.by_ref().take(HEAD).read_to_end(&mut head)?;
    let separator = separator(&head).unwrap_or(b',');
    let mut bytes = BufReader::new(io::Cursor::new(head).chain(stream)).bytes().peekable();
    let Some(names) = row(&mut bytes, separator)? else { return Ok(()) };
    while let Some(cells) = row(&mut bytes, separator)? {
        let value = |cell: &String| if cell.is_empty() { Value::Null } else { Value::String(cell.clone()) };
        let map: Map<String, Value> =
            names.iter().zip(&cells).map(|(name, cell)| (name.trim().to_owned(), value(cell))).collect();
        if map.values().any(|value| !value.is_null()) {
            each(map);
        }
    }
    Ok(())
}

/// The cells of the next row; none at the end.
fn row<R: Read>(bytes: &mut Peekable<Bytes<R>>, separator: u8) -> io::Result<Option<Vec<String>>> {
    if bytes.peek().is_none() {
        return Ok(None);
    }
    let (mut cells, mut cell, mut length, mut is_quoted) = (Vec::new(), Vec::new(), 0_usize, false);
    while let Some(byte) = bytes.next().transpose()? {
        length += 1;
        if length > LONGEST_ROW {
            return Err(io::Error::other(format!("one row is larger than {} MB", LONGEST_ROW / 1024 / 1024)));
        }
        match byte {
            b'"' if is_quoted => {
                if bytes.next_if(|next| matches!(next, Ok(b'"'))).is_some() {
                    cell.push(b'"');
                } else {
                    is_quoted = false;
                }
            }
            b'"' if cell.is_empty() => is_quoted = true,
            _ if is_quoted => cell.push(byte),
            b'\n' => break,
            b'\r' if matches!(bytes.peek(), Some(Ok(b'\n')) | None) => {}
            _ if byte == separator => cells.push(text(std::mem::take(&mut cell))?),
            _ => cell.push(byte),
        }
    }
    cells.push(text(cell)?);
    Ok(Some(cells))
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::other("a cell is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Vec<Value> {
        let mut found = Vec::new();
        rows(text.as_bytes(), |row| found.push(Value::Object(row))).unwrap();
        found
    }

    #[test]
    fn quotes_separators_and_line_ends() {
        for text in [
            "eventname,note\n\"A \"\"b\"\", c\nd\",\n\nX,2\n",
            "\"eventname\",\"note\"\r\n\"A \"\"b\"\", c\nd\",\r\n\"X\",\"2\"",
            "eventname;note\n\"A \"\"b\"\", c\nd\";\nX;2\n",
            "eventname\tnote\n\"A \"\"b\"\", c\nd\"\t\nX\t2\n",
        ] {
            let expected =
                [json!({"eventname": "A \"b\", c\nd", "note": null}), json!({"eventname": "X", "note": "2"})];
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_table_is_known_by_its_names() {
        for (head, expected) in [
            ("eventJson\n", true),
            ("\"@timestamp\",\"@message\"\r\n", true),
            ("a,b,c\n", false),
            ("{\"eventname\": 1}\n", false),
            ("[\"eventname\"]", false),
            ("no eventname here\n", false),
            ("", false),
        ] {
            assert_eq!(is_table(head.as_bytes()), expected, "{head}");
        }
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        assert!(rows(b"eventname\n\xff\n".as_slice(), |_| {}).is_err());
    }
}
