//! UTF-16 to UTF-8, block by block: Windows PowerShell writes its redirections so.

use std::io::{self, Read};

/// Which byte of a unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// The low one.
    Little,
    /// The high one.
    Big,
}

impl Order {
    /// The order of a text that begins so, when it is UTF-16: by its mark, else by the zeros of what everybody begins with.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, ..] => Some(Self::Little),
            [0xfe, 0xff, ..] => Some(Self::Big),
            [1..=127, 0, 1..=127, 0, ..] => Some(Self::Little),
            [0, 1..=127, 0, 1..=127, ..] => Some(Self::Big),
            _ => None,
        }
    }
}

/// A stream of UTF-16, read as UTF-8 without its mark.
pub(super) struct Utf16<R> {
    raw: R,
    order: Order,
    /// Bytes of a unit, or of half a pair, that the next block completes.
    rest: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
    is_begun: bool,
}

const BLOCK: usize = 64 * 1024;

impl<R: Read> Utf16<R> {
    pub(super) fn new(raw: R, order: Order) -> Self {
        Self { raw, order, rest: Vec::new(), ready: Vec::new(), at: 0, is_begun: false }
    }

    /// The next block, decoded; false at the end.
    fn next(&mut self) -> io::Result<bool> {
        let mut bytes = std::mem::take(&mut self.rest);
        let had = bytes.len();
        self.raw.by_ref().take(BLOCK as u64).read_to_end(&mut bytes)?;
        let is_end = bytes.len() == had;
        if bytes.is_empty() {
            return Ok(false);
        }
        let unit = |pair: &[u8; 2]| match self.order {
            Order::Little => u16::from_le_bytes(*pair),
            Order::Big => u16::from_be_bytes(*pair),
        };
        let (pairs, odd) = bytes.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(unit).collect();
        let mut rest = odd.to_vec();
        // The second half of a pair may stand in the next block.
        if !is_end && let Some(high) = units.pop_if(|unit| (0xd800..0xdc00).contains(unit)) {
            let bytes = if self.order == Order::Little { high.to_le_bytes() } else { high.to_be_bytes() };
            rest.splice(..0, bytes);
        }
        let mark = usize::from(!std::mem::replace(&mut self.is_begun, true) && units.first() == Some(&0xfeff));
        let text = char::decode_utf16(units.into_iter().skip(mark)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
        let mut text: String = text.collect();
        if is_end {
            text.extend((!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER));
        } else {
            self.rest = rest;
        }
        (self.ready, self.at) = (text.into_bytes(), 0);
        Ok(true)
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() {
            if !self.next()? {
                return Ok(0);
            }
        }
        let read = self.ready.get(self.at..).unwrap_or_default().read(into)?;
        self.at += read;
        Ok(read)
    }
}
