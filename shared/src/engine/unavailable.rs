//! A service that did not do what it was asked.

use std::error::Error;
use std::sync::Arc;
use thiserror::Error as ThisError;

/// The error of the service's client: its text is a sentence for a person.
#[derive(Clone, Debug, ThisError)]
#[error(transparent)]
pub struct Unavailable(Arc<dyn Error + Send + Sync>);

impl Unavailable {
    /// By this error of a client.
    #[must_use]
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(cause.into()))
    }
}
