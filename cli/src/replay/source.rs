//! Which files a replay reads.

use crate::failure::Failure;
use crate::terminal::Safe;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// A file to read and how large it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// `-` for standard input.
    pub(super) path: PathBuf,
    /// As it lies there, packed or not.
    pub(super) size: u64,
    /// Which path of the command line it came from.
    pub(super) argument: usize,
}

/// What the paths hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sources {
    /// What to read.
    pub(super) files: Vec<Source>,
    /// What each folder of the command line holds beside, by its place there.
    pub(super) passed_over: Vec<PassedOver>,
}

/// Files of one path of the command line that are no logs, by their names and their beginnings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PassedOver {
    pub(super) files: u64,
    /// `.txt`, `.md`; the name where there is no ending.
    pub(super) endings: BTreeSet<String>,
}

/// What a folder holds is read when it is named so, or begins like a log (Firehose writes files without an ending); what is
/// named on the command line is read whatever its name.
const ENDINGS: &[&str] = &[".json", ".jsonl", ".ndjson", ".gz", ".log", ".csv", ".zip"];
/// How many endings to remember of what was passed over.
const FEW: usize = 8;
/// CloudTrail's signatures lie beside its logs and hold no records.
const DIGESTS: &str = "CloudTrail-Digest";

/// Every file under the paths, in the order of the paths and then of the names.
///
/// # Errors
/// When a path is not there: a typo must not look like a clean log.
pub(super) fn sources(paths: &[PathBuf]) -> Result<Sources, Failure> {
    let mut found = Sources { passed_over: vec![PassedOver::default(); paths.len()], ..Sources::default() };
    for (argument, path) in paths.iter().enumerate() {
        if path.as_os_str() == "-" {
            found.files.push(Source { path: path.clone(), size: 0, argument });
            continue;
        }
        let name = path.display().to_string();
        let cannot = |error: io::Error| Failure::with(format!("cannot read `{}`", Safe(&name)), error);
        let about = path.metadata().map_err(cannot)?;
        if !about.is_dir() {
            found.files.push(Source { path: path.clone(), size: about.len(), argument });
            continue;
        }
        for entry in WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| cannot(error.into()))?;
            if entry.file_type().is_dir() || is_digest(entry.path()) {
                continue;
            }
            // What a link leads to is read when it is a file: folders could lead back here.
            let is_file = if entry.path_is_symlink() { entry.path().is_file() } else { entry.file_type().is_file() };
            if is_file && (is_log(entry.path()) || begins_like_a_log(entry.path())) {
                let size = entry.metadata().map_or(0, |about| about.len());
                found.files.push(Source { path: entry.into_path(), size, argument });
            } else if let Some(passed_over) = found.passed_over.get_mut(argument) {
                passed_over.add(entry.path());
            }
        }
    }
    Ok(found)
}

impl PassedOver {
    fn add(&mut self, path: &Path) {
        self.files += 1;
        let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy()));
        let ending = ending.or_else(|| path.file_name().map(|name| name.to_string_lossy().into_owned()));
        if self.endings.len() < FEW {
            self.endings.extend(ending);
        }
    }
}

fn is_log(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn is_digest(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == DIGESTS)
}

/// Whether it begins with JSON, a packed file, or the mark of UTF-16. What cannot be opened is read, to be named.
fn begins_like_a_log(path: &Path) -> bool {
    const HEAD: u64 = 64;
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
    let marks: [&[u8]; 5] = [b"{\"", b"[{", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff"];
    let is_object =
        text.first() == Some(&b'{') && text.get(1..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\""));
    read.is_err() || is_object || marks.iter().any(|mark| text.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_give_logs_and_leave_the_rest() {
        for (path, expected) in [
            ("AWSLogs/1/CloudTrail/eu-west-1/2026/01/01/1_CloudTrail_eu-west-1_20260101T0000Z_x.json.gz", true),
            ("a/events.JSONL", true),
            ("a/athena.csv", true),
            ("a/README.md", false),
        ] {
            assert_eq!(is_log(Path::new(path)), expected, "{path}");
        }
        assert!(is_digest(Path::new("AWSLogs/1/CloudTrail-Digest/eu-west-1/x.json.gz")));
    }

    #[test]
    fn what_has_no_known_ending_is_known_by_its_beginning() {
        let at = std::env::temp_dir().join(format!("parapet-sources-{}", std::process::id()));
        std::fs::create_dir_all(&at).unwrap();
        for (name, text) in [
            ("stream-1-2026-01-01-00-00-00-x", "{\"Records\": []}".as_bytes()),
            ("a.txt", b"\xef\xbb\xbf [{}]"),
            ("b.bak", b"\x1f\x8b\x08"),
            ("notes.md", b"# {\"a\"}"),
            ("main.tf", b"{ a"),
            ("Makefile", b"all:"),
        ] {
            std::fs::write(at.join(name), text).unwrap();
        }
        let found = sources(std::slice::from_ref(&at)).unwrap();
        std::fs::remove_dir_all(&at).unwrap();
        let names: Vec<_> = found.files.iter().filter_map(|file| file.path.file_name()?.to_str()).collect();
        assert_eq!(names, ["a.txt", "b.bak", "stream-1-2026-01-01-00-00-00-x"]);
        let endings = [".md", ".tf", "Makefile"].map(str::to_owned);
        assert_eq!(found.passed_over, [PassedOver { files: 3, endings: endings.into() }]);
    }

    #[test]
    fn a_path_that_is_not_there_is_an_error_that_names_it() {
        let error = sources(&[PathBuf::from("no/such\u{1b}folder")]).unwrap_err().to_string();
        assert!(error.starts_with("cannot read `no/such\\u{1b}folder`: "), "{error}");
    }
}
