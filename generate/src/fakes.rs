//! The list of the fakes: each stands in its resource's folder and is built by the library's tests alone.

use crate::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: &str = "shared/src/resources";

/// The file by its path in the source tree `root`.
///
/// # Errors
/// [`Error::File`] where a folder cannot be read.
pub(crate) fn file(root: &Path) -> Result<(String, String), Error> {
    let rooms = root.join(ROOMS);
    let mut found = Vec::new();
    let mut folders = vec![rooms.clone()];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "fake.rs") {
                let room = path.strip_prefix(&rooms).ok().and_then(Path::parent);
                let names = room.into_iter().flat_map(Path::components);
                found.push(names.map(|name| name.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>());
            }
        }
    }
    found.sort();
    let mut text = "//! The fakes of all resources. `make generate` writes this file.\n".to_owned();
    for room in found {
        let (path, name) = (room.join("/"), room.join("_"));
        let _ = write!(text, "\n#[path = \"../../../src/resources/{path}/fake.rs\"]\npub mod {name};\n");
    }
    Ok(("shared/tests/all/world/fakes.rs".to_owned(), text))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |why| Error::File { path: folder.to_owned(), why };
    fs::read_dir(folder).map_err(failed)?.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}
