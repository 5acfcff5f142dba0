//! Base64 of JSON, packed with gzip or not, back to its text.

use data_encoding::{BASE64, Encoding, Specification};
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};
use std::sync::LazyLock;
use thiserror::Error;

/// Whether a text can be base64 of a JSON object, a JSON list or something packed: by its length, its letters and its
/// beginning.
pub(super) fn is_likely(text: &str) -> bool {
    const SHORTEST: usize = 24;
    const LOOK: usize = 256;
    let begins = matches!(
        text.as_bytes(),
        [b'H', b'4', b's', b'I', ..]
            | [b'e', b'w'..=b'z', ..]
            | [b'W', b'w'..=b'z' | b'3', ..]
            | [b'7', b'7', b'u', b'/', ..]
    );
    begins && text.len() >= SHORTEST && text.bytes().take(LOOK).all(is_of_an_alphabet)
}

/// Packed JSON that stays packed.
#[derive(Debug, Error)]
pub(super) enum Packed {
    #[error("a packed text (base64, gzip) cannot be unpacked: {0}")]
    Gzip(#[source] io::Error),
    #[error("a packed text is larger than the {most} bytes that are read of the texts of one object")]
    TooLarge { most: usize },
}

/// The text; none when it is something else. At most `most` bytes.
///
/// # Errors
/// [`Packed`].
pub(super) fn unpacked(text: &str, most: usize) -> Result<Option<String>, Packed> {
    let Some(bytes) = decoded(text) else { return Ok(None) };
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(String::from_utf8(bytes).ok());
    }
    let mut plain = Vec::new();
    let limit = most as u64;
    let read = MultiGzDecoder::new(bytes.as_slice()).take(limit.saturating_add(1)).read_to_end(&mut plain);
    read.map_err(Packed::Gzip)?;
    if plain.len() > most {
        return Err(Packed::TooLarge { most });
    }
    Ok(String::from_utf8(plain).ok())
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    EITHER.decode(text.as_bytes()).ok()
}

/// Both alphabets of RFC 4648. Line ends and the filling at the end carry nothing.
static EITHER: LazyLock<Encoding> = LazyLock::new(|| {
    let mut either = Specification::new();
    either.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    either.translate.from.push_str("-_");
    either.translate.to.push_str("+/");
    either.ignore.push_str("=\r\n");
    either.check_trailing_bits = false;
    either.encoding().unwrap_or(BASE64)
});

fn is_of_an_alphabet(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_rfc_says() {
        for (coded, plain) in [("Zg==", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9v\r\nYmFy\n", "foobar")] {
            assert_eq!(decoded(coded).unwrap(), plain.as_bytes(), "{coded}");
        }
        assert_eq!(decoded("_-8="), decoded("/+8="));
        assert_eq!(decoded("Zm9v!"), None);
    }

    #[test]
    fn only_what_can_be_json_is_decoded() {
        for (text, expected) in [
            ("eyJldmVudE5hbWUiOiAiQSJ9eyJldmVudE5hbWUi", true),
            ("W3siZXZlbnROYW1lIjogIkEifV0KW3siZXZl", true),
            ("eyJ short", false),
            ("everything is said in plain words here", false),
            ("AKIAEXAMPLE000000001AKIAEXAMPLE", false),
        ] {
            assert_eq!(is_likely(text), expected, "{text}");
        }
    }
}
