//! Where the policy lies: it is read with what identifies its state, and written only over that state.

use crate::failure::Failure;
use crate::terminal::Safe;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What identifies a state of a policy: a hash of a file, the ETag of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub String);

/// A policy that can be read and written.
pub trait PolicyStore {
    /// Its name, for messages.
    fn name(&self) -> String;

    /// The text and its state.
    ///
    /// # Errors
    /// When it cannot be read, or is no text.
    fn read(&self) -> Result<(String, Version), Failure>;

    /// Writes all of the text or nothing.
    ///
    /// # Errors
    /// When it cannot be written, or is not in the state `expected` any more.
    fn write(&self, text: &str, expected: &Version) -> Result<(), Failure>;
}

/// The file that commands change when none is named: the one of the checkout.
pub const USUAL: &str = "policy/parapet.yaml";

/// The policy at a location, else at the usual one.
///
/// # Errors
/// When none is named and none is at the usual place, or this build cannot reach it.
pub fn open(location: Option<&Path>) -> Result<Box<dyn PolicyStore>, Failure> {
    let path = match location {
        Some(path) => path,
        None if Path::new(USUAL).is_file() => Path::new(USUAL),
        None => {
            return Err(Failure::new(format!("there is no `{USUAL}` here: name the policy file with `--policy FILE`")));
        }
    };
    #[cfg(not(feature = "aws"))]
    if path.to_str().is_some_and(|path| path.starts_with("s3://")) {
        let name = path.display().to_string();
        return Err(Failure::new(format!(
            "cannot read `{}`: this build has no AWS SDK in it and reads files only: {}, or fetch a copy with `aws s3 cp`",
            Safe(&name),
            crate::operate::WITH_AWS
        )));
    }
    Ok(Box::new(FileStore { path: path.to_owned() }))
}

struct FileStore {
    path: PathBuf,
}

impl FileStore {
    fn failure(&self, what: &str) -> String {
        format!("cannot {what} `{}`", Safe(&self.name()))
    }
}

impl PolicyStore for FileStore {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn read(&self) -> Result<(String, Version), Failure> {
        let text = fs::read_to_string(&self.path).map_err(|error| Failure::with(self.failure("read"), error))?;
        let version = Version(HEXLOWER.encode(&Sha256::digest(&text)));
        Ok((text, version))
    }

    /// Through a file beside it that takes its place: a reader meanwhile sees the one or the other. What a link
    /// points to is replaced, not the link.
    fn write(&self, text: &str, expected: &Version) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::with(self.failure("write"), error);
        let target = fs::canonicalize(&self.path).map_err(failed)?;
        let permissions = fs::metadata(&target).map_err(failed)?.permissions();
        if permissions.readonly() {
            return Err(Failure::new(format!("{}: it is read-only", self.failure("write"))));
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = target.with_file_name(format!(".{name}.{}.new", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&beside).map_err(failed)?;
        let written = fill(&mut file, text, permissions).map_err(failed).and_then(|()| {
            // As late as can be. A file system has no way to do this and the renaming at once.
            if self.read()?.1 != *expected {
                return Err(Failure::new(format!(
                    "`{}` was changed in the meantime: nothing was written, run the command again",
                    Safe(&self.name())
                )));
            }
            fs::rename(&beside, &target).map_err(failed)
        });
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

/// The permissions come first: no one may read the new file who could not read the old one.
fn fill(file: &mut File, text: &str, permissions: fs::Permissions) -> std::io::Result<()> {
    file.set_permissions(permissions)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str, text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("parapet-store-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("p.yaml"), text).unwrap();
        folder
    }

    #[test]
    fn a_file_that_another_process_changed_is_left_as_it_is() {
        let folder = at("changed", "one");
        let path = folder.join("p.yaml");
        let store = open(Some(&path)).unwrap();
        let (_, version) = store.read().unwrap();
        fs::write(&path, "two").unwrap();
        let error = store.write("three", &version).unwrap_err().to_string();
        assert!(error.contains("changed in the meantime"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_its_file_s_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = at("link", "one");
        let (path, link) = (folder.join("p.yaml"), folder.join("link.yaml"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("p.yaml", &link).unwrap();
        let store = open(Some(&link)).unwrap();
        let (_, version) = store.read().unwrap();
        store.write("two", &version).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        let (_, version) = store.read().unwrap();
        assert!(store.write("three", &version).unwrap_err().to_string().ends_with("it is read-only"));
        fs::remove_dir_all(folder).unwrap();
    }

    /// What is built with the SDKs opens it (`operate::open`).
    #[cfg(not(feature = "aws"))]
    #[test]
    fn an_object_in_s3_is_out_of_reach() {
        let error = open(Some(Path::new("s3://bucket/parapet.yaml"))).err().unwrap().to_string();
        assert!(error.contains("`s3://bucket/parapet.yaml`"), "{error}");
    }
}
