//! Small packed files, unpacked in one go: CloudTrail's logs are such files, and many.

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// What a text may come to at most: as much as stays in a core's cache, and as a thread may keep.
const LARGEST: usize = 1024 * 1024;
/// What a header may have beside its fixed part: a name. The reader of streams knows all the rest.
const NAMED: u8 = 1 << 3;

/// Unpacks file after file with the same memory.
#[derive(Default)]
pub(super) struct Gunzip {
    text: Vec<u8>,
    inflate: Option<Decompress>,
}

impl Gunzip {
    /// The whole text. None where it is larger than what is unpacked in one go, and where anything is wrong with the file: a
    /// reader of streams says then what it is, after all that comes before.
    pub(super) fn whole(&mut self, packed: &[u8]) -> Option<&[u8]> {
        let (_, length) = packed.split_last_chunk()?;
        if u32::from_le_bytes(*length) as usize > LARGEST {
            return None;
        }
        self.text.resize(LARGEST, 0);
        let inflate = self.inflate.get_or_insert_with(|| Decompress::new(false));
        let (mut filled, mut rest) = (0, packed);
        while !rest.is_empty() {
            let body = body(rest)?;
            inflate.reset(false);
            let status = inflate.decompress(body, self.text.get_mut(filled..)?, FlushDecompress::Finish).ok()?;
            if status != Status::StreamEnd {
                return None;
            }
            let end = filled + usize::try_from(inflate.total_out()).ok()?;
            let text = self.text.get(filled..end)?;
            let (sum, behind) = body.get(usize::try_from(inflate.total_in()).ok()?..)?.split_first_chunk()?;
            let (length, behind) = behind.split_first_chunk()?;
            let mut crc = Crc::new();
            crc.update(text);
            if crc.sum() != u32::from_le_bytes(*sum) || u32::try_from(text.len()).ok()? != u32::from_le_bytes(*length) {
                return None;
            }
            (filled, rest) = (end, behind);
        }
        self.text.get(..filled)
    }
}

/// What follows the header of a member, where it is a plain one.
fn body(member: &[u8]) -> Option<&[u8]> {
    let (header, rest) = member.split_first_chunk::<10>()?;
    match header {
        [0x1f, 0x8b, 8, 0, ..] => Some(rest),
        [0x1f, 0x8b, 8, NAMED, ..] => {
            const LONGEST: usize = 1024;
            let end = rest.iter().take(LONGEST).position(|byte| *byte == 0)?;
            rest.get(end + 1..)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::MultiGzDecoder;
    use flate2::{Compression, GzBuilder, write::GzEncoder};
    use std::io::{Read, Write};

    fn packed(builder: GzBuilder, text: &[u8]) -> Vec<u8> {
        let mut packer: GzEncoder<Vec<u8>> = builder.write(Vec::new(), Compression::fast());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    /// Text that does not shrink to nothing.
    fn text(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"{}\":,abcdef01234"[(state >> 28) as usize]
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn every_sound_file_is_unpacked_as_by_the_reader_of_streams() {
        let mut gunzip = Gunzip::default();
        let builders: [fn() -> GzBuilder; 3] = [
            GzBuilder::new,
            || GzBuilder::new().filename("a.json"),
            || GzBuilder::new().filename("a").comment("b").extra("c"),
        ];
        for (at, builder) in builders.into_iter().enumerate() {
            for length in [0, 1, 100, 70_000, 600_000] {
                let text = text(length);
                let once = packed(builder(), &text);
                let is_plain = at < 2;
                assert!(gunzip.whole(&once) == is_plain.then_some(text.as_slice()), "{at} {length}");
                let twice = [once.as_slice(), &packed(GzBuilder::new(), b"more")].concat();
                let both = [text.as_slice(), b"more"].concat();
                assert!(gunzip.whole(&twice) == is_plain.then_some(both.as_slice()), "{at} {length}");
            }
        }
    }

    #[test]
    fn what_is_too_large_is_left() {
        let mut gunzip = Gunzip::default();
        let most = packed(GzBuilder::new(), &text(LARGEST));
        assert!(gunzip.whole(&most).is_some());
        assert!(gunzip.whole(&[most.as_slice(), &packed(GzBuilder::new(), b"x")].concat()).is_none());
        assert!(gunzip.whole(&packed(GzBuilder::new(), &text(LARGEST + 1))).is_none());
    }

    #[test]
    fn what_is_not_sound_is_left() {
        let text = text(5_000);
        let sound = packed(GzBuilder::new(), &text);
        let mut gunzip = Gunzip::default();
        for at in 0..sound.len() {
            assert_eq!(gunzip.whole(&sound[..at]), None, "cut at {at}");
            let mut changed = sound.clone();
            changed[at] ^= 0x10;
            // A time or a system in the header says nothing of the text.
            let mut whole = Vec::new();
            let is_read = MultiGzDecoder::new(changed.as_slice()).read_to_end(&mut whole).is_ok();
            let found = gunzip.whole(&changed);
            assert!(found.is_none_or(|found| is_read && found == whole), "changed at {at}");
            assert!(found.is_some() || !is_read || at == 3, "changed at {at}");
        }
        assert_eq!(gunzip.whole(&[sound.as_slice(), b"\0\0"].concat()), None);
        assert_eq!(gunzip.whole(&sound), Some(text.as_slice()), "and goes on");
    }
}
