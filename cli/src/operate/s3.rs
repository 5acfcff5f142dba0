//! The policy as an object in S3: written only over the version that was read.

use super::aws;
use crate::exempt::store::{self, PolicyStore, Version};
use crate::failure::Failure;
use shared::aws::s3::{Object, Read};
use std::path::Path;
use tokio::runtime::Runtime;

/// The policy at a location: an object, or a file.
pub(super) fn open(location: Option<&Path>) -> Result<Box<dyn PolicyStore>, Failure> {
    let uri = location.and_then(Path::to_str).filter(|location| location.starts_with("s3://"));
    let Some(uri) = uri else { return store::open(location) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::with("cannot start", error))?;
    let config = runtime.block_on(aws::config());
    let object = Object::at(&config, uri).map_err(aws::failure)?;
    Ok(Box::new(ObjectStore { uri: uri.to_owned(), object, runtime }))
}

struct ObjectStore {
    uri: String,
    object: Object,
    runtime: Runtime,
}

impl PolicyStore for ObjectStore {
    fn name(&self) -> String {
        self.uri.clone()
    }

    fn read(&self) -> Result<(String, Version), Failure> {
        match self.runtime.block_on(Box::pin(self.object.read(None))).map_err(aws::failure)? {
            Read::Changed { text, etag } => Ok((text, Version(etag))),
            Read::Unchanged => Err(aws::failure(format!("`{}` answered that it has not changed", self.uri))),
        }
    }

    fn write(&self, text: &str, expected: &Version) -> Result<(), Failure> {
        let written = self.runtime.block_on(Box::pin(self.object.write(text, &expected.0))).map_err(aws::failure)?;
        if written {
            return Ok(());
        }
        Err(aws::failure(format!(
            "`{}` was changed in the meantime and was not overwritten: run the command again",
            self.uri
        )))
    }
}
