//! Files as they lie there: packed or not, UTF-8 or UTF-16, with or without a byte order mark, JSON or a table.

mod layers;
pub(crate) mod table;
mod utf16;

pub(crate) use layers::{Form, open};

use std::io::Read;
use std::path::Path;

/// The most that a command keeps in memory of one file.
const LARGEST_TEXT: u64 = 256 * 1024 * 1024;

/// The whole text of a file; `-` is standard input.
///
/// # Errors
/// A sentence without the file's name.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    let cannot = |error: std::io::Error| format!("cannot read it: {error}");
    let stream = match open(path, |_| {}).map_err(cannot)? {
        Form::Json(stream) | Form::Table(stream) => stream,
        Form::Other(what) => return Err(format!("it is {what}")),
    };
    let mut bytes = Vec::new();
    stream.take(LARGEST_TEXT + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LARGEST_TEXT {
        return Err(format!("it is larger than {} MB", LARGEST_TEXT / 1024 / 1024));
    }
    String::from_utf8(bytes).map_err(|error| {
        format!("it is no text: byte {} is neither UTF-8 nor UTF-16", error.utf8_error().valid_up_to() + 1)
    })
}
