//! From a stream of JSON to its records, without parsing them.
//!
//! A log file is one object with a list (`{"Records": [...]}`), a list, or objects one after the other (JSON lines,
//! envelopes, pretty-printed or not). A record is cut out by counting braces outside of strings: most records are of no
//! interest to any guardrail and are never parsed. Never more than one record and one block are in memory.

mod braces;

use braces::Braces;
use memchr::memchr;
use std::io::{self, Read};

/// How much to read at a time: small enough to stay in a core's cache between unpacking and scanning.
const BLOCK: usize = 256 * 1024;
/// CloudTrail cuts records at 256 KB; whatever is as large as this is something else.
const LARGEST: usize = 64 * 1024 * 1024;

/// What a stream held beside its records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Bytes, unpacked.
    pub(super) bytes: u64,
    /// Objects: records, or what wraps them.
    pub(super) objects: u64,
    /// Lines that are no JSON object.
    pub(super) strays: u64,
    /// Why it could not be read to its end.
    pub(super) broken: Option<String>,
}

impl Contents {
    /// The stream is at its end, with so many bytes left over.
    fn end(&mut self, at: At, left: usize) {
        if self.broken.is_none() && (left > 0 || matches!(at, At::List { .. })) {
            self.broken = Some("the file ends in the middle of a record".to_owned());
        }
    }
}

/// Where in the document the scan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Between documents.
    Top,
    /// Inside the list of records; an object around it ends after it.
    List { is_wrapped: bool },
    /// Behind the list, in what is left of the object around it.
    Tail,
}

/// Cuts streams one after the other, with one buffer for all of them.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    buffer: Vec<u8>,
}

impl Splitter {
    /// Hands every record of the stream to `each`.
    pub(super) fn records(&mut self, mut stream: impl Read, mut each: impl FnMut(&[u8])) -> Contents {
        let mut done = Contents::default();
        let mut at = At::Top;
        let mut object = Braces::default();
        let mut filled = 0;
        loop {
            if self.buffer.len() < filled + BLOCK {
                self.buffer.resize(filled + BLOCK, 0);
            }
            let read = match fill(&mut stream, self.buffer.get_mut(filled..filled + BLOCK).unwrap_or_default()) {
                Ok(read) => read,
                Err((read, error)) => {
                    done.broken = Some(error.to_string());
                    read
                }
            };
            filled += read;
            done.bytes += read as u64;
            // A block that is not full is the last one.
            let is_end = read < BLOCK || done.broken.is_some();
            let block = self.buffer.get(..filled).unwrap_or_default();
            let used = cut(block, &mut at, &mut object, is_end, &mut done, &mut each);
            self.buffer.copy_within(used..filled, 0);
            filled -= used;
            if is_end {
                done.end(at, filled);
                return done;
            }
            if filled > LARGEST {
                done.broken = Some(format!("one object is larger than {} MB", LARGEST / 1024 / 1024));
                return done;
            }
        }
    }
}

/// Hands every record of a text that lies in memory to `each`.
pub(super) fn whole(text: &[u8], mut each: impl FnMut(&[u8])) -> Contents {
    let mut done = Contents { bytes: text.len() as u64, ..Contents::default() };
    let mut at = At::Top;
    let used = cut(text, &mut at, &mut Braces::default(), true, &mut done, &mut each);
    done.end(at, text.len() - used);
    done
}

/// Fills the block, so that a slow source does not mean many small scans.
fn fill(stream: &mut impl Read, block: &mut [u8]) -> Result<usize, (usize, io::Error)> {
    let mut filled = 0;
    while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match stream.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((filled, error)),
        }
    }
    Ok(filled)
}

/// Cuts the whole records out of the block and answers how much of it is done with.
fn cut(
    block: &[u8],
    at: &mut At,
    object: &mut Braces,
    is_end: bool,
    done: &mut Contents,
    each: &mut impl FnMut(&[u8]),
) -> usize {
    let mut used = 0;
    while let Some(rest) = block.get(used..) {
        // Inside a record that the last block began.
        if object.depth > 0 {
            match object.end(rest) {
                Some(end) => {
                    done.objects += 1;
                    each(rest.get(..end).unwrap_or_default());
                    *object = Braces::default();
                    used += end;
                }
                None => return used,
            }
            continue;
        }
        let Some(start) = rest.iter().position(|byte| !is_space(*byte)) else { return block.len() };
        let (first, here) = (rest.get(start).copied().unwrap_or_default(), rest.get(start..).unwrap_or_default());
        used += start;
        match (*at, first) {
            (At::Top, b'{') => match head(here) {
                Head::List(length) => {
                    *at = At::List { is_wrapped: true };
                    used += length;
                }
                Head::TooShort if !is_end => return used,
                Head::TooShort | Head::Object => object.depth = 1,
            },
            (At::Top, b'[') => {
                *at = At::List { is_wrapped: false };
                used += 1;
            }
            (At::List { .. }, b'{') => object.depth = 1,
            (At::List { is_wrapped }, b']') => {
                *at = if is_wrapped { At::Tail } else { At::Top };
                used += 1;
            }
            (At::List { .. } | At::Top, b',') => used += 1,
            (At::Tail, _) => {
                // The rest of the object: at most a few small fields.
                object.depth = 1;
                object.is_open = true;
                match object.end(here) {
                    Some(end) => {
                        *at = At::Top;
                        used += end;
                        *object = Braces::default();
                    }
                    None => {
                        *object = Braces::default();
                        return used;
                    }
                }
            }
            (At::Top | At::List { .. }, _) => {
                // A byte order mark, or a line of something else: the next line may be a record again.
                if let Some(tail) = here.strip_prefix(b"\xef\xbb\xbf") {
                    used += here.len() - tail.len();
                    continue;
                }
                match memchr(b'\n', here) {
                    Some(end) => used += end + 1,
                    None if is_end => used = block.len(),
                    None => return used,
                }
                done.strays += 1;
            }
        }
    }
    used
}

enum Head {
    /// `{"Records":[`, this long.
    List(usize),
    Object,
    /// It could still become either.
    TooShort,
}

fn head(object: &[u8]) -> Head {
    let mut at = 1;
    for part in [b"\"Records\"".as_slice(), b":", b"["] {
        let rest = object.get(at..).unwrap_or_default();
        let rest_at = rest.iter().position(|byte| !is_space(*byte)).unwrap_or(rest.len());
        let rest = rest.get(rest_at..).unwrap_or_default();
        if rest.starts_with(part) {
            at += rest_at + part.len();
        } else if part.starts_with(rest) {
            return Head::TooShort;
        } else {
            return Head::Object;
        }
    }
    Head::List(at)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

#[cfg(test)]
mod tests;
