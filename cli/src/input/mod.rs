//! Files as they lie there: packed or not, UTF-8 or UTF-16, with or without a byte order mark, JSON or a table.

mod gunzip;
mod layers;
pub(crate) mod table;
mod utf16;

pub(crate) use layers::{Form, Scratch, open};

use std::io::{self, Read};
use std::path::Path;
use std::string::FromUtf8Error;
use thiserror::Error;

/// The most that a command keeps in memory of one file.
const LARGEST_TEXT: u64 = 256 * 1024 * 1024;

/// A file that has no text. The sentence does not name the file.
#[derive(Debug, Error)]
pub(crate) enum NoText {
    #[error("cannot read it: {0}")]
    Unread(#[source] io::Error),
    #[error("it is {0}")]
    Other(&'static str),
    #[error("it is larger than {} MB", LARGEST_TEXT / 1024 / 1024)]
    TooLarge,
    #[error("it is no text: byte {} is neither UTF-8 nor UTF-16", .0.utf8_error().valid_up_to() + 1)]
    Bytes(#[source] FromUtf8Error),
}

/// The whole text of a file; `-` is standard input.
///
/// # Errors
/// [`NoText`].
pub(crate) fn text(path: &Path) -> Result<String, NoText> {
    let mut scratch = Scratch::default();
    let stream = match open(path, &mut scratch, |_| {}).map_err(NoText::Unread)? {
        Form::Json(stream) | Form::Table(stream) => stream,
        Form::Whole(text) => Box::new(text),
        Form::Other(what) => return Err(NoText::Other(what)),
    };
    let mut bytes = Vec::new();
    stream.take(LARGEST_TEXT + 1).read_to_end(&mut bytes).map_err(NoText::Unread)?;
    if bytes.len() as u64 > LARGEST_TEXT {
        return Err(NoText::TooLarge);
    }
    String::from_utf8(bytes).map_err(NoText::Bytes)
}
