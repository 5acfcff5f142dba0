//! Which files a replay reads, and how each is opened.

use crate::failure::Failure;
use crate::terminal::Safe;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, stdin};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// A file to read and how large it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// `-` for standard input.
    pub(super) path: PathBuf,
    /// As it lies there, packed or not.
    pub(super) size: u64,
}

/// What a folder holds is read when it is named so; what is named on the command line is read whatever its name.
const ENDINGS: &[&str] = &[".json", ".json.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".gz", ".log"];
/// CloudTrail's signatures lie beside its logs and hold no records.
const DIGESTS: &str = "CloudTrail-Digest";

/// Every file under the paths, in the order of the paths and then of the names.
///
/// # Errors
/// When a path is not there: a typo must not look like a clean log.
pub(super) fn sources(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Source { path: path.clone(), size: 0 });
            continue;
        }
        let name = path.display().to_string();
        let cannot = |error: io::Error| Failure::with(format!("cannot read `{}`", Safe(&name)), error);
        let about = path.metadata().map_err(cannot)?;
        if !about.is_dir() {
            found.push(Source { path: path.clone(), size: about.len() });
            continue;
        }
        for entry in WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| cannot(error.into()))?;
            if entry.file_type().is_file() && is_log(entry.path()) {
                let size = entry.metadata().map_or(0, |about| about.len());
                found.push(Source { path: entry.into_path(), size });
            }
        }
    }
    Ok(found)
}

fn is_log(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let is_digest = path.components().any(|part| part.as_os_str() == DIGESTS);
    !is_digest && ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Opens a file; its first bytes say whether it is packed, not its name. `seen` is told of the bytes as they are read.
pub(super) fn open<'a>(path: &Path, seen: impl Fn(u64) + Send + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let raw: Box<dyn Read> = if path.as_os_str() == "-" { Box::new(stdin()) } else { Box::new(File::open(path)?) };
    let mut raw = Counted { raw, seen };
    let mut magic = Vec::with_capacity(2);
    raw.by_ref().take(2).read_to_end(&mut magic)?;
    let is_packed = magic == [0x1f, 0x8b];
    let whole = io::Cursor::new(magic).chain(raw);
    // Unpacking reads a little at a time.
    const PACKED_BLOCK: usize = 64 * 1024;
    if is_packed {
        Ok(Box::new(MultiGzDecoder::new(BufReader::with_capacity(PACKED_BLOCK, whole))))
    } else {
        Ok(Box::new(whole))
    }
}

struct Counted<F> {
    raw: Box<dyn Read>,
    seen: F,
}

impl<F: Fn(u64)> Read for Counted<F> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.raw.read(into)?;
        (self.seen)(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_logs_and_leave_the_rest() {
        for (path, expected) in [
            ("AWSLogs/1/CloudTrail/eu-west-1/2026/01/01/1_CloudTrail_eu-west-1_20260101T0000Z_x.json.gz", true),
            ("a/events.JSONL", true),
            ("a/README.md", false),
            ("AWSLogs/1/CloudTrail-Digest/eu-west-1/x.json.gz", false),
        ] {
            assert_eq!(is_log(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn a_path_that_is_not_there_is_an_error_that_names_it() {
        let error = sources(&[PathBuf::from("no/such\u{1b}folder")]).unwrap_err().to_string();
        assert!(error.starts_with("cannot read `no/such\\u{1b}folder`: "), "{error}");
    }
}
