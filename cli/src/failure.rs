//! Why a command could not run: exit status 2, one line that says what was tried.

use std::error::Error;
use std::fmt;
use std::io;

/// See the module. The cause comes after a colon.
#[derive(Debug)]
pub struct Failure {
    what: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
    is_broken_pipe: bool,
}

/// What a command answers: its exit status, or why it could not run.
pub type CommandResult = Result<std::process::ExitCode, Failure>;

impl Failure {
    /// A failure without a further cause.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), cause: None, is_broken_pipe: false }
    }

    /// A failure with its cause.
    pub fn with(what: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { what: what.into(), cause: Some(cause.into()), is_broken_pipe: false }
    }

    /// Whether only the reader of the output has gone (`| head`): nothing to complain about, and nothing that is clean.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        self.is_broken_pipe
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let is_broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        Self { what: "cannot write the output".to_owned(), cause: Some(error.into()), is_broken_pipe }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        let mut cause = self.cause.as_deref().map(|cause| cause as &dyn Error);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl Error for Failure {}
