//! From a file to the bytes of its text, layer by layer: the first bytes say what a layer is, never the file's name.

use super::gunzip::Gunzip;
use super::table;
use super::utf16::{Order, Utf16};
use flate2::bufread;
use flate2::read::MultiGzDecoder;
use std::fs::{File, Metadata};
use std::io::{self, BufReader, Cursor, Read, stdin};
use std::path::Path;

/// What a file turned out to be.
pub(crate) enum Form<'a> {
    /// JSON, or anything that only a reader of JSON can refuse.
    Json(Box<dyn Read + 'a>),
    /// The same, all of it.
    Whole(&'a [u8]),
    /// A table with a line of names (CSV): see [`table`].
    Table(Box<dyn Read + 'a>),
    /// What is not read, and what to do about it.
    Other(&'static str),
}

/// How much is looked at to see what a layer is: the line of names of a wide table must fit.
const HEAD: usize = 8 * 1024;
/// Logs are packed once, and sometimes twice when they were copied.
const MOST_LAYERS: usize = 8;
/// A file as small as this is read at once: CloudTrail's logs are, and all of what follows is then done in memory.
const SMALL: u64 = 1024 * 1024;
/// Unpacking reads a little at a time.
const PACKED_BLOCK: usize = 64 * 1024;

const GZIP: &[u8] = b"\x1f\x8b";
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
/// What people have and this command does not read.
const OTHERS: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip archive: unpack it first"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"BZh", "packed with bzip2: unpack it first, or pack it with gzip"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it first, or pack it with gzip"),
    (b"\xfd7zXZ\x00", "packed with xz: unpack it first, or pack it with gzip"),
    (b"PAR1", "a Parquet file: export it as JSON"),
    (b"Obj\x01", "an Avro file: export it as JSON"),
    (b"ORC", "an ORC file: export it as JSON"),
];

/// What small files are read and unpacked into, one after the other.
#[derive(Default)]
pub(crate) struct Scratch {
    file: Vec<u8>,
    gunzip: Gunzip,
}

/// Opens a file; `-` is standard input. `seen` is notified of the bytes as they are read.
///
/// # Errors
/// When the file cannot be opened, or is packed in more layers than any tool makes.
pub(crate) fn open<'a>(path: &Path, scratch: &'a mut Scratch, seen: impl Fn(u64) + 'a) -> io::Result<Form<'a>> {
    if path.as_os_str() == "-" {
        return form(Box::new(Counted { raw: stdin(), seen }), MOST_LAYERS);
    }
    let mut raw = File::open(path)?;
    let size = raw.metadata().ok().filter(Metadata::is_file).map_or(0, |about| about.len());
    if size >= SMALL || size == 0 {
        return form(Box::new(Counted { raw, seen }), MOST_LAYERS);
    }
    let Scratch { file, gunzip } = scratch;
    file.clear();
    // It may be growing.
    file.reserve(usize::try_from(size).unwrap_or_default() + 1);
    let error = raw.by_ref().take(SMALL).read_to_end(file).err();
    let file: &'a [u8] = file;
    seen(file.len() as u64);
    if error.is_some() || file.len() as u64 == SMALL {
        let rest = Failing(error).chain(Counted { raw, seen });
        return form(Box::new(file.chain(rest)), MOST_LAYERS);
    }
    if !file.starts_with(GZIP) {
        return in_memory(file, MOST_LAYERS);
    }
    match gunzip.whole(file) {
        Some(text) => in_memory(text, MOST_LAYERS - 1),
        None => form(Box::new(bufread::MultiGzDecoder::new(file)), MOST_LAYERS - 1),
    }
}

/// What a layer is.
enum Layer {
    Packed,
    Marked,
    Wide(Order),
    Other(&'static str),
    Table,
    Json,
}

impl Layer {
    fn of(head: &[u8]) -> Self {
        if head.starts_with(GZIP) {
            Self::Packed
        } else if head.starts_with(UTF8_MARK) {
            Self::Marked
        } else if let Some(order) = Order::of(head) {
            Self::Wide(order)
        } else if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
            Self::Other(what)
        } else if table::is_table(head) {
            Self::Table
        } else {
            Self::Json
        }
    }
}

/// The form of a text that was read already.
fn in_memory(text: &[u8], layers: usize) -> io::Result<Form<'_>> {
    match Layer::of(text.get(..HEAD).unwrap_or(text)) {
        Layer::Json => Ok(Form::Whole(text)),
        _ => form(Box::new(text), layers),
    }
}

fn form<'a>(mut stream: Box<dyn Read + 'a>, layers: usize) -> io::Result<Form<'a>> {
    for _ in 0..layers {
        let (head, mut whole) = peek(stream);
        stream = match Layer::of(&head) {
            Layer::Packed => Box::new(MultiGzDecoder::new(BufReader::with_capacity(PACKED_BLOCK, whole))),
            Layer::Marked => {
                whole.read_exact(&mut [0; UTF8_MARK.len()])?;
                Box::new(whole)
            }
            Layer::Wide(order) => Box::new(Utf16::new(whole, order)),
            Layer::Other(what) => return Ok(Form::Other(what)),
            Layer::Table => return Ok(Form::Table(Box::new(whole))),
            Layer::Json => return Ok(Form::Json(Box::new(whole))),
        };
    }
    Err(io::Error::other(format!("it is packed more than {MOST_LAYERS} times")))
}

/// The first bytes, and the stream with them. An error waits for its turn: what comes before it is still read.
fn peek<'a>(mut stream: Box<dyn Read + 'a>) -> (Vec<u8>, impl Read + 'a) {
    let mut head = Vec::with_capacity(HEAD);
    let error = stream.by_ref().take(HEAD as u64).read_to_end(&mut head).err();
    (head.clone(), Cursor::new(head).chain(Failing(error)).chain(stream))
}

/// Ends with an error once, where there is one.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

struct Counted<R, F> {
    raw: R,
    seen: F,
}

impl<R: Read, F: Fn(u64)> Read for Counted<R, F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.raw.read(into)?;
        (self.seen)(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn wide(text: &str, mark: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some('\u{feff}');
        mark.into_iter().chain(text.chars()).collect::<String>().encode_utf16().flat_map(unit).collect()
    }

    fn read(bytes: Vec<u8>) -> String {
        let (kind, mut stream) = match form(Box::new(Cursor::new(bytes)), MOST_LAYERS).unwrap() {
            Form::Json(stream) => ("json ", stream),
            Form::Table(stream) => ("table ", stream),
            Form::Whole(_) => panic!("it came as a stream"),
            Form::Other(what) => return what.to_owned(),
        };
        let mut text = kind.to_owned();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn every_layer_comes_off() {
        let plain = "{\"a\": \"ä𝄞\"}\r\n";
        let marked = format!("\u{feff}{plain}");
        let long = format!("{{\"a\": \"{}\"}}", "𝄞ä".repeat(9_000));
        for (bytes, expected) in [
            (plain.as_bytes().to_vec(), plain),
            (packed(plain.as_bytes()), plain),
            (packed(&packed(&packed(marked.as_bytes()))), plain),
            (marked.clone().into_bytes(), plain),
            (wide(plain, true, u16::to_le_bytes), plain),
            (wide(plain, true, u16::to_be_bytes), plain),
            (wide(plain, false, u16::to_le_bytes), plain),
            (wide(plain, false, u16::to_be_bytes), plain),
            (packed(&wide(&long, true, u16::to_le_bytes)), long.as_str()),
        ] {
            assert!(read(bytes) == format!("json {expected}"), "{:.20}", expected);
        }
        let table = "\"eventname\",\"eventtime\"\n\"x\",\"y\"\n";
        assert_eq!(read(wide(table, true, u16::to_le_bytes)), format!("table {table}"));
    }

    #[test]
    fn what_is_not_read_is_named() {
        assert!(read(b"PK\x03\x04rest".to_vec()).contains("zip archive: unpack it first"));
        assert!(read(packed(b"PAR1rest")).contains("Parquet"));
        let tower = (0..20).fold(b"{}".to_vec(), |inner, _| packed(&inner));
        assert!(form(Box::new(Cursor::new(tower)), MOST_LAYERS).is_err());
        assert_eq!(read(Vec::new()), "json ");
    }

    #[test]
    fn what_comes_before_an_error_is_read() {
        let whole = packed("x".repeat(100_000).as_bytes());
        let cut = Cursor::new(whole[..whole.len() - 4].to_vec());
        let Ok(Form::Json(mut stream)) = form(Box::new(cut), MOST_LAYERS) else {
            panic!("it is JSON, as far as its beginning shows");
        };
        let mut text = Vec::new();
        assert!(stream.read_to_end(&mut text).is_err());
        assert_eq!(text.len(), 100_000);
    }
}
