//! Where an object ends: the braces outside of its strings, counted sixty-four bytes at a time.

use std::ops::ControlFlow;
use wide::u8x16;

/// Bytes of which each has its bit in a word.
const CHUNK: usize = 64;

/// A scan for the end of an object that can stop at the end of a block and go on in the next.
#[derive(Debug, Default)]
pub(super) struct Braces {
    pub(super) depth: usize,
    in_string: bool,
    /// How far the object was looked at; a byte beyond the block where that is an escaped one.
    seen: usize,
    /// Whether its opening brace lies before the block.
    pub(super) is_open: bool,
}

impl Braces {
    /// The length of the object, when it ends in this block. `object` begins where it did the last time.
    pub(super) fn end(&mut self, object: &[u8]) -> Option<usize> {
        let mut at = self.seen.max(usize::from(!self.is_open));
        loop {
            let rest = object.get(at..)?;
            let step = match rest.first_chunk() {
                Some(chunk) => self.chunk(chunk),
                None => self.bytes(rest),
            };
            match step {
                ControlFlow::Break(end) => return Some(at + end),
                ControlFlow::Continue(step) => at += step,
            }
            self.seen = at;
            if at >= object.len() {
                return None;
            }
        }
    }

    /// Goes on through a chunk: to the end of the object, or as far as is done with.
    fn chunk(&mut self, chunk: &[u8; CHUNK]) -> ControlFlow<usize, usize> {
        let Marks { quotes, escapes, braces } = Marks::of(chunk);
        let (escaped, is_next_escaped) = escaped(escapes);
        // From each opening quote on, up to the closing one.
        let inside = parity(quotes & !escaped) ^ if self.in_string { u64::MAX } else { 0 };
        if escapes & !inside != 0 {
            // Outside of a string it escapes nothing.
            return self.bytes(chunk);
        }
        let mut outside = braces & !inside;
        while outside != 0 {
            let at = outside.trailing_zeros() as usize;
            self.depth = match chunk.get(at) {
                Some(b'{') => self.depth + 1,
                Some(b'}') if self.depth == 1 => return ControlFlow::Break(at + 1),
                Some(b'}') => self.depth - 1,
                Some(_) | None => self.depth,
            };
            outside &= outside - 1;
        }
        self.in_string = inside >> (CHUNK - 1) == 1;
        ControlFlow::Continue(CHUNK + usize::from(is_next_escaped))
    }

    /// The same, byte by byte.
    fn bytes(&mut self, bytes: &[u8]) -> ControlFlow<usize, usize> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' if self.in_string => at += 1,
                b'"' => self.in_string = !self.in_string,
                b'{' if !self.in_string => self.depth += 1,
                b'}' if !self.in_string && self.depth == 1 => return ControlFlow::Break(at + 1),
                b'}' if !self.in_string => self.depth -= 1,
                _ => {}
            }
            at += 1;
        }
        ControlFlow::Continue(at)
    }
}

/// Where in a chunk something stands that matters, a bit for each byte.
struct Marks {
    quotes: u64,
    escapes: u64,
    /// Every brace, and what differs from one in two bits.
    braces: u64,
}

impl Marks {
    fn of(chunk: &[u8; CHUNK]) -> Self {
        let mut marks = Self { quotes: 0, escapes: 0, braces: 0 };
        for (at, part) in chunk.as_chunks().0.iter().enumerate() {
            let part = u8x16::new(*part);
            let mark = |part: u8x16, byte: u8| u64::from(part.simd_eq(u8x16::splat(byte)).to_bitmask()) << (16 * at);
            marks.quotes |= mark(part, b'"');
            marks.escapes |= mark(part, b'\\');
            marks.braces |= mark(part | u8x16::splat(b'{' ^ b'}'), b'{' | b'}');
        }
        marks
    }
}

/// What is escaped by backslashes of which none is escaped by what comes before, and whether what comes behind is.
fn escaped(backslashes: u64) -> (u64, bool) {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    if backslashes == 0 {
        return (0, false);
    }
    let behind = backslashes << 1;
    // Added to a run that begins at an odd place, its first bit runs through to the first one behind.
    let (ends, is_next_escaped) = (backslashes & !EVEN & !behind).overflowing_add(backslashes);
    ((EVEN ^ (ends << 1)) & behind, is_next_escaped)
}

/// For each bit, whether up to it and with it there is an odd number of ones.
fn parity(bits: u64) -> u64 {
    [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |bits, by| bits ^ (bits << by))
}

#[cfg(test)]
mod tests;
